#include <sportello/domain/threading.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

using Kind = ThreadingDecision::Kind;

std::string number_of(TicketId ticket)
{
    return "#" + std::to_string(ticket.value);
}

/// The ticket of `identity` under the root; the oldest, should there ever be two.
std::optional<TicketId> ticket_of(IdentityId identity, std::span<const ThreadingFacts::UnderRoot> under_root)
{
    std::optional<TicketId> found;
    for (const auto& [ticket, owner] : under_root) {
        if (owner == identity && (!found || ticket < *found)) found = ticket;
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
    if (const auto ticket = ticket_of(*facts.identity, facts.under_root)) {
        return {Kind::join, *ticket, "the same person under the same post or conversation as ticket " + number_of(*ticket)};
    }
    if (!facts.under_root.empty()) {
        return {Kind::open, {}, "the first message of this person here; others under the same post have their own tickets"};
    }
    return {Kind::open, {}, facts.is_root ? "a new post or conversation" : "the first message of this person under this post"};
}

} // namespace

ThreadingDecision thread(const ThreadingFacts& facts)
{
    const ThreadingDecision decision = facts.own ? thread_own(facts) : thread_inbound(facts);
    if (!facts.before_start || decision.kind == Kind::context_only) return decision;
    if (decision.kind == Kind::join) return {Kind::join_as_context, decision.ticket, decision.why};
    return {Kind::wait_as_context, {}, {}};
}

} // namespace sportello::domain
