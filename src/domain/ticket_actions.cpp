#include "ticket_clocks.hpp"
#include <sportello/domain/ticket_rules.hpp>

#include <chrono>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr auto longest_snooze = std::chrono::hours(24) * 366;

/// What a person may make of a ticket:
///
/// | from \ to                      | new | open, pending, on_hold, solved | closed |
/// |--------------------------------|-----|--------------------------------|--------|
/// | new                            | -   | yes                            | no     |
/// | open, pending, on_hold, solved | no  | yes                            | no     |
/// | closed                         | no  | no                             | -      |
///
/// Besides, a message of the customer makes new or open of all but closed, an answer makes pending of new and open, and
/// time makes closed of solved. Snoozed is not a status: it puts new, open, pending and on_hold off.
std::string why_not(TicketStatus from, TicketStatus to)
{
    if (from == TicketStatus::closed) return "the ticket is closed for good; what the customer writes next opens another";
    if (to == TicketStatus::closed) return "tickets are closed automatically; solve it instead";
    if (to == TicketStatus::new_) return "a ticket that was worked on is not new again; open it instead";
    return {};
}

bool has_open_question(const Ticket& ticket)
{
    return ticket.last_direction == Direction::inbound;
}

} // namespace

Result<void> take(Ticket& ticket, AgentId agent, std::string_view agent_name, Instant now)
{
    if (ticket.status == TicketStatus::closed) return Error(ErrorKind::conflict, why_not(ticket.status, TicketStatus::open));
    if (ticket.assignee == agent) return {};
    if (ticket.assignee) {
        return Error(ErrorKind::conflict, "somebody was faster: it is with agent " + std::to_string(ticket.assignee->value));
    }
    if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
    assign(ticket, agent, std::string(agent_name) + " took it", now);
    return {};
}

void assign(Ticket& ticket, std::optional<AgentId> agent, std::string why, Instant now)
{
    ticket.assignee = agent;
    ticket.assigned_why = agent ? std::move(why) : std::string();
    ticket.updated_at = now;
}

Result<void> change_status(Ticket& ticket, TicketStatus status, const ServiceTarget& target, Instant now, std::string reason)
{
    if (status == ticket.status) {
        if (status != TicketStatus::closed && !reason.empty()) ticket.status_reason = std::move(reason);
        return {};
    }
    if (auto obstacle = why_not(ticket.status, status); !obstacle.empty()) return Error(ErrorKind::conflict, std::move(obstacle));
    const bool was_our_turn = is_our_turn(ticket.status);
    ticket.status = status;
    ticket.status_reason = std::move(reason);
    ticket.solved_at = status == TicketStatus::solved ? std::optional(now) : std::nullopt;
    ticket.updated_at = now;
    ticket.snoozed_until.reset();
    if (!is_our_turn(status)) end_waiting(ticket);
    else if (!was_our_turn && has_open_question(ticket)) start_waiting(ticket, ticket.last_inbound_at, target);
    settle_clocks(ticket, target, now);
    return {};
}

void close(Ticket& ticket, std::string reason, Instant now)
{
    ticket.status = TicketStatus::closed;
    ticket.status_reason = std::move(reason);
    if (!ticket.solved_at) ticket.solved_at = now;
    ticket.closed_at = now;
    ticket.snoozed_until.reset();
    ticket.updated_at = now;
    end_waiting(ticket);
    ticket.resolution_running_since.reset(); // what ends by itself was solved, or goes on elsewhere
    ticket.resolution_due_at.reset();
    ticket.alarm_at.reset();
}

Result<void> snooze(Ticket& ticket, std::optional<Instant> until, Instant now)
{
    if (ticket.status == TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed; there is nothing to put off");
    if (until && ticket.status == TicketStatus::solved) {
        return Error(ErrorKind::conflict, "the ticket is solved; there is nothing to put off");
    }
    const auto bad = [](const char* detail) {
        return Error(ErrorKind::invalid_input, std::string("snoozed_until ") + detail, {{"/snoozed_until", detail}});
    };
    if (until && *until <= now) return bad("must lie in the future");
    if (until && *until > now + longest_snooze) return bad("must be within a year");
    ticket.snoozed_until = until;
    ticket.updated_at = now;
    return {};
}

} // namespace sportello::domain
