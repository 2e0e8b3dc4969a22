#pragma once

#include <sportello/domain/assignment.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// Who is on shift, with what they have open, as it stands in one transaction.
struct Pool {
    explicit Pool(storage::Transaction& tx);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Those of `brands` for which somebody has room: tickets of the others must not fill a batch.
    [[nodiscard]] std::vector<std::string> brands_with_room(const std::vector<std::string>& brands) const;

    std::vector<domain::Agent> agents;
    std::vector<domain::PoolMember> members; ///< of the agents
};

/// Whether tickets of a brand are handed out by themselves at this time.
[[nodiscard]] bool hands_out_now(const Settings& settings, std::string_view brand, base::Instant now);

/// Gives new tickets to somebody while they are opened, in the same transaction: most tickets are then written once. As long
/// as others of the brand wait, a new one waits behind them.
class AtOnce {
public:
    AtOnce(storage::Transaction& tx, const Settings& settings, base::Instant now) : tx_(tx), settings_(settings), now_(now) {}

    /// @return to whom, or nothing: then it waits. Every ticket of the transaction is asked about, in order.
    std::optional<domain::Assignment> assign(const domain::Ticket& ticket);

private:
    [[nodiscard]] bool first_of_its_brand(const std::string& brand);

    storage::Transaction& tx_;
    const Settings& settings_;
    base::Instant now_;
    std::optional<Pool> pool_;
    std::optional<domain::Distributor> distributor_;
    std::map<std::string, bool, std::less<>> nothing_waits_; ///< by brand
};

} // namespace sportello::engine
