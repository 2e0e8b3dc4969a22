#include <sportello/engine/routes.hpp>

#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>

namespace sportello::engine {

MessageRoutes routes_of(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket, const domain::Message& message,
                        base::Instant now, domain::ReplyId except)
{
    const ChannelSettings* channel = settings.channel(message.channel);
    domain::RouteFacts facts;
    facts.platform = message.platform;
    facts.visibility = message.visibility;
    facts.written_at = message.at;
    facts.deleted = message.deleted_at.has_value();
    facts.hidden = message.hidden;
    facts.implicit_mention = message.implicit_mention;
    // A ticket that was merged may hold several channels of its brand: each message is answered through its own.
    facts.account_is_ours = channel && channel->brand == ticket.brand;
    if (channel) {
        facts.reply_rule = channel->reply_rule;
        facts.human_agent = channel->human_agent;
    }

    MessageRoutes found{.message = message.id,
                        .platform_id = message.platform_id,
                        .routes = {},
                        .private_ticket = {},
                        .conversation_id = {},
                        .recipient_id = {},
                        .private_link = channel ? private_link_of(*channel) : std::string(),
                        .permalink = message.permalink};
    const bool in_private = message.visibility == domain::Visibility::private_;
    auto conversation = in_private ? storage::last_message_under(tx, message.channel, message.root_id)
                                   : storage::last_private_message_of(tx, message.channel, message.identity.value_or(ticket.identity));
    // A message that has just arrived lies in no ticket yet.
    if (in_private && message.direction == domain::Direction::inbound && (!conversation || conversation->at < message.at)) {
        conversation = message;
    }
    if (conversation) {
        facts.last_private_inbound_at = conversation->at;
        found.conversation_id = conversation->root_id;
        found.recipient_id = conversation->recipient_id;
        if (!in_private) found.private_ticket = conversation->ticket;
    }
    if (!in_private) {
        facts.private_reply_used =
            message.platform == domain::Platform::facebook && storage::private_reply_used(tx, message.channel, message.platform_id, except);
    }
    found.routes = domain::reply_routes(facts, now);
    return found;
}

domain::RouteKind usual_route(const domain::Ticket& ticket)
{
    return ticket.visibility == domain::Visibility::public_ ? domain::RouteKind::public_reply : domain::RouteKind::private_message;
}

std::vector<MessageRoutes> routes_of_ticket(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                            base::Instant now, std::int64_t limit)
{
    std::vector<MessageRoutes> all;
    for (const domain::Message& message : storage::inbound_messages_of(tx, ticket.id, limit)) {
        all.push_back(routes_of(tx, settings, ticket, message, now));
    }
    return all;
}

} // namespace sportello::engine
