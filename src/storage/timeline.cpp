#include <sportello/storage/timeline.hpp>

#include "message_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

// One arm a kind, numbered as TimelineKind. What a kind does not have is '' or NULL.
const Statement items_of_ticket{
    "SELECT 0 AS item_kind, m.id AS id, m.at AS at, m.platform_id, m.author_name, CAST(NULL AS BIGINT), m.text, m.visibility, "
    "m.direction, m.kind, m.parent_id, m.permalink, m.edited_at, m.deleted_at, m.revision, '', '', '', '', m.hidden, "
    "coalesce((SELECT x.kind || ' ' || x.state FROM message_action x WHERE x.message_id = m.id ORDER BY x.id DESC LIMIT 1), ''), "
    "coalesce((SELECT x.reason FROM message_action x WHERE x.message_id = m.id ORDER BY x.id DESC LIMIT 1), '') "
    "FROM message m WHERE m.ticket_id = $1 AND m.reply_part_id IS NULL AND (m.at, 0, m.id) > ($2, $3, $4) "
    "UNION ALL "
    "SELECT 1, r.id, coalesce(r.published_at, r.accepted_at), r.platform_id, a.name, r.agent_id, r.text, r.visibility, "
    "'outbound', '', '', '', NULL, NULL, 1, r.state, r.reason, coalesce(v.state, ''), coalesce(d.name, ''), "
    "coalesce(v.id, 0), coalesce(CAST(v.decided_by AS TEXT), ''), coalesce(v.note, '') "
    "FROM reply r JOIN agent a ON a.id = r.agent_id LEFT JOIN approval v ON v.reply_id = r.id LEFT JOIN agent d ON d.id = v.decided_by "
    "WHERE r.ticket_id = $1 "
    "AND (coalesce(r.published_at, r.accepted_at), 1, r.id) > ($2, $3, $4) "
    "UNION ALL "
    "SELECT 2, n.id, n.at, '', a.name, n.agent_id, n.text, '', '', '', '', '', NULL, NULL, 1, '', '', '', '', 0, '', '' "
    "FROM note n JOIN agent a ON a.id = n.agent_id WHERE n.ticket_id = $1 AND (n.at, 2, n.id) > ($2, $3, $4) "
    "UNION ALL "
    "SELECT 3, h.id, h.at, '', a.name, h.agent_id, h.note, '', '', '', '', '', NULL, NULL, 1, '', '', h.reference, "
    "h.callback_number, 0, '', '' "
    "FROM handover h JOIN agent a ON a.id = h.agent_id WHERE h.ticket_id = $1 AND (h.at, 3, h.id) > ($2, $3, $4) "
    "UNION ALL "
    "SELECT 4, e.seq, e.at, '', coalesce(a.name, ''), e.actor_id, e.data, '', '', '', '', '', NULL, NULL, 1, '', '', "
    "e.type, '', 0, '', '' "
    "FROM event e LEFT JOIN agent a ON a.id = e.actor_id WHERE e.ticket_id = $1 AND e.seq IS NOT NULL "
    "AND (e.at, 4, e.seq) > ($2, $3, $4) "
    "ORDER BY at, item_kind, id LIMIT $5"};

const Statement root_post{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.channel = $1 AND m.platform_id = $2 "
                          "AND m.ticket_id IS NULL AND m.direction = 'outbound'"};

TimelineItem item_at(const Row& row)
{
    TimelineItem item;
    item.kind = static_cast<TimelineKind>(row.number(0));
    item.id = row.number(1);
    item.at = row.instant(2);
    item.platform_id = row.text(3);
    item.author_name = row.text(4);
    item.agent = maybe_id_at<domain::AgentId>(row, 5);
    item.text = row.text(6);
    item.visibility = row.text(7);
    item.direction = row.text(8);
    item.message_kind = row.text(9);
    item.parent_id = row.text(10);
    item.permalink = row.text(11);
    item.edited_at = row.maybe_instant(12);
    item.deleted_at = row.maybe_instant(13);
    item.revision = small_number_at(row, 14);
    item.delivery = row.text(15);
    item.reason = row.text(16);
    if (item.kind == TimelineKind::reply) {
        item.approval = row.number(19);
        item.approval_state = row.text(17);
        item.decider_name = row.text(18);
        if (!row.text(20).empty()) item.decider = domain::AgentId{row.number(20)};
        item.approval_note = row.text(21);
    } else {
        item.type = row.text(17);
        item.callback_number = row.text(18);
        item.hidden = row.flag(19);
        item.action = row.text(20);
        item.action_reason = row.text(21);
    }
    item.cursor = {.at = row.number(2), .kind = row.number(0), .id = row.number(1)};
    return item;
}

} // namespace

std::string_view to_string(TimelineKind value)
{
    switch (value) {
    case TimelineKind::message:
        return "message";
    case TimelineKind::reply:
        return "reply";
    case TimelineKind::note:
        return "note";
    case TimelineKind::handover:
        return "handover";
    case TimelineKind::event:
        return "event";
    }
    return "";
}

void for_each_timeline_item(Transaction& tx, domain::TicketId ticket, std::optional<TimelineCursor> after, std::int64_t limit,
                            const std::function<void(const TimelineItem&)>& each)
{
    constexpr TimelineCursor before_all{.at = -1, .kind = 0, .id = 0};
    const TimelineCursor from = after.value_or(before_all);
    const auto tell = [&](const Row& row) { each(item_at(row)); };
    tx.for_each(items_of_ticket, tell, ticket, from.at, from.kind, from.id, limit);
}

std::optional<domain::Message> context_message(Transaction& tx, std::string_view channel, std::string_view root_id)
{
    return tx.first(root_post, message_at, channel, root_id);
}

} // namespace sportello::storage
