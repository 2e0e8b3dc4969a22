#include <sportello/engine/shield.hpp>

#include "facts.hpp"
#include "shield_rules.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/personal_data.hpp>
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
constexpr std::int64_t most_messages = 50;

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
        for (const Message& message : storage::inbound_messages_of(tx, id, most_messages)) {
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

asio::awaitable<Result<storage::MessageAction>> Shield::hide(domain::MessageId id, bool hide, Command command)
{
    const Instant now = clock_.now();
    bool ordered = false;
    auto unit = [&](Transaction& tx) -> Result<storage::MessageAction> {
        const auto found = visible_message(tx, id, command.actor);
        if (!found) return found.error();
        const Message& message = found->message;
        const auto conflict = [](const char* what) { return Error(ErrorKind::conflict, what); };
        if (message.visibility == domain::Visibility::private_) return conflict("a private message is seen by nobody else");
        if (message.direction == domain::Direction::outbound) return conflict("our own message is not hidden but deleted");
        if (message.deleted_at) return conflict("the message is deleted");
        const ChannelSettings* channel = settings_.channel(message.channel);
        if (!channel) return conflict("the channel is not configured any more");
        if (!channel->publish) return conflict("this channel runs without publishing: hide it on the platform itself");
        storage::MessageAction action;
        action.kind = hide ? "hide" : "unhide";
        const auto last = storage::last_action_of(tx, id);
        if (last && last->state == "queued" && last->kind == action.kind) return *last;
        action.message = id;
        action.ticket = found->ticket.id;
        action.channel = message.channel;
        action.agent = command.actor.id;
        action.next_try = action.asked_at = now;
        action.id = storage::insert_message_action(tx, action);
        ordered = true;
        tell(tx, hide ? "message.hide_ordered" : "message.unhide_ordered", now, action.ticket, &command, {{"message", id.value}});
        return action;
    };
    auto done = co_await db_.write(unit);
    if (done && ordered) wake_();
    co_return done;
}

} // namespace sportello::engine
