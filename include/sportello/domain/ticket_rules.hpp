#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// What is due when, for one ticket: by its brand, channel and priority. Durations are office time.
struct ServiceTarget {
    const Calendar* calendar = nullptr; ///< never null
    Duration first_response{};
    Duration next_response{}; ///< of what the customer writes after our first answer; zero: as the first
    Duration resolution{};    ///< while it is our turn; zero: none
    double warn_at = 0.75;    ///< of each: when its people are warned
};

/// The ticket that an inbound message opens: status new, due at its platform time plus the target. Fields that name
/// rows (id, channel, identity, …) are the caller's. Subject: the first words of the text.
[[nodiscard]] Ticket open_ticket(const Message& message, const ServiceTarget& target, Instant now);

/// A message written before the last answer and long ago: a late import, which changes nothing of what is to be done.
[[nodiscard]] bool is_answered_already(const Ticket& ticket, const Message& message, Instant now);

/// A further inbound message of the ticket's customer: counts, shows last, waits (from the first unanswered one, by
/// platform time), reopens what is pending, on hold, snoozed or solved. A message older than the last answer (a late
/// import) changes no clock. A closed ticket stays closed (see continuation in domain/threading.hpp). `message.id` becomes last_inbound when it is the newest by arrival.
void receive_inbound(Ticket& ticket, const Message& message, const ServiceTarget& target, Instant now);

/// An own item written on the platform itself (not through us): an answer like any other, at its platform time.
void receive_own(Ticket& ticket, const Message& message, const ServiceTarget& target, Instant now);

/// A reply was accepted: shows last, counts; its author takes an unassigned ticket; new becomes open. Clocks go on.
void accept_reply(Ticket& ticket, const Reply& reply, std::string_view author_name, Instant now);

/// A reply stands on the platform since `published_at` (platform time): the first one sets first_response_at and its
/// office seconds; waiting ends unless a message arrived after it was written; new and open become pending.
void publish_reply(Ticket& ticket, Instant published_at, const ServiceTarget& target, Instant now);

/// A reply was taken back before it was sent: the list shows again what was last before it.
/// @param last  the newest message that is still there; null when there is none
void cancel_reply(Ticket& ticket, const Message* last, Instant now);

/// A message was edited or deleted (`new_text` empty): wherever the ticket repeats its text, the new one stands.
/// @param keeps_subject  a person worded the subject: it stays
void reword(Ticket& ticket, std::string_view old_text, std::string_view new_text, Instant now, bool keeps_subject = false);

/// Takes a ticket: conflict when another agent has it already; taking one's own is no change.
[[nodiscard]] base::Result<void> take(Ticket& ticket, AgentId agent, std::string_view agent_name, Instant now);

/// Assigns (or gives back, with nothing) by a person's or the rules' decision, with the reason in words.
void assign(Ticket& ticket, std::optional<AgentId> agent, std::string why, Instant now);

/// A person's change of status. new is left for good by the first action; closed is automatic and final; solved ends
/// waiting and due time; everything else per the table in the source. @return conflict for a transition that is not
/// allowed, in words.
/// @param reason  in words, kept beside the status; may be empty
[[nodiscard]] base::Result<void> change_status(Ticket& ticket, TicketStatus status, const ServiceTarget& target, Instant now,
                                               std::string reason = {});

/// Closes a ticket for good, with the reason in words.
void close(Ticket& ticket, std::string reason, Instant now);

/// The first words of a text, as the subject of the ticket that it opens.
[[nodiscard]] std::string derived_subject(std::string_view text);

/// Snoozes until `until` (> now, at most a year), or wakes with nothing. invalid_input otherwise; conflict when solved or
/// closed.
[[nodiscard]] base::Result<void> snooze(Ticket& ticket, std::optional<Instant> until, Instant now);

/// A changed calendar, target or priority re-plans open deadlines and leaves history alone: what was missed stays missed.
void replan(Ticket& ticket, const ServiceTarget& target);

/// Whether the clock of the resolution runs: it is our turn, and the ticket does not stand apart. It stands still while the
/// customer's answer is waited for, on hold, and once the ticket is solved.
[[nodiscard]] bool resolution_runs(const Ticket& ticket);

/// Office time in which the waiting message is to be answered: of a first response while there was none, else of a next one.
[[nodiscard]] Duration response_target(const Ticket& ticket, const ServiceTarget& target);

} // namespace sportello::domain
