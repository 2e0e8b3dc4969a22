#pragma once

#include <sportello/storage/database.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who does what only one node may do: poll a channel, publish, keep the clockwork. No clock of any node is trusted for it: a
/// holder renews its lease, and who wants it watches for so long by a clock of its own whether that still happens.
namespace sportello::storage {

struct Lease {
    std::string name;
    std::string holder;     ///< a node; empty: given back
    std::int64_t epoch = 0; ///< rises with each change of hands
    std::int64_t beat = 0;  ///< rises with each renewal
    friend bool operator==(const Lease&, const Lease&) = default;
};

std::vector<Lease> all_leases(Transaction& tx);
std::optional<Lease> find_lease(Transaction& tx, std::string_view name);
/// Takes a lease that nobody holds, or that is still as it was `seen`. @return the lease as it is now, nothing when it was renewed or
/// taken meanwhile.
std::optional<Lease> take_lease(Transaction& tx, std::string_view name, std::string_view node, const std::optional<Lease>& seen);
/// @return whether it was still held.
bool renew_lease(Transaction& tx, const Lease& held);
void give_lease_back(Transaction& tx, const Lease& held);
/// Of a node that is gone; nothing happens when it has been renewed since it was `seen`.
void drop_lease(Transaction& tx, const Lease& seen);
bool holds_lease(Transaction& tx, const Lease& held);

/// Called out to the other nodes with the commit, see Database::on_call. Who does not listen just then never hears of it.
void call_nodes(Transaction& tx, std::string_view words);

/// A database whose every unit first asks whether the lease is still held, in the same transaction: what a node began before it
/// stood still does no harm when it wakes.
class FencedDatabase final : public Database {
public:
    /// @param takes_turns  its writing units take their turn (claims.hpp): for what writes much. What writes little waits for nobody.
    FencedDatabase(Database& inner, Lease lease, bool takes_turns) : inner_(inner), lease_(std::move(lease)), takes_turns_(takes_turns) {}

    /// Not fenced: the inner database's listeners are told.
    void on_commit(std::function<void()> callback) override;

protected:
    boost::asio::awaitable<void> perform_work(Work& work, bool writes) override;
    void run_now(Work& work, bool writes) override;

private:
    [[nodiscard]] Work fenced(Work& work, bool writes) const;

    Database& inner_;
    Lease lease_;
    bool takes_turns_;
};

} // namespace sportello::storage
