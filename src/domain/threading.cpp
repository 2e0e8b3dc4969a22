#include <sportello/domain/threading.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

using Kind = ThreadingDecision::Kind;

std::string number_of(TicketId ticket)
{
    return "#" + std::to_string(ticket.value);
}

/// The ticket of `identity` under the root; of several the newest, which goes on with the matter.
const ThreadingFacts::UnderRoot* ticket_of(IdentityId identity, std::span<const ThreadingFacts::UnderRoot> under_root)
{
    const ThreadingFacts::UnderRoot* found = nullptr;
    for (const auto& other : under_root) {
        if (other.identity == identity && (!found || found->ticket < other.ticket)) found = &other;
    }
    return found;
}

bool all_one_ticket(std::span<const ThreadingFacts::UnderRoot> under_root)
{
    return !under_root.empty() &&
           std::ranges::all_of(under_root, [&](const auto& other) { return other.ticket == under_root.front().ticket; });
}

ThreadingDecision thread_own(const ThreadingFacts& facts)
{
    if (facts.parent_ticket) {
        return {Kind::join, *facts.parent_ticket, "our answer to a message of ticket " + number_of(*facts.parent_ticket)};
    }
    if (facts.is_root) return {Kind::context_only, {}, "our own post: the background of what people write under it"};
    if (all_one_ticket(facts.under_root)) {
        const auto ticket = facts.under_root.front().ticket;
        return {Kind::join, ticket, "our answer under a post with one ticket only, " + number_of(ticket)};
    }
    if (facts.under_root.empty()) return {Kind::wait_for_parent, {}, "our answer to a message that is not known yet"};
    return {Kind::wait_for_parent,
            {},
            "our answer under a post with " + std::to_string(facts.under_root.size()) +
                " tickets, and the message it answers is not known yet"};
}

ThreadingDecision thread_inbound(const ThreadingFacts& facts)
{
    if (!facts.identity) return {Kind::open, {}, "the platform does not say who wrote it, so it stands by itself"};
    const auto* here = ticket_of(*facts.identity, facts.under_root);
    const bool taken_up_again = here && !here->done && facts.chain_done; // the matter goes on in its follow-up
    if (facts.chain_ticket && !taken_up_again) {
        return {Kind::join, *facts.chain_ticket, "it goes on with what was said in ticket " + number_of(*facts.chain_ticket)};
    }
    if (facts.invited_from && (!here || here->done)) {
        return {Kind::join, *facts.invited_from, "written in private after our invitation in ticket " + number_of(*facts.invited_from)};
    }
    if (here) return {Kind::join, here->ticket, "the same person under the same post or conversation as ticket " + number_of(here->ticket)};
    if (facts.open_ticket) {
        return {Kind::join, *facts.open_ticket, "the same person wrote a short time ago, in ticket " + number_of(*facts.open_ticket)};
    }
    if (!facts.under_root.empty()) {
        return {Kind::open, {}, "the first message of this person here; others under the same post have their own tickets"};
    }
    return {Kind::open, {}, facts.is_root ? "a new post or conversation" : "the first message of this person under this post"};
}

std::string in_words(Duration duration)
{
    const auto days = std::chrono::duration_cast<std::chrono::hours>(duration).count() / 24;
    if (days >= 1) return std::to_string(days) + (days == 1 ? " day" : " days");
    return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(duration).count()) + " minutes";
}

} // namespace

Continuation continuation(const Ticket& ticket, const Message& message, const ThreadingPolicy& policy, Instant now)
{
    if (is_answered_already(ticket, message, now)) return {};
    if (ticket.status == TicketStatus::closed) {
        return {.follow_up = true, .why = "it takes up ticket " + number_of(ticket.id) + " again, which is closed"};
    }
    if (ticket.status != TicketStatus::solved || !ticket.solved_at) return {};
    if (message.at <= *ticket.solved_at + policy.reopen_within) return {};
    return {.follow_up = true,
            .why = "it takes up ticket " + number_of(ticket.id) + " again, which was solved more than " + in_words(policy.reopen_within) +
                   " before"};
}

ThreadingDecision thread(const ThreadingFacts& facts)
{
    const ThreadingDecision decision = facts.own ? thread_own(facts) : thread_inbound(facts);
    if (!facts.before_start || decision.kind == Kind::context_only) return decision;
    if (decision.kind == Kind::join) return {Kind::join_as_context, decision.ticket, decision.why};
    return {Kind::wait_as_context, {}, {}};
}

} // namespace sportello::domain
