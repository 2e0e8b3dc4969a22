#include <sportello/engine/shield.hpp>

#include "facts.hpp"
#include "shield_rules.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/message_actions.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/personal_data.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Message;
using domain::PersonalData;
using domain::Ticket;
using storage::Transaction;

/// Of a person's messages, the newest: what is looked through for what must not be repeated.
constexpr std::int64_t most_messages_judged = 50;

struct Found {
    Message message;
    Ticket ticket;
};

Result<Found> visible_message(Transaction& tx, domain::MessageId id, const Actor& actor)
{
    const auto none = [&] { return Error(ErrorKind::not_found, "there is no message " + std::to_string(id.value)); };
    auto message = storage::find_message(tx, id);
    if (!message || !message->ticket) return none();
    auto ticket = visible_ticket(tx, *message->ticket, actor);
    if (!ticket) return none();
    return Found{std::move(*message), std::move(*ticket)};
}

Result<void> check_right(const Actor& actor, const Ticket& ticket)
{
    if (may_see_personal_data(actor, ticket)) return {};
    return Error(ErrorKind::forbidden, "personal data is for the person who has the ticket and for supervisors");
}

nlohmann::json kinds_of(const std::vector<PersonalData>& found)
{
    std::set<std::string_view> kinds;
    for (const PersonalData& data : found) kinds.insert(to_string(data.kind));
    return kinds;
}

/// What the customer told us here and in private.
std::vector<PersonalData> told_by_customer(Transaction& tx, const Settings& settings, const Ticket& ticket)
{
    std::vector<PersonalData> told;
    const auto add = [&](domain::TicketId id) {
        for (const Message& message : storage::inbound_messages_of(tx, id, most_messages_judged)) {
            auto found = settings.personal_data.find(message.text);
            std::move(found.begin(), found.end(), std::back_inserter(told));
        }
    };
    add(ticket.id);
    const auto in_private = storage::last_private_message_of(tx, ticket.channel, ticket.identity);
    if (in_private && in_private->ticket && *in_private->ticket != ticket.id) add(*in_private->ticket);
    return told;
}

bool stands_in(const std::vector<PersonalData>& all, const PersonalData& data)
{
    return std::any_of(all.begin(), all.end(), [&](const PersonalData& other) { return other.value == data.value; });
}

} // namespace

std::string digest_of(const PersonalData& data)
{
    return base::sha256_hex(std::string(to_string(data.kind)) + '\n' + data.value);
}

bool may_see_personal_data(const Actor& actor, const Ticket& ticket)
{
    return actor.role == domain::Role::supervisor || actor.role == domain::Role::admin || ticket.assignee == actor.id;
}

Message for_lists(const Settings& settings, const Message& message)
{
    Message shown = message;
    const auto found = settings.personal_data.find(message.text);
    if (!found.empty()) shown.text = domain::mask(message.text, found);
    return shown;
}

Result<void> check_public_text(Transaction& tx, const Settings& settings, const Ticket& ticket, std::string_view text, bool release,
                               const Command& command, Instant now)
{
    auto found = settings.personal_data.find(text);
    const auto told = told_by_customer(tx, settings, ticket);
    for (const PersonalData& data : told) {
        if (!stands_in(found, data) && domain::repeats(text, data)) found.push_back(data);
    }
    if (found.empty()) return {};
    const auto released = storage::released_personal_data(tx, ticket.id);
    std::erase_if(found, [&](const PersonalData& data) { return released.contains(digest_of(data)); });
    if (found.empty()) return {};
    if (release) {
        for (const PersonalData& data : found) {
            (void)storage::release_personal_data(tx, ticket.id, digest_of(data), to_string(data.kind), command.actor.id, now);
        }
        tell(tx, "personal_data.released", now, ticket.id, &command, {{"kinds", kinds_of(found)}, {"in", "reply"}});
        return {};
    }
    const PersonalData& first = found.front();
    const std::string detail = "holds " + std::string(in_words(first.kind)) + (stands_in(told, first) ? " of the customer" : "") +
                               ", and everybody can read a public answer";
    return Error(ErrorKind::invalid_input, "the text " + detail,
                 {{"/text", detail}, {"/release_personal_data", "send true if it is no personal data"}});
}

