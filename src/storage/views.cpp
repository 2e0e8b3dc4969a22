#include <sportello/storage/views.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_VIEW_COLUMNS "id, agent_id, name, shared, filters, updated_at, revision"

const Statement insert_view_row{"INSERT INTO ticket_view (agent_id, name, shared, filters, updated_at, revision) "
                           "VALUES ($1, $2, $3, $4, $5, 1) RETURNING id"};
const Statement view_by_id{"SELECT " SPORTELLO_VIEW_COLUMNS " FROM ticket_view WHERE id = $1"};
const Statement same_name{"SELECT id FROM ticket_view WHERE agent_id = $1 AND name = $2 AND id <> $3"};
const Statement update_view{"UPDATE ticket_view SET name = $3, shared = $4, filters = $5, updated_at = $6, revision = $2 + 1 "
                           "WHERE id = $1 AND revision = $2"};
const Statement erase_one{"DELETE FROM ticket_view WHERE id = $1"};
// Two walks, each on its index: an OR would have neither.
const Statement page_for_agent{"SELECT " SPORTELLO_VIEW_COLUMNS " FROM ticket_view WHERE agent_id = $1 AND id > $2 "
                               "UNION ALL SELECT " SPORTELLO_VIEW_COLUMNS " FROM ticket_view "
                               "WHERE shared = 1 AND agent_id <> $1 AND id > $2 ORDER BY id LIMIT $3"};
const Statement count_of_owner{"SELECT count(*) FROM ticket_view WHERE agent_id = $1"};

TicketView view_at(const Row& row)
{
    return {.id = row.number(0),
            .owner = id_at<domain::AgentId>(row, 1),
            .name = row.string(2),
            .shared = row.flag(3),
            .filters = row.string(4),
            .updated_at = row.instant(5),
            .revision = small_number_at(row, 6)};
}

/// The unique constraint would refuse the same; asking first keeps PostgreSQL's transaction alive.
base::Result<void> name_is_free(Transaction& tx, const TicketView& view)
{
    if (!tx.first(same_name, first_number, view.owner, view.name, view.id)) return {};
    return base::Error(base::ErrorKind::conflict, "you have a view of this name already", {{"/name", "is taken"}});
}

} // namespace

base::Result<std::int64_t> insert_view(Transaction& tx, const TicketView& view)
{
    TicketView fresh = view;
    fresh.id = 0;
    if (const auto is_free = name_is_free(tx, fresh); !is_free) return is_free.error();
    const auto id = tx.first(insert_view_row, first_number, view.owner, view.name, view.shared, view.filters, view.updated_at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<TicketView> find_view(Transaction& tx, std::int64_t id)
{
    return tx.first(view_by_id, view_at, id);
}

base::Result<void> save_view(Transaction& tx, TicketView& view)
{
    if (const auto is_free = name_is_free(tx, view); !is_free) return is_free;
    if (tx.run(update_view, view.id, view.revision, view.name, view.shared, view.filters, view.updated_at) == 0) {
        return base::Error(base::ErrorKind::conflict, "it was changed by somebody else since it was read: read it again");
    }
    ++view.revision;
    return {};
}

void delete_view(Transaction& tx, std::int64_t id)
{
    tx.run(erase_one, id);
}

std::vector<TicketView> views_for(Transaction& tx, domain::AgentId agent, std::int64_t after, std::int64_t limit)
{
    return tx.all(page_for_agent, view_at, agent, after, limit);
}

std::int64_t view_count(Transaction& tx, domain::AgentId owner)
{
    return tx.first(count_of_owner, first_number, owner).value_or(0);
}

} // namespace sportello::storage
