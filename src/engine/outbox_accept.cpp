#include "outbox_accept.hpp"

#include "approval_units.hpp"
#include "facts.hpp"
#include "search_index.hpp"
#include "settle.hpp"
#include "shield_rules.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/file_kind.hpp>
#include <sportello/domain/permalinks.hpp>
#include <sportello/domain/reply_match.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/attachments.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/drafts.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/staff.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Delivery;
using domain::Reply;
using domain::RouteKind;
using domain::Ticket;
using domain::Visibility;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration longest_undo = 60s;
constexpr std::size_t most_parts = 25;
constexpr base::Duration same_text_within = 24h;
// Looking for one that was not deleted.
constexpr std::int64_t most_messages_tried = 50;

domain::RouteKind route_of(const domain::Message& answered, const ReplyDraft& draft)
{
    if (draft.route) return *draft.route;
    if (draft.visibility == Visibility::public_) return RouteKind::public_reply;
    const bool to_comment = answered.visibility == Visibility::public_ && answered.platform == domain::Platform::facebook;
    return to_comment ? RouteKind::private_reply : RouteKind::private_message;
}

bool is_public(RouteKind route)
{
    return route == RouteKind::public_reply || route == RouteKind::invitation;
}

/// What the draft asks for is a way that this message can be answered at all, and it is open now.
Result<void> check_route(const MessageRoutes& routes, const Ticket& ticket, const domain::Message& answered, const ReplyDraft& draft,
                         RouteKind kind)
{
    if (answered.visibility == Visibility::private_ && draft.visibility == Visibility::public_) {
        return invalid("/visibility", "this ticket is answered in private");
    }
    if (kind == RouteKind::by_hand) return invalid("/route", "what is written by hand is not sent from here");
    if (is_public(kind) != (draft.visibility == Visibility::public_)) return invalid("/visibility", "does not go with this route");
    const domain::ReplyRoute* route = domain::find_route(routes.routes, kind);
    if (!route) return invalid("/route", "this message cannot be answered in that way");
    if (!route->open) return Error(ErrorKind::conflict, route->why, {{"/route", route->why}});
    if (kind == RouteKind::private_message && answered.visibility == Visibility::public_ && routes.private_ticket != ticket.id) {
        const std::string why = "this person's private conversation is ticket #" +
                                std::to_string(routes.private_ticket.value_or(domain::TicketId{}).value) + ": answer there";
        return Error(ErrorKind::conflict, why, {{"/route", why}});
    }
    return {};
}

Error nothing_to_decide(const Reply& reply)
{
    return Error(ErrorKind::conflict, "there is nothing to decide: the reply is " + std::string(to_string(reply.state)));
}

std::string_view word_of(Decision::Kind kind)
{
    switch (kind) {
    case Decision::Kind::resend:
        return "resend";
    case Decision::Kind::published:
        return "published";
    case Decision::Kind::discard:
        break;
    }
    return "discard";
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

Result<std::vector<std::string>> parts_for(const domain::Message& answered, const Settings& settings, RouteKind route,
                                           const std::string& text)
{
    const ChannelSettings* channel = settings.channel(answered.channel);
    const auto visibility = is_public(route) ? Visibility::public_ : Visibility::private_;
    auto budget = domain::budget_for(answered.platform, visibility, channel ? channel->public_limit : 280);
    if (route == RouteKind::private_reply) budget.splittable = false; // there is only one
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
            {"route", to_string(reply.route)},
            {"delivery", {{"state", to_string(reply.state)}, {"platform_id", reply.platform_id}, {"reason", reply.reason}}}};
}

Reply reply_by(RouteKind route, Transaction& tx, const Ticket& ticket, const domain::Message& answered)
{
    Reply reply;
    reply.ticket = ticket.id;
    reply.channel = answered.channel;
    // One person under one root: an unknown reply holds back this person's later ones, nobody else's.
    reply.conversation = "ticket:" + std::to_string(ticket.id.value);
    reply.visibility = is_public(route) ? Visibility::public_ : Visibility::private_;
    reply.route = route;
    reply.target_id = route == RouteKind::private_message ? answered.root_id : answered.platform_id;
    reply.recipient_id = answered.recipient_id;
    if (route == RouteKind::private_reply) {
        if (const auto person = storage::find_identity(tx, answered.identity.value_or(ticket.identity)))
            reply.recipient_id = person->platform_user_id;
    }
    return reply;
}

