#include <sportello/storage/incidents.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Instant;
using domain::Incident;
using domain::IncidentId;

#define SPORTELLO_INCIDENT_COLUMNS                                                                                                         \
    "id, state, origin, service, places, brands, widens, text, confidence, why, began_at, expected_end, created_at, created_by, "          \
    "confirmed_at, confirmed_by, ended_at, quiet_until, members, last_member_at, updated_at, revision"
#define SPORTELLO_MEMBER_COLUMNS "incident_id, ticket_id, joined_at, how, why, other_matter, left_at, settled"

const Statement insert_incident_row{
    "INSERT INTO incident (state, origin, service, places, brands, widens, text, confidence, why, began_at, expected_end, created_at, "
    "created_by, confirmed_at, confirmed_by, ended_at, quiet_until, members, last_member_at, updated_at, revision) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) RETURNING id"};
const Statement incident_by_id{"SELECT " SPORTELLO_INCIDENT_COLUMNS " FROM incident WHERE id = $1"};
const Statement update_incident{
    "UPDATE incident SET state = $2, service = $3, places = $4, brands = $5, widens = $6, text = $7, confidence = $8, why = $9, "
    "began_at = $10, expected_end = $11, confirmed_at = $12, confirmed_by = $13, ended_at = $14, quiet_until = $15, members = $16, "
    "last_member_at = $17, updated_at = $18, revision = revision + 1 WHERE id = $1"};
