#include <sportello/storage/drafts.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_DRAFT_COLUMNS "agent_id, ticket_id, mode, visibility, text, updated_at"

const Statement write_one{"INSERT INTO draft (" SPORTELLO_DRAFT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6) "
                          "ON CONFLICT (agent_id, ticket_id, mode) DO UPDATE SET visibility = excluded.visibility, "
                          "text = excluded.text, updated_at = excluded.updated_at"};
const Statement one{"SELECT " SPORTELLO_DRAFT_COLUMNS " FROM draft WHERE agent_id = $1 AND ticket_id = $2 AND mode = $3"};
const Statement of_agent{"SELECT " SPORTELLO_DRAFT_COLUMNS " FROM draft WHERE agent_id = $1 AND ticket_id > $2 "
                         "ORDER BY ticket_id, mode LIMIT $3"};
const Statement erase_one{"DELETE FROM draft WHERE agent_id = $1 AND ticket_id = $2 AND mode = $3"};
const Statement erase_about{"DELETE FROM draft WHERE ticket_id = $1"};
const Statement erase_old{"DELETE FROM draft WHERE updated_at < $1"};
const Statement oldest{"SELECT min(updated_at) FROM draft"};

Draft draft_at(const Row& row)
{
    return {.agent = id_at<domain::AgentId>(row, 0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .mode = row.string(2),
            .visibility = row.string(3),
            .text = row.string(4),
            .updated_at = row.instant(5)};
}

} // namespace

void save_draft(Transaction& tx, const Draft& draft)
{
    tx.run(write_one, draft.agent, draft.ticket, draft.mode, draft.visibility, draft.text, draft.updated_at);
}

std::optional<Draft> find_draft(Transaction& tx, domain::AgentId agent, domain::TicketId ticket, std::string_view mode)
{
    return tx.first(one, draft_at, agent, ticket, mode);
}

std::vector<Draft> drafts_of(Transaction& tx, domain::AgentId agent, domain::TicketId after, std::int64_t limit)
{
    return tx.all(of_agent, draft_at, agent, after, limit);
}

void delete_draft(Transaction& tx, domain::AgentId agent, domain::TicketId ticket, std::string_view mode)
{
    tx.run(erase_one, agent, ticket, mode);
}

void delete_drafts_about(Transaction& tx, domain::TicketId ticket)
{
    tx.run(erase_about, ticket);
}

std::int64_t delete_old_drafts(Transaction& tx, base::Instant before)
{
    return tx.run(erase_old, before);
}

std::optional<base::Instant> oldest_draft(Transaction& tx)
{
    const auto first = tx.first(oldest, [](const Row& row) { return row.maybe_instant(0); });
    return first ? *first : std::nullopt;
}

} // namespace sportello::storage
