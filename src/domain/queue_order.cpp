#include <sportello/domain/queue_order.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr Duration before_route_ends = 30min;
constexpr Duration head_start = 30min; ///< of a high priority
constexpr Duration low_priority_lag = 60min;
constexpr Duration yields_for = 30min;                 ///< a missed target, to what can still be met
constexpr std::int64_t step = 100'000'000'000'000'000; // beyond any instant: microseconds until the year 5138

bool waits_in_queue(const Ticket& ticket)
{
    const bool our_turn = ticket.status == TicketStatus::new_ || ticket.status == TicketStatus::open;
    return our_turn && !ticket.snoozed_until && ticket.aside.empty();
}

/// What moves the ticket away from when it is due.
Duration shift_of(const Ticket& ticket)
{
    Duration shift{};
    if (ticket.priority == Priority::high) shift -= head_start;
    if (ticket.priority == Priority::low) shift += low_priority_lag;
    if (ticket.breached_at) shift += yields_for;
    return shift;
}

/// The instant that orders the queue. Everything that is due comes before what is not.
std::optional<Instant> work_at(const Ticket& ticket)
{
    std::optional<Instant> at;
    if (ticket.due_at) at = *ticket.due_at + shift_of(ticket);
    if (ticket.route_ends_at) {
        const Instant before = *ticket.route_ends_at - before_route_ends;
        at = at ? std::min(*at, before) : before;
    }
    return at;
}

std::string explain(const Ticket& ticket, const QueuePlace& place)
{
    std::string why = place.urgent ? "urgent: before all others; among the urgent " : "";
    if (!place.work_at) return why + "last: nobody waits for an answer";
    why += "by " + base::to_rfc3339(*place.work_at);
    if (ticket.due_at) {
        why += ": due at " + base::to_rfc3339(*ticket.due_at);
        if (ticket.priority == Priority::high) why += ", 30 min earlier for its high priority";
        if (ticket.priority == Priority::low) why += ", 60 min later for its low priority";
        if (ticket.breached_at) why += ", 30 min later as the target is missed and others can still be met";
    }
    if (ticket.route_ends_at && *place.work_at == *ticket.route_ends_at - before_route_ends) {
        why += ticket.due_at ? "; but" : ":";
        why += " 30 min before the last way to answer shuts at " + base::to_rfc3339(*ticket.route_ends_at);
    }
    return why;
}

} // namespace

std::optional<QueuePlace> queue_place(const Ticket& ticket)
{
    if (!waits_in_queue(ticket)) return std::nullopt;
    QueuePlace place{.urgent = ticket.priority == Priority::urgent, .work_at = work_at(ticket), .why = {}};
    place.why = explain(ticket, place);
    return place;
}

std::optional<std::int64_t> queue_number(const Ticket& ticket)
{
    if (!waits_in_queue(ticket)) return std::nullopt;
    const auto at = work_at(ticket);
    const std::int64_t within = at ? std::clamp<std::int64_t>(base::to_micros(*at), 0, step - 2) : step - 1;
    return (ticket.priority == Priority::urgent ? 0 : step) + within;
}

} // namespace sportello::domain
