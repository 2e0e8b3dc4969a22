#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <vector>

namespace sportello::engine {

using base::Result;

/// Merges tickets, splits them, and takes either back: messages, replies, notes, hand-overs and labels move, and what is
/// counted of them is computed anew (domain/regrouping.hpp). Errors: not_found for a ticket that the actor may not see;
/// conflict, in words, for what stands against it; invalid_input with a pointer to the field.
class Regrouping {
public:
    Regrouping(storage::Database& db, const Settings& settings, base::Clock& clock);

    /// `id` becomes a part of `into`, stands aside and is closed; what its customer writes next goes to `into`.
    /// @param if_revision  of `id`, when set: conflict if it differs. @return `into`
    boost::asio::awaitable<Result<domain::Ticket>> merge(domain::TicketId id, domain::TicketId into, Command command,
                                                         std::optional<std::int32_t> if_revision = std::nullopt);
    /// What moved goes back, with what was written since in the same conversations. @return `id`
    boost::asio::awaitable<Result<domain::Ticket>> undo_merge(domain::TicketId id, Command command);
    /// These messages, with the answers to them, become a ticket of their own. @return the new one
    boost::asio::awaitable<Result<domain::Ticket>> split(domain::TicketId id, std::vector<domain::MessageId> messages, Command command,
                                                         std::optional<std::int32_t> if_revision = std::nullopt);
    /// @param id  the ticket that the split made. @return the one it came from
    boost::asio::awaitable<Result<domain::Ticket>> undo_split(domain::TicketId id, Command command);

private:
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
};

} // namespace sportello::engine
