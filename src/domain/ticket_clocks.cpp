#include "ticket_clocks.hpp"

#include <chrono>

namespace sportello::domain {

void start_waiting(Ticket& ticket, Instant since, const ServiceTarget& target)
{
    ticket.waiting_since = since;
    ticket.due_at = target.calendar->add(since, target.first_response);
}

void end_waiting(Ticket& ticket)
{
    ticket.waiting_since.reset();
    ticket.due_at.reset();
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
}

std::string explain_due(const Ticket& ticket, const ServiceTarget& target)
{
    if (!ticket.waiting_since) return "nobody waits for an answer";
    const auto minutes = std::chrono::floor<std::chrono::minutes>(target.first_response).count();
    const auto promise = std::to_string(minutes) + " min of office time";
    const auto since = "waiting since " + base::to_rfc3339(*ticket.waiting_since) + ", " + promise;
    if (!ticket.due_at) return since + ": the office does not open for so long";
    const auto paused = target.calendar->is_open(*ticket.waiting_since) ? "" : ", counted from the opening";
    return since + paused + ": due at " + base::to_rfc3339(*ticket.due_at);
}

} // namespace sportello::domain
