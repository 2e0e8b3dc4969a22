#pragma once

#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>

namespace sportello::engine {

/// A ticket was solved by a person: its customer is to be asked how satisfied they are, where the brand wants it. Once for
/// each ticket.
void plan_rating(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket, domain::AgentId solver,
                 base::Instant now);

/// Asks what is due, where the ticket is still solved and a private way is open to what no person writes. @return how
/// many questions were put into the outbox.
std::size_t ask_due_ratings(storage::Transaction& tx, const Settings& settings, base::Instant now);

/// A private message that answers our question. @return the ticket it rates; nothing for any other message, after which
/// the question is not open any more.
std::optional<domain::TicketId> read_rating(storage::Transaction& tx, const domain::Message& message, base::Instant now);

} // namespace sportello::engine
