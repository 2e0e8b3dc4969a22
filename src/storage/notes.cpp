#include <sportello/storage/notes.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_one{"INSERT INTO note (ticket_id, agent_id, text, at) VALUES ($1, $2, $3, $4) RETURNING id"};

} // namespace

domain::NoteId insert_note(Transaction& tx, domain::TicketId ticket, domain::AgentId agent, std::string_view text, base::Instant now)
{
    return inserted<domain::NoteId>(tx.first(insert_one, first_number, ticket, agent, text, now));
}

} // namespace sportello::storage
