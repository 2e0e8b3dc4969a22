#include "ticket_clocks.hpp"

#include <sportello/domain/ticket_alarms.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

void plan_resolution(Ticket& ticket, const ServiceTarget& target)
{
    ticket.resolution_due_at.reset();
    if (!ticket.resolution_running_since || target.resolution <= Duration(0)) return;
    const Duration left = std::max(Duration(0), target.resolution - ticket.resolution_spent);
    ticket.resolution_due_at = target.calendar->add(*ticket.resolution_running_since, left);
}

void stop_resolution(Ticket& ticket, const ServiceTarget& target, Instant at)
{
    if (!ticket.resolution_running_since) return;
    const Instant since = *ticket.resolution_running_since;
    if (at > since) ticket.resolution_spent += target.calendar->between(since, at);
    ticket.resolution_running_since.reset();
}

} // namespace

Duration response_target(const Ticket& ticket, const ServiceTarget& target)
{
    const bool first = !ticket.first_response_at || target.next_response <= Duration(0);
    return first ? target.first_response : target.next_response;
}

bool resolution_runs(const Ticket& ticket)
{
    return is_our_turn(ticket.status) && (ticket.aside.empty() || ticket.aside == "incident");
}

void start_waiting(Ticket& ticket, Instant since, const ServiceTarget& target)
{
    // Another message than the one whose target was missed.
    if (ticket.waiting_since && since > *ticket.waiting_since) ticket.breached_at.reset();
    ticket.waiting_since = since;
    ticket.due_at = target.calendar->add(since, response_target(ticket, target));
}

void end_waiting(Ticket& ticket)
{
    ticket.waiting_since.reset();
    ticket.due_at.reset();
    ticket.route_ends_at.reset();
    ticket.breached_at.reset();
    ticket.promised_at.reset();
}

void settle_clocks(Ticket& ticket, const ServiceTarget& target, Instant at)
{
    if (!resolution_runs(ticket)) stop_resolution(ticket, target, at);
    else if (!ticket.resolution_running_since) ticket.resolution_running_since = at;
    plan_resolution(ticket, target);
    ticket.alarm_at = alarms_of(ticket, target, {}, Instant::min()).next;
}

void remeasure_first_response(Ticket& ticket, const ServiceTarget& target)
{
    if (!ticket.first_response_at) return;
    const auto office_time = target.calendar->between(ticket.first_inbound_at, *ticket.first_response_at);
    ticket.first_response_office_seconds = std::chrono::floor<std::chrono::seconds>(office_time).count();
}

bool record_answer(Ticket& ticket, Instant answered_at, Instant seen_until, const ServiceTarget& target)
{
    const bool is_response = answered_at >= ticket.first_inbound_at;
    if (is_response && (!ticket.first_response_at || answered_at < *ticket.first_response_at)) {
        ticket.first_response_at = answered_at;
        remeasure_first_response(ticket, target);
    }
    if (ticket.last_inbound_at <= seen_until) {
        end_waiting(ticket);
        return true;
    }
    // Of what came after the answer only the newest is known for certain.
    if (ticket.waiting_since && *ticket.waiting_since <= seen_until) start_waiting(ticket, ticket.last_inbound_at, target);
    return false;
}

void replan(Ticket& ticket, const ServiceTarget& target)
{
    if (ticket.waiting_since) start_waiting(ticket, *ticket.waiting_since, target);
    settle_clocks(ticket, target, ticket.updated_at);
}

} // namespace sportello::domain
