#include <sportello/storage/broadcasts.hpp>

#include "outbox_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

#include <limits>

namespace sportello::storage {
namespace {

#define SPORTELLO_BROADCAST_COLUMNS "id, incident_id, kind, texts, agent_id, cause, state, created_at, ended_at"
#define SPORTELLO_BROADCAST_MEMBER_COLUMNS "broadcast_id, ticket_id, customer_id, channel, place, state, reason, reply_id, at"

const Statement insert_broadcast_row{"INSERT INTO broadcast (incident_id, kind, texts, agent_id, cause, state, created_at) "
                                     "VALUES (NULLIF($1, 0), $2, $3, $4, $5, $6, $7) RETURNING id"};
const Statement broadcast_by_id{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE id = $1"};
const Statement of_incident{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE incident_id = $1 ORDER BY id DESC LIMIT $2"};
const Statement running_of{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE incident_id = $1 AND state = 'running'"};
const Statement all_running{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE state = 'running' ORDER BY id"};
const Statement awaiting_of{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE incident_id = $1 AND state = 'awaiting_approval' "
                            "ORDER BY id LIMIT 1"};
const Statement update_texts{"UPDATE broadcast SET texts = $2 WHERE id = $1"};
const Statement of_selections{"SELECT " SPORTELLO_BROADCAST_COLUMNS " FROM broadcast WHERE incident_id IS NULL AND id < $1 "
                              "AND ($2 = 0 OR agent_id = $2) ORDER BY id DESC LIMIT $3"};
const Statement brands_of_members{"SELECT DISTINCT t.brand FROM broadcast_member m JOIN ticket t ON t.id = m.ticket_id "
                                  "WHERE m.broadcast_id = $1 ORDER BY t.brand"};
const Statement update_broadcast{"UPDATE broadcast SET state = $2, ended_at = $3 WHERE id = $1"};

const Statement insert_member_row{
    "INSERT INTO broadcast_member (broadcast_id, ticket_id, customer_id, channel, place, state, reason, reply_id, at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"};
const Statement update_member{"UPDATE broadcast_member SET state = $3, reason = $4, reply_id = $5, at = $6 "
                              "WHERE broadcast_id = $1 AND ticket_id = $2"};
const Statement first_waiting{"SELECT " SPORTELLO_BROADCAST_MEMBER_COLUMNS " FROM broadcast_member WHERE state = 'waiting' "
                              "AND channel = $1 AND broadcast_id = $2 ORDER BY place LIMIT 1"};
const Statement channels_waiting{
    "SELECT DISTINCT channel FROM broadcast_member WHERE state = 'waiting' AND broadcast_id = $1 ORDER BY channel"};
const Statement member_waits{"SELECT count(*) FROM broadcast_member WHERE broadcast_id = $1 AND ticket_id = $2 AND state = 'waiting'"};
const Statement last_place{"SELECT coalesce(max(place), 0) + 1 FROM broadcast_member WHERE broadcast_id = $1"};
const Statement skip_all{"UPDATE broadcast_member SET state = 'skipped', reason = $2 WHERE broadcast_id = $1 AND state = 'waiting'"};
const Statement count_members_by_state{"SELECT state, count(*) FROM broadcast_member WHERE broadcast_id = $1 GROUP BY state"};
const Statement count_deliveries{"SELECT r.state, count(*) FROM broadcast_member m JOIN reply r ON r.id = m.reply_id "
                                 "WHERE m.broadcast_id = $1 AND m.state = 'sent' GROUP BY r.state"};
const Statement reasons{"SELECT reason, count(*) FROM broadcast_member WHERE broadcast_id = $1 AND state = 'skipped' GROUP BY reason "
                        "ORDER BY count(*) DESC, reason LIMIT 50"};

const Statement in_flight{"SELECT count(*) FROM reply_part p JOIN broadcast_member m ON m.reply_id = p.reply_id "
                          "WHERE p.state IN (" SPORTELLO_UNFINISHED
                          ") AND p.channel = $1 AND p.state IN ('queued', 'reserved', 'sending')"};
const Statement ordinary_due{"SELECT count(*) FROM reply_part p WHERE p.state IN (" SPORTELLO_UNFINISHED ") AND p.channel = $1 "
                             "AND p.state IN ('queued', 'reserved') AND p.held = '' AND p.next_try <= $2 AND NOT EXISTS "
                             "(SELECT 1 FROM broadcast_member m WHERE m.reply_id = p.reply_id AND m.reply_id IS NOT NULL)"};

const Statement pace_of{"SELECT next_at, why FROM broadcast_pace WHERE channel = $1"};
const Statement set_pace{"INSERT INTO broadcast_pace (channel, next_at, why) VALUES ($1, $2, $3) "
                         "ON CONFLICT (channel) DO UPDATE SET next_at = excluded.next_at, why = excluded.why"};

Broadcast broadcast_at(const Row& row)
{
    return {.id = row.number(0),
            .incident = id_at<domain::IncidentId>(row, 1),
            .kind = row.string(2),
            .texts = row.string(3),
            .agent = id_at<domain::AgentId>(row, 4),
            .cause = row.string(5),
            .state = row.string(6),
            .created_at = row.instant(7),
            .ended_at = row.maybe_instant(8)};
}

BroadcastMember broadcast_member_at(const Row& row)
{
    return {.broadcast = row.number(0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .customer = id_at<domain::CustomerId>(row, 2),
            .channel = row.string(3),
            .place = row.number(4),
            .state = row.string(5),
            .reason = row.string(6),
            .reply = maybe_id_at<domain::ReplyId>(row, 7),
            .at = row.maybe_instant(8)};
}

} // namespace

base::Result<std::int64_t> insert_broadcast(Transaction& tx, const Broadcast& b)
{
    // The unique index would refuse the same; asking first keeps PostgreSQL's transaction alive.
    if (b.incident.value != 0 && running_broadcast(tx, b.incident))
        return base::Error(base::ErrorKind::conflict, "a text to all is being sent; stop it first");
    return inserted<domain::Id<struct BroadcastTag>>(
               tx.first(insert_broadcast_row, first_number, b.incident, b.kind, b.texts, b.agent, b.cause, b.state, b.created_at))
        .value;
}

base::Result<Broadcast> find_broadcast(Transaction& tx, std::int64_t id)
{
    auto found = tx.first(broadcast_by_id, broadcast_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no text to all " + std::to_string(id));
    return std::move(*found);
}

std::vector<Broadcast> broadcasts_of(Transaction& tx, domain::IncidentId incident, std::int64_t limit)
{
    return tx.all(of_incident, broadcast_at, incident, limit);
}

std::vector<Broadcast> selections(Transaction& tx, domain::AgentId agent, std::int64_t before, std::int64_t limit)
{
    const auto below = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    return tx.all(of_selections, broadcast_at, below, agent, limit);
}

std::vector<std::string> brands_of_broadcast(Transaction& tx, std::int64_t broadcast)
{
    return tx.all(
        brands_of_members, [](const Row& row) { return row.string(0); }, broadcast);
}

std::optional<Broadcast> running_broadcast(Transaction& tx, domain::IncidentId incident)
{
    return tx.first(running_of, broadcast_at, incident);
}

std::vector<Broadcast> running_broadcasts(Transaction& tx)
{
    return tx.all(all_running, broadcast_at);
}

std::optional<Broadcast> awaiting_broadcast(Transaction& tx, domain::IncidentId incident)
{
    return tx.first(awaiting_of, broadcast_at, incident);
}

void save_broadcast_texts(Transaction& tx, const Broadcast& broadcast)
{
    tx.run(update_texts, broadcast.id, broadcast.texts);
}

void save_broadcast(Transaction& tx, const Broadcast& broadcast)
{
    tx.run(update_broadcast, broadcast.id, broadcast.state, broadcast.ended_at);
}

bool insert_broadcast_member(Transaction& tx, const BroadcastMember& m)
{
    return tx.run(insert_member_row, m.broadcast, m.ticket, m.customer, m.channel, m.place, m.state, m.reason, m.reply, m.at) > 0;
}

void save_broadcast_member(Transaction& tx, const BroadcastMember& m)
{
    tx.run(update_member, m.broadcast, m.ticket, m.state, m.reason, m.reply, m.at);
}

std::optional<BroadcastMember> next_waiting(Transaction& tx, std::string_view channel, std::int64_t broadcast)
{
    return tx.first(first_waiting, broadcast_member_at, channel, broadcast);
}

std::vector<std::string> waiting_channels(Transaction& tx, std::int64_t broadcast)
{
    return tx.all(
        channels_waiting, [](const Row& row) { return row.string(0); }, broadcast);
}

std::int64_t last_broadcast_place(Transaction& tx, std::int64_t broadcast)
{
    return tx.first(last_place, first_number, broadcast).value_or(1);
}

bool waits_for_broadcast(Transaction& tx, std::int64_t broadcast, domain::TicketId ticket)
{
    return tx.first(member_waits, first_number, broadcast, ticket).value_or(0) > 0;
}

std::int64_t skip_waiting(Transaction& tx, std::int64_t broadcast, std::string_view reason)
{
    return tx.run(skip_all, broadcast, reason);
}

BroadcastFigures figures_of(Transaction& tx, std::int64_t broadcast)
{
    BroadcastFigures figures;
    const auto add = [&](const Row& row) {
        if (row.text(0) == "waiting") figures.waiting = row.number(1);
        else if (row.text(0) == "sent") figures.sent = row.number(1);
        else figures.skipped = row.number(1);
    };
    tx.for_each(count_members_by_state, add, broadcast);
    const auto add_delivery = [&](const Row& row) {
        if (row.text(0) == "published") figures.published = row.number(1);
        if (row.text(0) == "failed") figures.failed = row.number(1);
    };
    tx.for_each(count_deliveries, add_delivery, broadcast);
    return figures;
}

std::vector<std::pair<std::string, std::int64_t>> skip_reasons(Transaction& tx, std::int64_t broadcast)
{
    return tx.all(
        reasons, [](const Row& row) { return std::pair(row.string(0), row.number(1)); }, broadcast);
}

std::int64_t broadcasts_in_flight(Transaction& tx, std::string_view channel)
{
    return tx.first(in_flight, first_number, channel).value_or(0);
}

std::int64_t ordinary_replies_due(Transaction& tx, std::string_view channel, base::Instant now)
{
    return tx.first(ordinary_due, first_number, channel, now).value_or(0);
}

BroadcastPace load_pace(Transaction& tx, std::string_view channel)
{
    const auto found = tx.first(
        pace_of,
        [](const Row& row) {
            return BroadcastPace{row.instant(0), row.string(1)};
        },
        channel);
    return found.value_or(BroadcastPace{});
}

void save_pace(Transaction& tx, std::string_view channel, const BroadcastPace& pace)
{
    tx.run(set_pace, channel, pace.next_at, pace.why);
}

} // namespace sportello::storage
