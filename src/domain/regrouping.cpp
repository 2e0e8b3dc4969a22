#include "ticket_clocks.hpp"
#include <sportello/domain/regrouping.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

std::string number_of(TicketId ticket)
{
    return "#" + std::to_string(ticket.value);
}

Error against(std::string why)
{
    return Error(ErrorKind::conflict, std::move(why));
}

Error wrong(const char* pointer, std::string why)
{
    return Error(ErrorKind::invalid_input, why, {{pointer, why}});
}

Message message_of(const Said& said)
{
    Message message;
    message.id = said.message;
    message.at = said.at;
    message.text = said.text;
    return message;
}

void say_again(Ticket& ticket, const Said& said, const ServiceTarget& target, Instant now)
{
    if (said.direction == Direction::inbound) {
        receive_inbound(ticket, message_of(said), target, now);
    } else if (said.out) {
        receive_own(ticket, message_of(said), target, now);
    } else {
        Reply reply;
        reply.text = said.text;
        accept_reply(ticket, reply, "", said.at);
    }
}

Result<void> nothing_under_way(const UnderWay& under_way, TicketId ticket)
{
    if (under_way.reply) return against("a reply of ticket " + number_of(ticket) + " is not settled yet: wait until it is published");
    if (under_way.by_hand) return against("ticket " + number_of(ticket) + " is being answered by hand");
    return {};
}

std::string why_at_its_end(const Ticket& ticket)
{
    if (ticket.merged_into) return "ticket " + number_of(ticket.id) + " was merged into " + number_of(*ticket.merged_into);
    if (ticket.status == TicketStatus::closed) return "ticket " + number_of(ticket.id) + " is closed for good";
    return {};
}

} // namespace

void recount(Ticket& ticket, std::vector<Said> said, const ServiceTarget& target, Instant now)
{
    std::ranges::stable_sort(said, {}, &Said::at);
    const auto first = std::ranges::find(said, Direction::inbound, &Said::direction);
    if (first == said.end()) return;
    Ticket again = open_ticket(message_of(*first), target, now);
    MessageId newest = first->message;
    for (auto one = said.begin(); one != said.end(); ++one) {
        newest = std::max(newest, one->message);
        if (one != first) say_again(again, *one, target, now);
    }
    ticket.created_at = again.created_at;
    ticket.first_inbound_at = again.first_inbound_at;
    ticket.last_inbound_at = again.last_inbound_at;
    ticket.last_inbound = newest;
    ticket.first_response_at = again.first_response_at;
    ticket.first_response_office_seconds = again.first_response_office_seconds;
    ticket.last_text = again.last_text;
    ticket.last_at = again.last_at;
    ticket.last_direction = again.last_direction;
    ticket.message_count = again.message_count;
    ticket.inbound_count = again.inbound_count;
    ticket.updated_at = now;
    if (again.waiting_since && is_our_turn(ticket.status)) start_waiting(ticket, *again.waiting_since, target);
    else end_waiting(ticket);
    settle_clocks(ticket, target, now);
}

Result<void> may_merge(const Ticket& source, const Ticket& target, UnderWay of_source)
{
    if (source.id == target.id) return wrong("/into", "a ticket cannot be merged into itself");
    if (source.brand != target.brand) return wrong("/into", "ticket " + number_of(target.id) + " is of another brand");
    if (auto why = why_at_its_end(source); !why.empty()) return against(std::move(why));
    if (auto why = why_at_its_end(target); !why.empty()) return against(std::move(why));
    return nothing_under_way(of_source, source.id);
}

std::string opened_by_merging(TicketId source)
{
    return "ticket " + number_of(source) + ", which waited, was merged into it";
}

std::string urged_by_merging(TicketId source)
{
    return "as ticket " + number_of(source) + ", which was merged into it";
}

void stand_aside(Ticket& ticket, TicketId into, std::string reason, Instant now)
{
    ticket.aside = "merged";
    ticket.merged_into = into;
    // The answer is counted where the messages are.
    ticket.first_response_at.reset();
    ticket.first_response_office_seconds.reset();
    close(ticket, std::move(reason), now);
}

void merge(Ticket& source, Ticket& target, Instant now)
{
    if (source.waiting_since && !is_our_turn(target.status)) {
        target.status = TicketStatus::open;
        target.status_reason = opened_by_merging(source.id);
        target.solved_at.reset();
    }
    if (source.waiting_since) target.snoozed_until.reset();
    if (target.priority < source.priority) {
        target.priority = source.priority;
        target.priority_why = urged_by_merging(source.id);
    }
    stand_aside(source, target.id, "merged into ticket " + number_of(target.id), now);
    target.updated_at = now;
}

Result<void> may_split(const Ticket& ticket, std::span<const Message> inbound, std::span<const MessageId> chosen, UnderWay of_ticket)
{
    if (auto why = why_at_its_end(ticket); !why.empty()) return against(std::move(why));
    const auto is_chosen = [&](const Message& message) { return std::ranges::find(chosen, message.id) != chosen.end(); };
    const auto found = std::ranges::count_if(inbound, is_chosen);
    if (chosen.empty()) return wrong("/messages", "at least one message of the customer");
    if (found != static_cast<std::ptrdiff_t>(chosen.size()))
        return wrong("/messages", "only messages of the customer in this ticket, each once");
    if (found == static_cast<std::ptrdiff_t>(inbound.size())) return wrong("/messages", "at least one message has to stay");
    const auto first = std::ranges::find_if(inbound, is_chosen);
    const bool one_person = std::ranges::all_of(inbound, [&](const Message& message) {
        return !is_chosen(message) || (message.identity == first->identity && message.channel == first->channel);
    });
    if (!one_person) return wrong("/messages", "only messages of one person in one channel");
    return nothing_under_way(of_ticket, ticket.id);
}

Result<void> may_undo(const SinceRegrouping& since, TicketId to)
{
    if (since.undone) return against("it was taken back already");
    if (since.regrouped)
        return against("it was followed by another merge or split with ticket " + number_of(*since.regrouped) + ": take that back first");
    if (since.status == TicketStatus::closed) return against("ticket " + number_of(to) + " is closed for good");
    if (since.answered) return against("what was moved was answered in ticket " + number_of(to) + " since");
    return nothing_under_way(since.under_way, to);
}

} // namespace sportello::domain
