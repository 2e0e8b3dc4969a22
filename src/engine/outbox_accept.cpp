#include "outbox_accept.hpp"

#include "facts.hpp"
#include "settle.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Delivery;
using domain::Reply;
using domain::Ticket;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration longest_undo = 60s;
constexpr std::size_t most_parts = 25;

Error invalid(std::string pointer, std::string detail)
{
    return Error(ErrorKind::invalid_input, detail, {{std::move(pointer), detail}});
}

/// The stale guard: a reply carries the last message its author saw; a newer one means that the answer may be beside it.
Result<void> check_fresh(const Ticket& ticket, const ReplyDraft& draft)
{
    if (!draft.last_seen || !ticket.last_inbound || *draft.last_seen >= *ticket.last_inbound) return {};
    return Error(ErrorKind::conflict, "the customer wrote again since you read the ticket",
                 {{"/last_seen", "the newest message is " + std::to_string(ticket.last_inbound->value)}});
}

/// What goes on the wire, part by part.
Result<std::vector<std::string>> parts_for(const Ticket& ticket, const Settings& settings, const std::string& text)
{
    const ChannelSettings* channel = settings.channel(ticket.channel);
    const auto budget = domain::budget_for(ticket.platform, ticket.visibility, channel ? channel->public_limit : 280);
    if (!budget.splittable && domain::measure(text, budget.unit) > budget.limit) {
        return invalid("/text", "too long: at most " + std::to_string(budget.limit) + " characters fit into one message here");
    }
    std::vector<std::string> parts;
    for (domain::TextPart& part : domain::split(text, budget)) parts.push_back(std::move(part.text));
    if (parts.size() > most_parts) return invalid("/text", "too long: it would go out as more than 25 messages");
    return parts;
}

nlohmann::json reply_data(const Reply& reply)
{
    return {{"reply", reply.id.value},
            {"visibility", to_string(reply.visibility)},
            {"delivery", {{"state", to_string(reply.state)}, {"platform_id", reply.platform_id}, {"reason", reply.reason}}}};
}

/// A reply whose ticket the actor may see.
Result<Reply> visible_reply(Transaction& tx, domain::ReplyId id, const Actor& actor)
{
    auto reply = storage::find_reply(tx, id);
    if (!reply) return reply;
    if (const auto ticket = visible_ticket(tx, reply->ticket, actor); !ticket) {
        return Error(ErrorKind::not_found, "there is no reply " + std::to_string(id.value));
    }
    return reply;
}

/// The part that waits for a decision: unknown or needs_decision.
std::optional<storage::OutboxPart> undecided_part(Transaction& tx, const Reply& reply)
{
    for (domain::ReplyPart& part : storage::parts_of(tx, reply.id)) {
        if (part.state == Delivery::needs_decision || part.state == Delivery::unknown) return storage::OutboxPart{std::move(part), reply};
    }
    return std::nullopt;
}

} // namespace

