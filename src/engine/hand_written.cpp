#include "hand_written.hpp"

#include "facts.hpp"
#include "promises.hpp"
#include "search_index.hpp"
#include "settle.hpp"
#include "shield_rules.hpp"

#include <sportello/domain/hand_written.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <array>

namespace sportello::engine {
namespace {

using domain::Delivery;
using storage::Transaction;

/// What stands between a message and the root of its thread, nearest first.
std::vector<std::string> path_above(Transaction& tx, std::string_view channel, std::string_view target, std::string_view root)
{
    std::vector<std::string> path;
    std::string next(target);
    for (int depth = 0; depth < 10; ++depth) {
        const auto message = storage::find_message_by_platform_id(tx, channel, next);
        if (!message || message->parent_id.empty() || message->parent_id == root) break;
        path.push_back(message->parent_id);
        next = message->parent_id;
    }
    return path;
}

/// A reply that was never in the outbox: it is published when it is written down.
domain::ReplyId insert_published(Transaction& tx, const Settings& settings, const storage::ByHand& wait, const domain::Message& own)
{
    domain::Reply reply;
    reply.ticket = wait.ticket;
    reply.author = wait.agent;
    reply.channel = wait.channel;
    reply.conversation = "ticket:" + std::to_string(wait.ticket.value);
    reply.visibility = own.visibility;
    reply.route = domain::RouteKind::by_hand;
    reply.text = own.text;
    reply.target_id = wait.target_id;
    reply.recipient_id = own.recipient_id;
    reply.accepted_at = wait.since;
    reply.send_after = wait.since;
    const std::array texts{own.text};
    reply.id = storage::insert_reply(tx, reply, texts);
    index_reply(tx, settings, reply);
    reply.state = Delivery::published;
    reply.published_at = own.at;
    reply.platform_id = own.platform_id;
    storage::save_reply_state(tx, reply);
    domain::ReplyPart part = storage::parts_of(tx, reply.id).front();
    part.state = Delivery::published;
    part.platform_id = own.platform_id;
    // Its id was bound to nothing, or it would not have been offered here.
    if (const auto saved = storage::save_part(tx, part); !saved) throw storage::Failure(base::ErrorKind::internal, saved.error().what());
    storage::bind_message_to_part(tx, own.id, part.id);
    return reply.id;
}

domain::PlatformItem item_of(const domain::Message& own)
{
    domain::PlatformItem item;
    item.platform_id = own.platform_id;
    item.kind = own.kind;
    item.visibility = own.visibility;
    item.own = true;
    item.text = own.text;
    item.parent_id = own.parent_id;
    item.root_id = own.root_id;
    item.recipient_id = own.recipient_id;
    item.at = own.at;
    return item;
}

} // namespace

std::optional<storage::ByHand> wait_ended_by(Transaction& tx, const domain::Message& own)
{
    auto waiting = storage::waiting_by_hand_under(tx, own.channel, own.root_id);
    if (waiting.empty() || own.deleted_at) return std::nullopt;
    std::vector<domain::HandWait> waits;
    for (const storage::ByHand& wait : waiting) {
        waits.push_back({.target = wait.target_id,
                         .path = path_above(tx, wait.channel, wait.target_id, wait.root_id),
                         .root = wait.root_id,
                         .text = wait.text,
                         .since = wait.since});
    }
    const auto ended = domain::ended_wait(waits, own);
    if (!ended) return std::nullopt;
    return std::move(waiting[*ended]);
}

void credit_hand_written(Transaction& tx, const Settings& settings, storage::ByHand wait, const domain::Message& own, base::Instant now)
{
    auto ticket = storage::find_ticket(tx, wait.ticket);
    if (!ticket) throw storage::Failure(base::ErrorKind::internal, ticket.error().what());
    const auto reply = insert_published(tx, settings, wait, own);
    wait.ended_at = now;
    wait.outcome = "published";
    storage::save_by_hand(tx, wait);
    const domain::Ticket before = *ticket;
    domain::receive_own(*ticket, for_lists(settings, own), target_of(settings, *ticket), now);
    settle_promise(tx, settings, *ticket, own.at);
    (void)storage::save_ticket(tx, *ticket, &before); // read in this transaction: nobody was faster
    Command author;
    author.actor.id = wait.agent;
    tell(tx, "reply.published", now, wait.ticket, &author,
         {{"reply", reply.value},
          {"part", 1},
          {"by_hand", wait.id},
          {"delivery", {{"state", to_string(Delivery::published)}, {"platform_id", own.platform_id}, {"reason", ""}}}});
}

void look_for_double(Transaction& tx, const Settings& settings, domain::TicketId ticket, const domain::Message& own, base::Instant now)
{
    const domain::PlatformItem item = item_of(own);
    Settler settler{tx, settings, now};
    for (const domain::Reply& reply : storage::replies_of_ticket(tx, ticket)) {
        if (reply.state != Delivery::published || reply.visibility != own.visibility || reply.doubled_at) continue;
        for (const domain::ReplyPart& part : storage::parts_of(tx, reply.id)) {
            if (part.attempts == 0 || part.platform_id == own.platform_id) continue;
            const auto match = settler.look_for({part, reply}, std::span(&item, 1));
            if (match.kind == domain::MatchResult::Kind::match) settler.doubled(reply, own.platform_id);
        }
    }
}

} // namespace sportello::engine