Result<void> check_repetition(Transaction& tx, const std::string& root_id, const Reply& reply)
{
    const auto since = reply.accepted_at - same_text_within;
    const std::string wanted = domain::normalise_for_match(reply.text);
    const auto same = [&](std::string_view text) { return domain::normalise_for_match(text) == wanted; };
    bool found = false;
    for (const Reply& earlier : storage::replies_to_target(tx, reply.channel, reply.target_id, since)) {
        const bool counts = earlier.id != reply.id && earlier.state != Delivery::failed && earlier.state != Delivery::cancelled;
        found = found || (counts && same(earlier.text));
    }
    for (const domain::Message& own : storage::own_items_under(tx, reply.channel, root_id, since)) {
        const bool there = own.visibility == Visibility::private_ || own.parent_id == reply.target_id;
        found = found || (there && !own.reply && !own.deleted_at && same(own.text));
    }
    if (!found) return {};
    return Error(ErrorKind::conflict, "the same text was sent to this message in the last 24 hours",
                 {{"/confirm_duplicate", "send true to send it once more"}});
}

Result<Reply> visible_reply(Transaction& tx, domain::ReplyId id, const Actor& actor)
{
    auto reply = storage::find_reply(tx, id);
    if (!reply) return reply;
    if (const auto ticket = visible_ticket(tx, reply->ticket, actor); !ticket) {
        return Error(ErrorKind::not_found, "there is no reply " + std::to_string(id.value));
    }
    return reply;
}

std::string root_under(Transaction& tx, const Reply& reply, const Ticket& ticket)
{
    if (reply.route == RouteKind::private_message) return reply.target_id;
    const auto answered = storage::find_message_by_platform_id(tx, reply.channel, reply.target_id);
    return answered ? answered->root_id : ticket.root_id;
}

Result<void> check_fresh(const Ticket& ticket, std::optional<domain::MessageId> last_seen)
{
    if (!last_seen || !ticket.last_inbound || *last_seen >= *ticket.last_inbound) return {};
    return Error(ErrorKind::conflict, "the customer wrote again since you read the ticket",
                 {{"/last_seen", "the newest message is " + std::to_string(ticket.last_inbound->value)}});
}

Result<domain::Message> answered_message(Transaction& tx, const Ticket& ticket, std::optional<domain::MessageId> answers,
                                         std::optional<Visibility> visibility)
{
    if (answers) {
        auto message = storage::find_message(tx, *answers);
        if (message && message->ticket == ticket.id && message->direction == domain::Direction::inbound) return message;
        return invalid("/answers", "is no message of the customer in this ticket");
    }
    if (!ticket.last_inbound) return Error(ErrorKind::conflict, "there is no message to answer");
    auto newest = storage::find_message(tx, *ticket.last_inbound);
    // What was written in private is never answered in public: where a ticket holds both, the newest public one is meant.
    const auto fits = [&](const domain::Message& message) {
        return !message.deleted_at && (visibility != Visibility::public_ || message.visibility == Visibility::public_);
    };
    if (!newest || fits(*newest)) return newest;
    for (domain::Message& message : storage::inbound_messages_of(tx, ticket.id, most_messages_tried)) {
        if (fits(message)) return std::move(message);
    }
    return newest; // all are gone: the closed route says so
}

/// The files of a draft, each the author's own for this ticket, not sent yet, and such as its platform takes. Where a text and
/// a file cannot go in one message (Messenger), each file is a message of its own behind the text.
Result<std::vector<storage::Upload>> files_for(Transaction& tx, const domain::Message& answered, RouteKind route, const ReplyDraft& draft,
                                               domain::TicketId ticket, domain::AgentId by, std::vector<std::string>& parts)
{
    std::vector<storage::Upload> files;
    if (draft.attachments.empty()) return files;
    const bool facebook = answered.platform == domain::Platform::facebook;
    const bool of_their_own = facebook && route == RouteKind::private_message;
    if (route == RouteKind::private_reply) return invalid("/attachments", "a private reply to a comment holds no file");
    if (!of_their_own && draft.attachments.size() > 1) return invalid("/attachments", "one file goes with a message here");
    for (std::size_t i = 0; i < draft.attachments.size(); ++i) {
        const std::string pointer = "/attachments/" + std::to_string(i);
        auto file = storage::find_upload(tx, draft.attachments[i]);
        if (!file || file->ticket != ticket || file->agent != by) return invalid(pointer, "is no upload of yours for this ticket");
        if (file->reply) return Error(ErrorKind::conflict, "the file was sent already", {{pointer, "was sent already; upload it again"}});
        const std::string why =
            domain::sending_obstacle(facebook, !is_public(route), file->media_type, static_cast<std::uint64_t>(file->bytes));
        if (!why.empty()) return invalid(pointer, why);
        if (of_their_own) parts.emplace_back();
        file->part = of_their_own ? static_cast<std::int32_t>(parts.size()) : 1;
        files.push_back(std::move(*file));
    }
    return files;
}

