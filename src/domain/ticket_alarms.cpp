#include <sportello/domain/ticket_alarms.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

/// One clock as it runs now.
struct Running {
    TicketClock clock;
    Instant since; ///< what its mark goes by
    std::optional<Instant> warn_at;
    std::optional<Instant> due_at;
    std::string why;
};

Duration part_of(Duration whole, double share)
{
    return Duration(static_cast<std::int64_t>(static_cast<double>(whole.count()) * std::clamp(share, 0.0, 1.0)));
}

std::string office_minutes(Duration duration)
{
    return std::to_string(std::chrono::floor<std::chrono::minutes>(duration).count()) + " min of office time";
}

Running response(const Ticket& ticket, const ServiceTarget& target)
{
    const Duration promised = response_target(ticket, target);
    return {.clock = TicketClock::response,
            .since = *ticket.waiting_since,
            .warn_at = target.calendar->add(*ticket.waiting_since, part_of(promised, target.warn_at)),
            .due_at = ticket.due_at,
            .why = (ticket.first_response_at ? "next response: " : "first response: ") + office_minutes(promised) + " after " +
                   base::to_rfc3339(*ticket.waiting_since)};
}

Running resolution(const Ticket& ticket, const ServiceTarget& target)
{
    const Duration left = std::max(Duration(0), part_of(target.resolution, target.warn_at) - ticket.resolution_spent);
    return {.clock = TicketClock::resolution,
            .since = ticket.first_inbound_at,
            .warn_at = target.calendar->add(*ticket.resolution_running_since, left),
            .due_at = ticket.resolution_due_at,
            .why = "resolution: " + office_minutes(target.resolution) + " while it is our turn, " + office_minutes(ticket.resolution_spent) +
                   " of them before " + base::to_rfc3339(*ticket.resolution_running_since)};
}

Running route(const Ticket& ticket)
{
    return {.clock = TicketClock::route,
            .since = *ticket.waiting_since,
            .warn_at = *ticket.route_ends_at - route_warning,
            .due_at = ticket.route_ends_at,
            .why = "the last way to answer shuts at " + base::to_rfc3339(*ticket.route_ends_at)};
}

std::vector<Running> running_clocks(const Ticket& ticket, const ServiceTarget& target)
{
    std::vector<Running> running;
    if (ticket.waiting_since && resolution_runs(ticket)) {
        if (ticket.due_at) running.push_back(response(ticket, target));
        if (ticket.route_ends_at) running.push_back(route(ticket));
    }
    if (resolution_runs(ticket) && ticket.resolution_running_since && ticket.resolution_due_at)
        running.push_back(resolution(ticket, target));
    return running;
}

ClockMark mark_of(const Running& clock, const std::vector<ClockMark>& marks)
{
    for (const ClockMark& mark : marks) {
        if (mark.clock == clock.clock && mark.since >= clock.since) return mark;
    }
    return {.clock = clock.clock, .since = clock.since, .warned_at = {}, .breached_at = {}};
}

} // namespace

std::string_view to_string(TicketClock value)
{
    switch (value) {
    case TicketClock::response:
        return "response";
    case TicketClock::resolution:
        return "resolution";
    case TicketClock::route:
        return "route";
    }
    return "";
}

std::optional<TicketClock> parse_ticket_clock(std::string_view word)
{
    const auto found = std::ranges::find_if(ticket_clocks, [&](TicketClock clock) { return to_string(clock) == word; });
    return found == ticket_clocks.end() ? std::nullopt : std::optional(*found);
}

AlarmPlan alarms_of(const Ticket& ticket, const ServiceTarget& target, const std::vector<ClockMark>& marks, Instant now)
{
    AlarmPlan plan;
    plan.breached_at = ticket.breached_at;
    const auto look_at = [&](std::optional<Instant> at) {
        if (at && (!plan.next || *at < *plan.next)) plan.next = at;
    };
    for (const Running& clock : running_clocks(ticket, target)) {
        ClockMark mark = mark_of(clock, marks);
        const bool is_response = clock.clock == TicketClock::response;
        if (is_response && ticket.breached_at && !mark.breached_at) mark.breached_at = ticket.breached_at;
        if (!mark.breached_at && clock.due_at && now >= *clock.due_at) {
            mark.breached_at = now;
            plan.alarms.push_back({clock.clock, true, *clock.due_at, clock.why});
            plan.marks.push_back(mark);
        } else if (!mark.breached_at && !mark.warned_at && clock.warn_at && now >= *clock.warn_at) {
            mark.warned_at = now;
            plan.alarms.push_back({clock.clock, false, *clock.due_at, clock.why});
            plan.marks.push_back(mark);
        }
        if (is_response) plan.breached_at = mark.breached_at;
        if (!mark.breached_at) look_at(mark.warned_at ? clock.due_at : clock.warn_at);
    }
    return plan;
}

} // namespace sportello::domain