const Statement live{"SELECT " SPORTELLO_INCIDENT_COLUMNS " FROM incident WHERE state IN ('proposed', 'confirmed') ORDER BY id"};
const Statement quiet{"SELECT " SPORTELLO_INCIDENT_COLUMNS " FROM incident WHERE quiet_until IS NOT NULL AND quiet_until > $1 ORDER BY id"};
const Statement newest_first{"SELECT " SPORTELLO_INCIDENT_COLUMNS " FROM incident WHERE id < $1 ORDER BY id DESC LIMIT $2"};
const Statement newest_in_state{"SELECT " SPORTELLO_INCIDENT_COLUMNS
                                " FROM incident WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};

const Statement of_ticket{"SELECT " SPORTELLO_MEMBER_COLUMNS " FROM incident_ticket WHERE ticket_id = $1 AND left_at IS NULL"};
const Statement upsert_member{
    "INSERT INTO incident_ticket (incident_id, ticket_id, joined_at, how, why, other_matter, left_at, settled) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (incident_id, ticket_id) DO UPDATE SET joined_at = excluded.joined_at, "
    "how = excluded.how, why = excluded.why, other_matter = excluded.other_matter, left_at = excluded.left_at, settled = excluded.settled"};
const Statement present_members{"SELECT " SPORTELLO_MEMBER_COLUMNS " FROM incident_ticket WHERE incident_id = $1 AND ticket_id > $2 "
                                "AND left_at IS NULL ORDER BY ticket_id LIMIT $3"};
const Statement unsettle{"UPDATE incident_ticket SET settled = 0 WHERE incident_id = $1 AND left_at IS NULL"};
const Statement unsettled{"SELECT " SPORTELLO_MEMBER_COLUMNS " FROM incident_ticket WHERE settled = 0 AND incident_id = $1 "
                          "ORDER BY ticket_id LIMIT $2"};
const Statement any_unsettled{"SELECT incident_id FROM incident_ticket WHERE settled = 0 ORDER BY incident_id LIMIT 1"};
const Statement count_waiting_aside{"SELECT count(*) FROM ticket WHERE incident_id = $1 AND aside = 'incident'"};

const Statement insert_signal_row{
    "INSERT INTO outage_signal (message_id, ticket_id, customer_id, brand, services, places, other_matter, at, free) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (message_id) DO NOTHING"};
const Statement free_since{"SELECT message_id, ticket_id, customer_id, brand, services, places, other_matter, at FROM outage_signal "
                           "WHERE free = 1 AND at > $1 ORDER BY at DESC, message_id DESC LIMIT $2"};
const Statement take_of_ticket{"UPDATE outage_signal SET free = 0 WHERE ticket_id = $1 AND free = 1"};
const Statement forget_before{"DELETE FROM outage_signal WHERE at < $1"};
const Statement add_to_hour{"INSERT INTO outage_hour (service, place, hour, arrived) VALUES ($1, $2, $3, 1) "
                            "ON CONFLICT (service, place, hour) DO UPDATE SET arrived = outage_hour.arrived + 1"};
const Statement sum_of_hours{"SELECT CAST(coalesce(sum(arrived), 0) AS BIGINT) FROM outage_hour "
                             "WHERE service = $1 AND place = $2 AND hour >= $3 AND hour < $4"};
const Statement first_hour{"SELECT hour FROM outage_hour ORDER BY hour LIMIT 1"};
const Statement forget_hours{"DELETE FROM outage_hour WHERE hour < $1"};

Incident incident_at(const Row& row)
{
    Incident incident;
    incident.id = id_at<IncidentId>(row, 0);
    incident.state = known_word(domain::parse_incident_state(row.text(1)), row.text(1));
    incident.origin = known_word(domain::parse_incident_origin(row.text(2)), row.text(2));
    incident.pattern.service = row.string(3);
    incident.pattern.places = split(row.text(4), '\n');
    incident.brands = split(row.text(5), '\n');
    incident.widens = row.flag(6);
    incident.text = row.string(7);
    incident.confidence = row.string(8);
    incident.why = row.string(9);
    incident.began_at = row.instant(10);
    incident.expected_end = row.maybe_instant(11);
    incident.created_at = row.instant(12);
    incident.created_by = maybe_id_at<domain::AgentId>(row, 13);
    incident.confirmed_at = row.maybe_instant(14);
    incident.confirmed_by = maybe_id_at<domain::AgentId>(row, 15);
    incident.ended_at = row.maybe_instant(16);
    incident.quiet_until = row.maybe_instant(17);
    incident.members = row.number(18);
    incident.last_member_at = row.maybe_instant(19);
    incident.updated_at = row.instant(20);
    incident.revision = small_number_at(row, 21);
    return incident;
}

IncidentTicket member_at(const Row& row)
{
    return {.incident = id_at<IncidentId>(row, 0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .joined_at = row.instant(2),
            .how = row.string(3),
            .why = row.string(4),
            .other_matter = row.string(5),
            .left_at = row.maybe_instant(6),
            .settled = row.flag(7)};
}

StoredSignal signal_at(const Row& row)
{
    StoredSignal stored;
    stored.message = id_at<domain::MessageId>(row, 0);
    stored.ticket = id_at<domain::TicketId>(row, 1);
    stored.signal.person = row.number(2);
    stored.signal.brand = row.string(3);
    stored.signal.services = split(row.text(4), '\n');
    stored.signal.places = split(row.text(5), '\n');
    stored.other_matter = row.string(6);
    stored.signal.at = row.instant(7);
    return stored;
}

std::int64_t number(SignalHour hour)
{
    return hour.time_since_epoch().count();
}

} // namespace

IncidentId insert_incident(Transaction& tx, const Incident& i)
{
    return inserted<IncidentId>(tx.first(insert_incident_row, first_number, to_string(i.state), to_string(i.origin), i.pattern.service,
                                         join(i.pattern.places, '\n'), join(i.brands, '\n'), i.widens, i.text, i.confidence, i.why,
                                         i.began_at, i.expected_end, i.created_at, i.created_by, i.confirmed_at, i.confirmed_by, i.ended_at,
                                         i.quiet_until, i.members, i.last_member_at, i.updated_at, i.revision));
}

base::Result<Incident> find_incident(Transaction& tx, IncidentId id)
{
    auto found = tx.first(incident_by_id, incident_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no incident " + std::to_string(id.value));
    return std::move(*found);
}

void save_incident(Transaction& tx, Incident& i)
{
    tx.run(update_incident, i.id, to_string(i.state), i.pattern.service, join(i.pattern.places, '\n'), join(i.brands, '\n'), i.widens, i.text,
           i.confidence, i.why, i.began_at, i.expected_end, i.confirmed_at, i.confirmed_by, i.ended_at, i.quiet_until, i.members,
           i.last_member_at, i.updated_at);
    ++i.revision;
}

std::vector<Incident> live_incidents(Transaction& tx)
{
    return tx.all(live, incident_at);
}

std::vector<Incident> quiet_incidents(Transaction& tx, Instant now)
{
    return tx.all(quiet, incident_at, now);
}

std::vector<Incident> list_incidents(Transaction& tx, std::optional<domain::IncidentState> state, std::optional<IncidentId> before,
                                     std::int64_t limit)
{
    const IncidentId below = before.value_or(IncidentId{INT64_MAX});
    if (state) return tx.all(newest_in_state, incident_at, to_string(*state), below, limit);
    return tx.all(newest_first, incident_at, below, limit);
}

std::optional<IncidentTicket> membership_of(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(of_ticket, member_at, ticket);
}

void put_member(Transaction& tx, const IncidentTicket& member)
{
    tx.run(upsert_member, member.incident, member.ticket, member.joined_at, member.how, member.why, member.other_matter, member.left_at,
           member.settled);
}

std::vector<IncidentTicket> members_of(Transaction& tx, IncidentId incident, domain::TicketId after, std::int64_t limit)
{
    return tx.all(present_members, member_at, incident, after, limit);
}

void unsettle_members(Transaction& tx, IncidentId incident)
{
    tx.run(unsettle, incident);
}

std::vector<IncidentTicket> unsettled_members(Transaction& tx, IncidentId incident, std::int64_t limit)
{
    return tx.all(unsettled, member_at, incident, limit);
}

std::optional<IncidentId> unsettled_incident(Transaction& tx)
{
    return tx.first(any_unsettled, [](const Row& row) { return id_at<IncidentId>(row, 0); });
}

std::int64_t count_aside(Transaction& tx, IncidentId incident)
{
    return tx.first(count_waiting_aside, first_number, incident).value_or(0);
}

void insert_signal(Transaction& tx, const StoredSignal& stored, bool free)
{
    const domain::OutageSignal& signal = stored.signal;
    tx.run(insert_signal_row, stored.message, stored.ticket, signal.person, signal.brand, join(signal.services, '\n'),
           join(signal.places, '\n'), stored.other_matter, signal.at, free);
}

std::vector<StoredSignal> free_signals(Transaction& tx, Instant since, std::int64_t limit)
{
    return tx.all(free_since, signal_at, since, limit);
}

void take_signals(Transaction& tx, domain::TicketId ticket)
{
    tx.run(take_of_ticket, ticket);
}

std::int64_t forget_signals(Transaction& tx, Instant before)
{
    return tx.run(forget_before, before);
}

void count_signal(Transaction& tx, const domain::OutageKey& key, SignalHour hour)
{
    tx.run(add_to_hour, key.service, key.place, number(hour));
}

std::int64_t signals_between(Transaction& tx, const domain::OutageKey& key, SignalHour from, SignalHour to)
{
    return tx.first(sum_of_hours, first_number, key.service, key.place, number(from), number(to)).value_or(0);
}

std::optional<SignalHour> first_signal_hour(Transaction& tx)
{
    const auto hour = tx.first(first_hour, first_number);
    return hour ? std::optional(SignalHour(std::chrono::hours(*hour))) : std::nullopt;
}

std::int64_t forget_signal_hours(Transaction& tx, SignalHour before)
{
    return tx.run(forget_hours, number(before));
}

} // namespace sportello::storage
