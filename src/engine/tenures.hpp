#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/storage/leases.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::engine {

struct TenureTiming {
    /// Renewed so often.
    base::Duration beat_every = std::chrono::seconds(3);
    /// A node that could not renew for so long stops by itself, before anybody else may begin.
    base::Duration give_up_after = std::chrono::seconds(9);
    /// A lease that stood still for so long is taken.
    base::Duration take_after = std::chrono::seconds(15);
};
/// In the same proportions, for leases of this length.
[[nodiscard]] constexpr TenureTiming timing_of(base::Duration lease)
{
    return {.beat_every = lease / 5, .give_up_after = lease * 3 / 5, .take_after = lease};
}

/// Something that exactly one node does at a time.
struct Duty {
    std::string name;
    /// This node does it from now on, with this database: its units fail once another node has taken over.
    std::function<void(std::shared_ptr<storage::Database>)> begin;
    /// Comes back when nothing of it begins any more.
    std::function<boost::asio::awaitable<void>()> end;
    /// It writes much: its units take their turn with those of other nodes.
    bool takes_turns = false;
};

/// Whether a node of this machine lives, by the leases of nodes, which are called MACHINE/….
[[nodiscard]] bool lives_on(storage::Transaction& tx, std::string_view machine);

/// Shares duties out among equal nodes: each holds a lease for what it does and no more than its share; what a node gives
/// back, or no longer renews, another takes.
class Tenures {
public:
    /// @param node  a name that no other node has.
    Tenures(boost::asio::any_io_executor executor, storage::Database& db, base::Clock& clock, std::string node, std::vector<Duty> duties,
            TenureTiming timing = {});

    boost::asio::awaitable<void> run(); ///< until stop()
    /// Ends all duties and gives their leases back, so that the others need not wait.
    boost::asio::awaitable<void> stop();
    [[nodiscard]] bool holds(const std::string& duty) const { return held_.contains(duty); }

private:
    struct Watched {
        storage::Lease lease;
        base::Duration since{}; ///< since boot
    };
    struct Beat {
        std::vector<storage::Lease> all;
        std::vector<std::string> lost;
    };
    boost::asio::awaitable<void> beat();
    boost::asio::awaitable<base::Result<Beat>> renew();
    boost::asio::awaitable<void> lose(std::string duty, bool give_back);
    boost::asio::awaitable<void> take(const Duty& duty, std::optional<storage::Lease> seen);
    void watch(const std::vector<storage::Lease>& all, base::Duration now);
    [[nodiscard]] std::size_t share() const;
    [[nodiscard]] std::optional<storage::Lease> seen_of(const std::string& name) const;
    [[nodiscard]] bool stands_still(const std::string& name) const;
    [[nodiscard]] std::vector<storage::Lease> of_gone_nodes() const;

    storage::Database& db_;
    base::Clock& clock_;
    const std::string node_;
    const std::vector<Duty> duties_;
    const TenureTiming timing_;
    boost::asio::any_io_executor executor_;
    base::Signal signal_;
    std::map<std::string, storage::Lease> held_;
    std::map<std::string, Watched> watched_;
    base::Duration renewed_{}; ///< since boot, when the last renewal that succeeded began
    bool stopping_ = false;
    bool running_ = false;
};

} // namespace sportello::engine
