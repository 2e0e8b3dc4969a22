#include <sportello/storage/notifications.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_NOTIFICATION_COLUMNS "n.id, n.agent_id, n.kind, n.ticket_id, n.item_id, n.actor_id, a.name, n.at, n.read_at"

const Statement insert_notification_row{"INSERT INTO notification (agent_id, kind, ticket_id, item_id, actor_id, at) "
                           "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"};
const Statement of_agent{"SELECT " SPORTELLO_NOTIFICATION_COLUMNS " FROM notification n JOIN agent a ON a.id = n.actor_id "
                         "WHERE n.agent_id = $1 AND n.id < $2 ORDER BY n.id DESC LIMIT $3"};
const Statement unread_of_agent{"SELECT " SPORTELLO_NOTIFICATION_COLUMNS " FROM notification n JOIN agent a ON a.id = n.actor_id "
                                "WHERE n.agent_id = $1 AND n.id < $2 AND n.read_at IS NULL ORDER BY n.id DESC LIMIT $3"};
const Statement count_unread{
    "SELECT count(*) FROM (SELECT 1 AS one FROM notification WHERE agent_id = $1 AND read_at IS NULL LIMIT 1000) u"};
const Statement exists{"SELECT count(*) FROM notification WHERE id = $1 AND agent_id = $2"};
const Statement read_one{"UPDATE notification SET read_at = $3 WHERE id = $1 AND agent_id = $2 AND read_at IS NULL"};
const Statement read_until{"UPDATE notification SET read_at = $3 WHERE agent_id = $1 AND id <= $2 AND read_at IS NULL"};
const Statement erase_old{"DELETE FROM notification WHERE at < $1"};

Notification notification_at(const Row& row)
{
    return {.id = row.number(0),
            .agent = id_at<domain::AgentId>(row, 1),
            .kind = row.string(2),
            .ticket = maybe_id_at<domain::TicketId>(row, 3),
            .item = row.number(4),
            .actor = id_at<domain::AgentId>(row, 5),
            .actor_name = row.string(6),
            .at = row.instant(7),
            .read_at = row.maybe_instant(8)};
}

} // namespace

std::int64_t insert_notification(Transaction& tx, const Notification& notification)
{
    const auto id = tx.first(insert_notification_row, first_number, notification.agent, notification.kind, notification.ticket, notification.item,
                             notification.actor, notification.at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::vector<Notification> notifications_of(Transaction& tx, domain::AgentId agent, bool unread_only, std::optional<std::int64_t> before,
                                           std::int64_t limit)
{
    return tx.all(unread_only ? unread_of_agent : of_agent, notification_at, agent, before.value_or(INT64_MAX), limit);
}

std::int64_t unread_notifications(Transaction& tx, domain::AgentId agent)
{
    return tx.first(count_unread, first_number, agent).value_or(0);
}

bool mark_notification_read(Transaction& tx, domain::AgentId agent, std::int64_t id, base::Instant now)
{
    if (tx.first(exists, first_number, id, agent).value_or(0) == 0) return false;
    tx.run(read_one, id, agent, now);
    return true;
}

std::int64_t mark_notifications_read(Transaction& tx, domain::AgentId agent, std::int64_t until, base::Instant now)
{
    return tx.run(read_until, agent, until, now);
}

std::int64_t delete_old_notifications(Transaction& tx, base::Instant before)
{
    return tx.run(erase_old, before);
}

} // namespace sportello::storage
