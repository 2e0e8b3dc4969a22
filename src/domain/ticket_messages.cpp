#include "ticket_clocks.hpp"
#include <sportello/base/text.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t subject_length = 80;
constexpr std::size_t list_text_length = 160;
/// So long after it was written a message can still arrive without the author of an answer having seen it.
constexpr auto may_be_unseen_for = 10min;

/// Blanks and line breaks become one blank each run, for a text that stands on one line of a list.
std::string on_one_line(std::string_view text)
{
    std::string line;
    for (const char c : base::trim(text)) {
        const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!blank) line.push_back(c);
        else if (!line.ends_with(' ')) line.push_back(' ');
    }
    return line;
}

std::string subject_of(std::string_view text)
{
    return base::shorten(on_one_line(text), subject_length);
}

std::string list_text_of(std::string_view text)
{
    return base::shorten(on_one_line(text), list_text_length);
}

void show_last(Ticket& ticket, std::string_view text, Instant at, Direction direction)
{
    ticket.last_text = list_text_of(text);
    ticket.last_at = at;
    ticket.last_direction = direction;
}

void widen_inbound_span(Ticket& ticket, Instant at, const ServiceTarget& target)
{
    ticket.last_inbound_at = std::max(ticket.last_inbound_at, at);
    if (at >= ticket.first_inbound_at) return;
    ticket.first_inbound_at = at;
    ticket.created_at = at;
    remeasure_first_response(ticket, target);
}

void await_customer(Ticket& ticket)
{
    if (!is_our_turn(ticket.status)) return;
    ticket.status = TicketStatus::pending;
    ticket.status_reason.clear();
}

} // namespace

bool is_answered_already(const Ticket& ticket, const Message& message, Instant now)
{
    const bool before_answer = ticket.last_direction == Direction::outbound && message.at < ticket.last_at;
    return before_answer && now - message.at > may_be_unseen_for;
}

std::string derived_subject(std::string_view text)
{
    return subject_of(text);
}

Ticket open_ticket(const Message& message, const ServiceTarget& target, Instant now)
{
    Ticket ticket;
    ticket.subject = subject_of(message.text);
    ticket.created_at = message.at;
    ticket.updated_at = now;
    ticket.first_inbound_at = message.at;
    ticket.last_inbound_at = message.at;
    ticket.last_inbound = message.id;
    ticket.message_count = ticket.inbound_count = 1;
    show_last(ticket, message.text, message.at, Direction::inbound);
    start_waiting(ticket, message.at, target);
    settle_clocks(ticket, target, message.at);
    return ticket;
}

void receive_inbound(Ticket& ticket, const Message& message, const ServiceTarget& target, Instant now)
{
    const bool answered = is_answered_already(ticket, message, now);
    // What was written before our answer and read after it: our turn again from the answer on.
    const Instant our_turn_since = ticket.last_direction == Direction::outbound ? std::max(message.at, ticket.last_at) : message.at;
    widen_inbound_span(ticket, message.at, target);
    ticket.last_inbound = message.id;
    ticket.message_count += 1;
    ticket.inbound_count += 1;
    ticket.updated_at = now;
    // What our answer's author has not seen is shown, even if the answer bears a slightly later time.
    const bool unseen = ticket.last_direction == Direction::outbound && !answered;
    if (unseen || message.at >= ticket.last_at) {
        show_last(ticket, message.text, std::max(message.at, ticket.last_at), Direction::inbound);
    }
    if (answered || ticket.status == TicketStatus::closed) return;
    start_waiting(ticket, std::min(ticket.waiting_since.value_or(message.at), message.at), target);
    ticket.snoozed_until.reset();
    if (ticket.status != TicketStatus::new_) {
        if (ticket.status != TicketStatus::open) ticket.status_reason = "the customer wrote again";
        ticket.status = TicketStatus::open;
        ticket.solved_at.reset();
    }
    settle_clocks(ticket, target, our_turn_since);
}

void receive_own(Ticket& ticket, const Message& message, const ServiceTarget& target, Instant now)
{
    ticket.message_count += 1;
    ticket.updated_at = now;
    if (message.at >= ticket.last_at) show_last(ticket, message.text, message.at, Direction::outbound);
    if (message.at < ticket.first_inbound_at) return;
    if (record_answer(ticket, message.at, message.at, target)) await_customer(ticket);
    settle_clocks(ticket, target, message.at);
}

void accept_reply(Ticket& ticket, const Reply& reply, std::string_view author_name, Instant now)
{
    show_last(ticket, reply.text, now, Direction::outbound);
    ticket.message_count += 1;
    ticket.updated_at = now;
    if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
    if (!ticket.assignee) assign(ticket, reply.author, std::string(author_name) + " answered it", now);
}

void cancel_reply(Ticket& ticket, const Message* last, Instant now)
{
    if (last) show_last(ticket, last->text, last->at, last->direction);
    ticket.message_count -= 1;
    ticket.updated_at = now;
}

void reword(Ticket& ticket, std::string_view old_text, std::string_view new_text, Instant now, bool keeps_subject)
{
    if (!keeps_subject && ticket.subject == subject_of(old_text)) ticket.subject = subject_of(new_text);
    if (ticket.last_text == list_text_of(old_text)) ticket.last_text = list_text_of(new_text);
    ticket.updated_at = now;
}

void publish_reply(Ticket& ticket, Instant published_at, const ServiceTarget& target, Instant now)
{
    ticket.updated_at = now;
    // Something came in after the reply was accepted: its author had not seen it.
    const bool newer_message = ticket.last_direction == Direction::inbound;
    const auto seen_until = newer_message ? std::min(published_at, ticket.last_inbound_at - 1us) : published_at;
    if (record_answer(ticket, published_at, seen_until, target)) await_customer(ticket);
    else if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
    settle_clocks(ticket, target, published_at);
}

} // namespace sportello::domain
