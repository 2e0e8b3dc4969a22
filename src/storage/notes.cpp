#include <sportello/storage/notes.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_note_row{"INSERT INTO note (ticket_id, agent_id, text, at) VALUES ($1, $2, $3, $4) RETURNING id"};

const Statement note_by_id{"SELECT ticket_id, agent_id, text, at FROM note WHERE id = $1"};

} // namespace

domain::NoteId insert_note(Transaction& tx, domain::TicketId ticket, domain::AgentId agent, std::string_view text, base::Instant now)
{
    return inserted<domain::NoteId>(tx.first(insert_note_row, first_number, ticket, agent, text, now));
}

std::optional<Note> find_note(Transaction& tx, domain::NoteId id)
{
    const auto make = [](const Row& row) {
        return Note{id_at<domain::TicketId>(row, 0), id_at<domain::AgentId>(row, 1), row.string(2), row.instant(3)};
    };
    return tx.first(note_by_id, make, id);
}

} // namespace sportello::storage