Result<CheckedReply> check_reply(Transaction& tx, const Settings& settings, Ticket ticket, const ReplyDraft& draft, domain::AgentId by,
                                 const Command& command, Instant now, domain::ReplyId self)
{
    CheckedReply checked;
    const std::string text = base::clean_utf8(base::trim(draft.text));
    if (text.empty()) return invalid("/text", "must not be empty");
    if (draft.undo < 0s || draft.undo > longest_undo) return invalid("/undo_seconds", "must be from 0 to 60");
    if (ticket.status == domain::TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
    if (const auto fresh = check_fresh(ticket, draft.last_seen); !fresh) return fresh.error();
    const auto answered = answered_message(tx, ticket, draft.answers, draft.visibility);
    if (!answered) return answered.error();
    const RouteKind route = route_of(*answered, draft);
    const MessageRoutes routes = routes_of(tx, settings, ticket, *answered, now, self);
    if (const auto open = check_route(routes, ticket, *answered, draft, route); !open) return open.error();
    if (route == RouteKind::invitation && text.find(routes.private_link) == std::string::npos) {
        return invalid("/text", "an invitation holds the link " + routes.private_link);
    }
    if (is_public(route)) {
        const auto safe = check_public_text(tx, settings, ticket, text, draft.release_personal_data, command, now);
        if (!safe) return safe.error();
    }
    auto parts = parts_for(*answered, settings, route, text);
    if (!parts) return parts.error();
    auto files = files_for(tx, *answered, route, draft, ticket.id, by, *parts);
    if (!files) return files.error();
    auto author = storage::find_agent(tx, by);
    if (!author) return author.error();

    Reply reply = reply_by(route, tx, ticket, *answered);
    reply.id = self;
    reply.author = by;
    reply.text = text;
    if (route == RouteKind::private_message) { // a public message may be answered in the ticket's conversation
        reply.target_id = routes.conversation_id;
        reply.recipient_id = routes.recipient_id;
    }
    reply.accepted_at = now;
    reply.send_after = now + draft.undo;
    if (!draft.confirm_duplicate) {
        if (const auto fresh = check_repetition(tx, root_under(tx, reply, ticket), reply); !fresh) return fresh.error();
    }
    return CheckedReply{std::move(ticket), std::move(reply), std::move(*parts), std::move(*files), std::move(*author)};
}

Result<void> note_accepted(Transaction& tx, const Settings& settings, CheckedReply& checked, Instant now)
{
    for (const storage::Upload& file : checked.files) {
        if (!storage::bind_upload(tx, file.id, checked.reply.id, file.part)) return Error(ErrorKind::conflict, "the file was sent already");
    }
    index_reply(tx, settings, checked.reply);
    const Ticket before = checked.ticket;
    Reply shown = checked.reply;
    shown.text = settings.personal_data.masked(shown.text);
    domain::accept_reply(checked.ticket, shown, checked.author.name, now);
    if (const auto saved = storage::save_ticket(tx, checked.ticket, &before); !saved) return saved;
    if (checked.author.role != domain::Role::phone) storage::note_answered(tx, checked.ticket.customer, checked.author.id, now);
    storage::delete_draft(tx, checked.author.id, checked.ticket.id, "reply");
    return {};
}

Result<Reply> accept_reply(Transaction& tx, const Settings& settings, domain::TicketId id, const ReplyDraft& draft, const Command& command,
                           Instant now)
{
    auto ticket = workable_ticket(tx, id, command.actor);
    if (!ticket) return ticket.error();
    const auto made = made_before(tx, command);
    if (!made) return made.error();
    if (*made) return storage::find_reply(tx, domain::ReplyId{**made});

    auto checked = check_reply(tx, settings, std::move(*ticket), draft, command.actor.id, command, now);
    if (!checked) return checked.error();
    std::string why;
    if (!draft.is_approved) why = domain::why_approval(settings.answering.approval, checked->author, storage::labels_of(tx, id));
    if (!why.empty()) return ask_for_approval(tx, *checked, draft, why, command, now);

    checked->reply.id = storage::insert_reply(tx, checked->reply, checked->parts);
    if (const auto kept = remember_made(tx, command, checked->reply.id.value, now); !kept) return kept.error();
    if (const auto noted = note_accepted(tx, settings, *checked, now); !noted) return noted.error();
    tell(tx, "reply.accepted", now, id, &command, reply_data(checked->reply));
    return checked->reply;
}

Result<Reply> cancel_reply(Transaction& tx, const Settings& settings, domain::ReplyId id, const Command& command, Instant now)
{
    auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    if (reply->state == Delivery::cancelled) return reply;
    if (reply->state == Delivery::awaiting_approval) return withdraw_reply(tx, std::move(*reply), command, now);
    // Queued again after a try that may have had an effect: taken back here it could still be read there.
    for (const domain::ReplyPart& part : storage::parts_of(tx, id)) {
        if (part.quarantined || first_doubtful_attempt(tx, part.id)) {
            return Error(ErrorKind::conflict, "it is too late: the reply may be out already");
        }
    }
    if (!storage::cancel_if_unsent(tx, id)) return Error(ErrorKind::conflict, "it is too late: the reply is on its way");
    reply->state = Delivery::cancelled;
    if (storage::automatic_mark(tx, id)) { // the ticket never showed it
        tell(tx, "reply.cancelled", now, reply->ticket, &command, reply_data(*reply));
        return reply;
    }
    auto ticket = storage::find_ticket(tx, reply->ticket);
    if (!ticket) return ticket.error();
    const Ticket before = *ticket;
    const auto last = storage::last_message_of(tx, ticket->id);
    const auto shown = last ? std::optional(for_lists(settings, *last)) : std::nullopt;
    domain::cancel_reply(*ticket, shown ? &*shown : nullptr, now);
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    tell(tx, "reply.cancelled", now, reply->ticket, &command, reply_data(*reply));
    return reply;
}

Result<Reply> send_reply_now(Transaction& tx, domain::ReplyId id, const Command& command, Instant now)
{
    auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    if (reply->state == Delivery::awaiting_approval) return Error(ErrorKind::conflict, "it waits until a colleague has approved it");
    for (domain::ReplyPart& part : storage::parts_of(tx, id)) {
        if (part.state != Delivery::queued || (part.attempts > 0 && part.held == domain::Hold::none)) continue;
        part.next_try = now;
        part.held = domain::Hold::none; // where nothing may be sent it is held again
        if (const auto saved = storage::save_part(tx, part); !saved) return saved.error();
    }
    return reply;
}

std::optional<std::string> closed_since(Transaction& tx, const Settings& settings, const Ticket& ticket, const storage::OutboxPart& part,
                                        Instant now)
{
    const Reply& reply = part.reply;
    if (is_public(reply.route) && part.part.number > 1) return std::nullopt; // a thread answers itself from its second part on
    const auto answered = reply.route == RouteKind::private_message
                              ? storage::last_message_under(tx, reply.channel, reply.target_id)
                              : storage::find_message_by_platform_id(tx, reply.channel, reply.target_id);
    if (!answered) return std::nullopt;
    const MessageRoutes routes = routes_of(tx, settings, ticket, *answered, now, reply.id);
    const domain::ReplyRoute* route = domain::find_route(routes.routes, reply.route);
    return route && !route->open ? std::optional(route->why) : std::nullopt;
}

Result<ClaimedItem> claimed_item(Transaction& tx, const Settings& settings, domain::ReplyId id, const Decision& decision,
                                 const Command& command)
{
    const auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply.error();
    auto part = undecided_part(tx, *reply);
    if (!part) return nothing_to_decide(*reply);
    const ChannelSettings* channel = settings.channel(reply->channel);
    const auto platform = channel ? channel->platform : domain::Platform::facebook;
    auto named = domain::platform_id_in(platform, decision.platform_id);
    if (!named) return invalid("/platform_id", "must be the id that the reply has on the platform, or its address there");
    ClaimedItem claimed{.part = std::move(*part), .platform_id = std::move(*named), .at = {}};
    const auto seen = storage::find_message_by_platform_id(tx, reply->channel, claimed.platform_id);
    if (!seen) return claimed;
    if (seen->direction != domain::Direction::outbound) return invalid("/platform_id", "is no message of this account");
    claimed.at = seen->at;
    return claimed;
}

Result<Reply> decide_reply(Transaction& tx, const Settings& settings, domain::ReplyId id, const Decision& decision,
                           std::optional<Instant> written_at, const Command& command, Instant now)
{
    const auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    auto part = undecided_part(tx, *reply);
    if (!part) return nothing_to_decide(*reply);
    Settler settler{tx, settings, now};
    switch (decision.kind) {
    case Decision::Kind::resend:
        if (part->part.state != Delivery::needs_decision && !decision.confirmed) {
            return Error(ErrorKind::conflict, "it is still being looked for on the platform; send again only when that has ended");
        }
        part->part.quarantined = false;
        settler.requeued(*part, "sent again by a person's decision", now);
        break;
    case Decision::Kind::published:
        settler.published(*part, decision.platform_id, written_at.value_or(now));
        break;
    case Decision::Kind::discard:
        settler.failed(*part, "discarded by a person's decision");
        break;
    }
    const auto decided = storage::find_reply(tx, id);
    if (!decided) return decided;
    nlohmann::json data = reply_data(*decided);
    data["decision"] = word_of(decision.kind);
    data["was"] = to_string(reply->state);
    tell(tx, "reply.decided", now, decided->ticket, &command, data);
    return decided;
}

} // namespace sportello::engine
