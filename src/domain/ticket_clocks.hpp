#pragma once

#include <sportello/domain/ticket_rules.hpp>

namespace sportello::domain {

/// Whether the customer waits for us while the ticket has this status.
[[nodiscard]] constexpr bool is_our_turn(TicketStatus status)
{
    return status == TicketStatus::new_ || status == TicketStatus::open;
}

/// The customer waits since `since`, and the target of a first or of a next response runs from there.
void start_waiting(Ticket& ticket, Instant since, const ServiceTarget& target);
/// Nobody waits: what was due, promised or missed is over.
void end_waiting(Ticket& ticket);
/// After everything else about the ticket has changed at `at`: the clock of the resolution runs or stands still as the
/// status wants it, and the next alarm is set.
void settle_clocks(Ticket& ticket, const ServiceTarget& target, Instant at);
/// An answer stands on the platform since `answered_at`: it may be the first response, and it ends the waiting for what
/// was written up to `seen_until`. @return whether everything is answered now.
bool record_answer(Ticket& ticket, Instant answered_at, Instant seen_until, const ServiceTarget& target);
/// An earlier first message has come in late: what was measured from the first message is measured again.
void remeasure_first_response(Ticket& ticket, const ServiceTarget& target);

} // namespace sportello::domain
