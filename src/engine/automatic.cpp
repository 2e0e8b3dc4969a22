#include "automatic.hpp"

#include "facts.hpp"
#include "outbox_accept.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/automatic_answer.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/replies.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using domain::RouteKind;

domain::AutomaticFacts facts_of(const Settings& settings, const domain::Ticket& ticket)
{
    const ChannelSettings* channel = settings.channel(ticket.channel);
    domain::AutomaticFacts facts;
    facts.platform = ticket.platform;
    facts.visibility = ticket.visibility;
    if (ticket.visibility == domain::Visibility::private_) facts.last_private_inbound_at = ticket.last_inbound_at;
    facts.account_is_ours = channel && channel->brand == ticket.brand;
    facts.closed = ticket.status == domain::TicketStatus::closed;
    facts.aside = ticket.aside;
    return facts;
}

Error refused(std::string why)
{
    return Error(ErrorKind::conflict, why, {{"/route", why}});
}

/// What must be earlier than either.
std::optional<base::Instant> earlier(std::optional<base::Instant> a, std::optional<base::Instant> b)
{
    if (a && b) return std::min(*a, *b);
    return a ? a : b;
}

} // namespace

base::Result<domain::Reply> enqueue_automatic(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                              const AutomaticDraft& draft, base::Instant now)
{
    const domain::AutomaticFacts facts = facts_of(settings, ticket);
    if (!draft.ordered_by) {
        if (auto why = domain::why_no_automatic_answer(facts, now); !why.empty()) return refused(std::move(why));
    }
    const std::string text = base::clean_utf8(base::trim(draft.text));
    if (text.empty()) return Error(ErrorKind::invalid_input, "must not be empty", {{"/text", "must not be empty"}});
    const auto answered = answered_message(tx, ticket, draft.answers);
    if (!answered) return answered.error();
    const RouteKind kind = draft.ordered_by ? draft.route.value_or(usual_route(ticket)) : RouteKind::private_message;
    const MessageRoutes routes = routes_of(tx, settings, ticket, *answered, now);
    const domain::ReplyRoute* route = kind == RouteKind::by_hand ? nullptr : domain::find_route(routes.routes, kind);
    if (!route) return refused("this message cannot be answered in that way");
    if (!route->open) return refused(route->why);
    if (kind == RouteKind::private_message && ticket.visibility == domain::Visibility::public_) {
        return refused("this person's private conversation is another ticket: answer there");
    }
    const auto parts = parts_for(*answered, settings, kind, text);
    if (!parts) return parts.error();

    domain::Reply reply = reply_by(kind, tx, ticket, *answered);
    reply.author = draft.ordered_by ? draft.ordered_by->actor.id : domain::counter_itself;
    reply.text = text;
    reply.accepted_at = now;
    reply.send_after = now;
    reply.id = storage::insert_reply(tx, reply, *parts);
    const auto until = draft.ordered_by ? route->until : domain::automatic_answers_until(facts);
    storage::mark_automatic(tx, reply.id, draft.purpose, earlier(draft.expires_at, until));
    nlohmann::json data = reply_data(reply);
    data["automatic"] = draft.purpose;
    tell(tx, "reply.accepted", now, ticket.id, draft.ordered_by, data);
    settings.nudges->outbox_filled_at.store(base::to_micros(now));
    return reply;
}

} // namespace sportello::engine
