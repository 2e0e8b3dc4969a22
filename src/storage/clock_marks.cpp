#include <sportello/storage/clock_marks.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement marks_of_ticket{
    "SELECT clock, since, warned_at, breached_at FROM clock_mark WHERE ticket_id = $1 ORDER BY clock, since DESC"};
const Statement write_mark{
    "INSERT INTO clock_mark (ticket_id, clock, since, warned_at, breached_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (ticket_id, clock, since) DO UPDATE SET warned_at = excluded.warned_at, breached_at = excluded.breached_at"};
const Statement alarms_until{"SELECT id FROM ticket WHERE alarm_at <= $1 ORDER BY alarm_at, id LIMIT $2"};
const Statement first_alarm{"SELECT alarm_at FROM ticket WHERE alarm_at IS NOT NULL ORDER BY alarm_at, id LIMIT 1"};
const Statement routes_of_brand{"SELECT id, route_ends_at FROM ticket WHERE route_ends_at > $2 AND route_ends_at < $3 "
                                "AND (route_ends_at, id) > ($4, $5) AND waiting_since IS NOT NULL AND brand || '' = $1 "
                                "ORDER BY route_ends_at, id LIMIT $6"};
const Statement write_closing{"INSERT INTO closing_told (brand, closes_at) VALUES ($1, $2) ON CONFLICT (brand, closes_at) DO NOTHING"};

} // namespace

std::vector<domain::ClockMark> clock_marks_of(Transaction& tx, domain::TicketId ticket)
{
    std::vector<domain::ClockMark> marks;
    const auto add = [&](const Row& row) {
        const auto clock = known_word(domain::parse_ticket_clock(row.text(0)), row.text(0));
        if (!marks.empty() && marks.back().clock == clock) return; // an older one
        marks.push_back({.clock = clock, .since = row.instant(1), .warned_at = row.maybe_instant(2), .breached_at = row.maybe_instant(3)});
    };
    tx.for_each(marks_of_ticket, add, ticket);
    return marks;
}

void save_clock_mark(Transaction& tx, domain::TicketId ticket, const domain::ClockMark& mark)
{
    tx.run(write_mark, ticket, to_string(mark.clock), mark.since, mark.warned_at, mark.breached_at);
}

std::vector<domain::TicketId> alarms_due(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(
        alarms_until, [](const Row& row) { return id_at<domain::TicketId>(row, 0); }, now, limit);
}

std::optional<base::Instant> next_alarm(Transaction& tx)
{
    return tx.first(first_alarm, [](const Row& row) { return row.instant(0); });
}

std::vector<RoutesEnd> routes_ending(Transaction& tx, std::string_view brand, base::Instant from, base::Instant to,
                                     std::optional<RoutesEnd> after, std::int64_t limit)
{
    const RoutesEnd behind = after.value_or(RoutesEnd{.ticket = {}, .at = from});
    const auto make = [](const Row& row) { return RoutesEnd{.ticket = id_at<domain::TicketId>(row, 0), .at = row.instant(1)}; };
    return tx.all(routes_of_brand, make, brand, from, to, behind.at, behind.ticket, limit);
}

bool note_closing_told(Transaction& tx, std::string_view brand, base::Instant closes_at)
{
    return tx.run(write_closing, brand, closes_at) > 0;
}

} // namespace sportello::storage
