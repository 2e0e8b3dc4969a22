#pragma once

#include "staff.hpp"

#include <sportello/domain/assignment.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// Who is there and gets work, with what they have open, as it stands in one transaction.
struct Pool {
    Pool(storage::Transaction& tx, const Settings& settings, base::Instant now);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Those of `brands` for which somebody has room: tickets of the others must not fill a batch.
    [[nodiscard]] std::vector<std::string> brands_with_room(const std::vector<std::string>& brands) const;
    [[nodiscard]] domain::Distributor distributor() const;

    const Settings& settings;
    std::vector<StaffMember> staff;
    std::vector<domain::PoolMember> members; ///< of the staff
    std::optional<domain::AgentId> last_turn;
};

/// Whether tickets of a brand are handed out by themselves at this time.
[[nodiscard]] bool hands_out_now(const Settings& settings, std::string_view brand, base::Instant now);
/// Remembers whose turn it was, if work goes round.
void keep_turn(storage::Transaction& tx, const Settings& settings, const domain::Distributor& distributor);
/// When the time ends in which everybody gets an even share only; nothing: no office has just opened.
[[nodiscard]] std::optional<base::Instant> sharing_until(const Settings& settings, base::Instant now);

/// What a ticket asks of the pool. Outlives the WaitingTicket that it gives.
struct Asked {
    Asked(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket);
    [[nodiscard]] domain::WaitingTicket of(const domain::Ticket& ticket) const;
    domain::Demand demand;
    std::optional<domain::AgentId> previous;
};

/// Gives new tickets to somebody while they are opened, in the same transaction: most tickets are then written once. As long
/// as others of the brand wait, a new one waits behind them; and when there may not be room for all that came at once, all
/// wait, so that the room goes by urgency and not by arrival.
class AtOnce {
public:
    /// @param batch  messages of the transaction
    AtOnce(storage::Transaction& tx, const Settings& settings, base::Instant now, std::size_t batch)
        : tx_(tx), settings_(settings), now_(now), left_(static_cast<std::int64_t>(batch))
    {
    }

    /// One message of the batch has been dealt with.
    void passed() { --left_; }
    /// @return to whom, or nothing: then it waits. Every ticket of the transaction is asked about, in order.
    std::optional<domain::Assignment> assign(const domain::Ticket& ticket);

private:
    [[nodiscard]] bool first_of_its_brand(const std::string& brand);

    storage::Transaction& tx_;
    const Settings& settings_;
    base::Instant now_;
    std::int64_t left_;
    std::optional<Pool> pool_;
    std::optional<domain::Distributor> distributor_;
    std::map<std::string, bool, std::less<>> nothing_waits_; ///< by brand
};

} // namespace sportello::engine