asio::awaitable<Result<Revealed>> Shield::reveal(domain::MessageId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Revealed> {
        auto found = visible_message(tx, id, command.actor);
        if (!found) return found.error();
        if (const auto right = check_right(command.actor, found->ticket); !right) return right.error();
        Revealed revealed{.message = std::move(found->message), .found = {}};
        revealed.found = settings_.personal_data.find(revealed.message.text);
        if (revealed.found.empty()) return revealed; // there was nothing to look at
        tell(tx, "personal_data.revealed", now, found->ticket.id, &command, {{"message", id.value}, {"kinds", kinds_of(revealed.found)}});
        return revealed;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Message>> Shield::release(domain::MessageId id, std::size_t number, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Message> {
        auto found = visible_message(tx, id, command.actor);
        if (!found) return found.error();
        if (const auto right = check_right(command.actor, found->ticket); !right) return right.error();
        const auto finds = settings_.personal_data.find(found->message.text);
        if (number < 1 || number > finds.size()) {
            return Error(ErrorKind::not_found, "there is no find " + std::to_string(number) + " in this message");
        }
        const PersonalData& data = finds[number - 1];
        if (storage::release_personal_data(tx, found->ticket.id, digest_of(data), to_string(data.kind), command.actor.id, now)) {
            tell(tx, "personal_data.released", now, found->ticket.id, &command,
                 {{"message", id.value}, {"number", number}, {"kinds", {to_string(data.kind)}}, {"in", "message"}});
        }
        return std::move(found->message);
    };
    co_return co_await db_.write(unit);
}

namespace {

/// What left the house is taken off its platform by its author, and by who supervises.
std::optional<Error> may_take_off(const Actor& actor, std::optional<domain::AgentId> author)
{
    const bool supervises = actor.role == domain::Role::supervisor || actor.role == domain::Role::admin;
    if (supervises || author == actor.id) return std::nullopt;
    return Error(ErrorKind::forbidden, "what a colleague wrote is deleted by them or by who supervises");
}

/// Why this may not be done to this message; nothing: it may.
std::optional<Error> obstacle(Transaction& tx, const Message& message, const std::string& kind, const Actor& actor)
{
    const auto conflict = [](const char* what) { return Error(ErrorKind::conflict, what); };
    const bool ours = message.direction == domain::Direction::outbound;
    if (message.deleted_at) return conflict("the message is deleted");
    if (kind == "remove") {
        if (!ours) return conflict("somebody else's message is not deleted but hidden");
        return may_take_off(actor, storage::author_of_message(tx, message.id));
    }
    if (message.visibility == domain::Visibility::private_) return conflict("a private message is seen by nobody else");
    if (!ours) return std::nullopt;
    return conflict(kind == "like" || kind == "unlike" ? "we do not like what we wrote ourselves"
                                                       : "our own message is not hidden but deleted");
}

std::string order_event(const std::string& kind)
{
    return "message." + kind + "_ordered";
}

} // namespace

asio::awaitable<Result<storage::MessageAction>> Shield::hide(domain::MessageId id, bool hide, Command command)
{
    return order(id, hide ? "hide" : "unhide", std::move(command));
}

asio::awaitable<Result<storage::MessageAction>> Shield::like(domain::MessageId id, bool like, Command command)
{
    return order(id, like ? "like" : "unlike", std::move(command));
}

asio::awaitable<Result<storage::MessageAction>> Shield::remove(domain::MessageId id, Command command)
{
    return order(id, "remove", std::move(command));
}

asio::awaitable<Result<domain::Reply>> Shield::withdraw(domain::ReplyId id, Command command)
{
    const Instant now = clock_.now();
    bool ordered = false;
    auto unit = [&](Transaction& tx) -> Result<domain::Reply> {
        auto reply = storage::find_reply(tx, id);
        if (!reply) return reply;
        const auto ticket = visible_ticket(tx, reply->ticket, command.actor);
        if (!ticket) return Error(ErrorKind::not_found, "there is no reply " + std::to_string(id.value));
        if (const auto why = may_take_off(command.actor, reply->author)) return *why;
        const ChannelSettings* channel = settings_.channel(reply->channel);
        if (!channel || !channel->publish)
            return Error(ErrorKind::conflict, "this channel runs without publishing: do it on the platform itself");
        std::size_t out = 0;
        for (const domain::ReplyPart& part : storage::parts_of(tx, id)) {
            if (part.platform_id.empty()) continue;
            ++out;
            if (storage::is_being_removed(tx, reply->channel, part.platform_id)) continue;
            storage::MessageAction action;
            action.kind = "remove";
            action.target_id = part.platform_id;
            action.visibility = reply->visibility;
            if (const auto message = storage::find_message_by_platform_id(tx, reply->channel, part.platform_id))
                action.message = message->id;
            action.ticket = reply->ticket;
            action.channel = reply->channel;
            action.agent = command.actor.id;
            action.next_try = action.asked_at = now;
            storage::insert_message_action(tx, action);
            ordered = true;
        }
        if (out == 0) return Error(ErrorKind::conflict, "the reply is not out: cancel it instead");
        if (ordered) tell(tx, "reply.withdraw_ordered", now, reply->ticket, &command, {{"reply", id.value}});
        return reply;
    };
    auto done = co_await db_.write(unit);
    if (done && ordered) wake_();
    co_return done;
}

asio::awaitable<Result<storage::MessageAction>> Shield::order(domain::MessageId id, std::string kind, Command command)
{
    const Instant now = clock_.now();
    bool ordered = false;
    auto unit = [&](Transaction& tx) -> Result<storage::MessageAction> {
        const auto found = visible_message(tx, id, command.actor);
        if (!found) return found.error();
        const Message& message = found->message;
        if (const auto why = obstacle(tx, message, kind, command.actor)) return *why;
        const ChannelSettings* channel = settings_.channel(message.channel);
        if (!channel) return Error(ErrorKind::conflict, "the channel is not configured any more");
        if (!channel->publish) return Error(ErrorKind::conflict, "this channel runs without publishing: do it on the platform itself");
        storage::MessageAction action;
        action.kind = kind;
        const auto last = storage::last_action_of(tx, id);
        if (last && last->state == "queued" && last->kind == action.kind) return *last;
        if (last && last->state == "queued" && last->kind == "remove") return Error(ErrorKind::conflict, "the message is being deleted");
        action.message = id;
        action.visibility = message.visibility;
        action.ticket = found->ticket.id;
        action.channel = message.channel;
        action.agent = command.actor.id;
        action.next_try = action.asked_at = now;
        action.id = storage::insert_message_action(tx, action);
        ordered = true;
        tell(tx, order_event(kind), now, action.ticket, &command, {{"message", id.value}});
        return action;
    };
    auto done = co_await db_.write(unit);
    if (done && ordered) wake_();
    co_return done;
}

} // namespace sportello::engine