Result<Reply> accept_reply(Transaction& tx, const Settings& settings, domain::TicketId id, const ReplyDraft& draft, const Command& command,
                           Instant now)
{
    auto ticket = visible_ticket(tx, id, command.actor);
    if (!ticket) return ticket.error();
    const auto made = made_before(tx, command);
    if (!made) return made.error();
    if (*made) return storage::find_reply(tx, domain::ReplyId{**made});

    const std::string text = base::clean_utf8(base::trim(draft.text));
    if (text.empty()) return invalid("/text", "must not be empty");
    if (draft.visibility != ticket->visibility) {
        return invalid("/visibility", "this ticket is answered in " +
                                          std::string(ticket->visibility == domain::Visibility::public_ ? "public" : "private"));
    }
    if (draft.undo < 0s || draft.undo > longest_undo) return invalid("/undo_seconds", "must be from 0 to 60");
    if (ticket->status == domain::TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
    if (const auto fresh = check_fresh(*ticket, draft); !fresh) return fresh.error();
    if (!ticket->last_inbound) return Error(ErrorKind::conflict, "there is no message to answer");
    const auto answered = storage::find_message(tx, *ticket->last_inbound);
    if (!answered) return answered.error();
    const auto parts = parts_for(*ticket, settings, text);
    if (!parts) return parts.error();
    const auto author = storage::find_agent(tx, command.actor.id);
    if (!author) return author.error();

    Reply reply;
    reply.ticket = id;
    reply.author = command.actor.id;
    reply.channel = ticket->channel;
    // One person under one root: an unknown reply holds back this person's later ones, nobody else's.
    reply.conversation = "ticket:" + std::to_string(id.value);
    reply.visibility = ticket->visibility;
    reply.text = text;
    reply.target_id = ticket->visibility == domain::Visibility::public_ ? answered->platform_id : answered->root_id;
    reply.recipient_id = answered->recipient_id;
    reply.accepted_at = now;
    reply.send_after = now + draft.undo;
    reply.id = storage::insert_reply(tx, reply, *parts);
    if (const auto kept = remember_made(tx, command, reply.id.value, now); !kept) return kept.error();

    const Ticket before = *ticket;
    domain::accept_reply(*ticket, reply, author->name, now);
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    tell(tx, "reply.accepted", now, id, &command, reply_data(reply));
    return reply;
}

Result<Reply> cancel_reply(Transaction& tx, domain::ReplyId id, const Command& command, Instant now)
{
    auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    if (reply->state == Delivery::cancelled) return reply;
    if (!storage::cancel_if_unsent(tx, id)) return Error(ErrorKind::conflict, "it is too late: the reply is on its way");
    reply->state = Delivery::cancelled;
    auto ticket = storage::find_ticket(tx, reply->ticket);
    if (!ticket) return ticket.error();
    const Ticket before = *ticket;
    const auto last = storage::last_message_of(tx, ticket->id);
    domain::cancel_reply(*ticket, last ? &*last : nullptr, now);
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    tell(tx, "reply.cancelled", now, reply->ticket, &command, reply_data(*reply));
    return reply;
}

Result<Reply> send_reply_now(Transaction& tx, domain::ReplyId id, const Command& command, Instant now)
{
    auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    for (domain::ReplyPart& part : storage::parts_of(tx, id)) {
        if (part.state != Delivery::queued || (part.attempts > 0 && part.held == domain::Hold::none)) continue;
        part.next_try = now;
        part.held = domain::Hold::none; // where nothing may be sent it is held again
        if (const auto saved = storage::save_part(tx, part); !saved) return saved.error();
    }
    return reply;
}

Result<Reply> decide_reply(Transaction& tx, const Settings& settings, domain::ReplyId id, const Decision& decision, const Command& command,
                           Instant now)
{
    const auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    auto part = undecided_part(tx, *reply);
    if (!part) return Error(ErrorKind::conflict, "there is nothing to decide: the reply is " + std::string(to_string(reply->state)));
    Settler settler{tx, settings, now};
    switch (decision.kind) {
    case Decision::Kind::resend:
        if (part->part.state != Delivery::needs_decision) {
            return Error(ErrorKind::conflict, "it is still being looked for on the platform; send again only when that has ended");
        }
        settler.requeued(*part, "sent again by a person's decision", now);
        break;
    case Decision::Kind::published:
        if (decision.platform_id.empty()) return invalid("/platform_id", "must be the id that the reply has on the platform");
        if (const auto seen = storage::find_message_by_platform_id(tx, reply->channel, decision.platform_id);
            !seen || seen->direction != domain::Direction::outbound) {
            return invalid("/platform_id", "is no message of this account that Sportello has seen");
        }
        settler.published(*part, decision.platform_id, now);
        break;
    case Decision::Kind::discard:
        settler.failed(*part, "discarded by a person's decision");
        break;
    }
    const auto decided = storage::find_reply(tx, id);
    if (decided) tell(tx, "reply.decided", now, decided->ticket, &command, reply_data(*decided));
    return decided;
}

} // namespace sportello::engine
