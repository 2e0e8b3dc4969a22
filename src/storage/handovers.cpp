#include <sportello/storage/handovers.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_handover_row{"INSERT INTO handover (ticket_id, agent_id, callback_number, note, reference, at) "
                           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (reference) DO NOTHING RETURNING id"};
const Statement of_ticket{"SELECT id, ticket_id, agent_id, callback_number, note, reference, at FROM handover "
                          "WHERE ticket_id = $1 ORDER BY id"};

} // namespace

base::Result<std::int64_t> insert_handover(Transaction& tx, const Handover& handover)
{
    const auto id = tx.first(insert_handover_row, first_number, handover.ticket, handover.agent, handover.callback_number, handover.note,
                             handover.reference, handover.at);
    if (!id) return base::Error(base::ErrorKind::conflict, "the reference " + handover.reference + " is taken");
    return *id;
}

std::vector<Handover> handovers_of(Transaction& tx, domain::TicketId ticket)
{
    const auto make = [](const Row& row) {
        return Handover{.id = row.number(0),
                        .ticket = id_at<domain::TicketId>(row, 1),
                        .agent = id_at<domain::AgentId>(row, 2),
                        .callback_number = row.string(3),
                        .note = row.string(4),
                        .reference = row.string(5),
                        .at = row.instant(6)};
    };
    return tx.all(of_ticket, make, ticket);
}

} // namespace sportello::storage
