// What leaves the house: replies, and what a text would look like.
#include "replies.hpp"
#include "context.hpp"
#include "fields.hpp"
#include "presence.hpp"
#include "query.hpp"
#include "ticket_json.hpp"
#include "timeline_json.hpp"

#include <sportello/domain/broadcast.hpp>
#include <sportello/domain/private_turn.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::ReplyId;
using domain::TicketId;
using http::Method;
using storage::Transaction;

/// Of a ticket's story, when looking for what a stale reply missed.
constexpr std::int64_t most_items_searched = 10'000;

void write_approval_of(JsonWriter& json, Transaction& tx, const domain::Reply& reply, const Shielded& shielded)
{
    const auto approval = storage::approval_of(tx, reply.id);
    if (!approval) {
        write_reply_approval(json, 0, "", std::nullopt, "", "");
        return;
    }
    const auto decider = approval->decided_by ? storage::find_agent(tx, *approval->decided_by) : Result<domain::Agent>(domain::Agent());
    write_reply_approval(json, approval->id, approval->state, approval->decided_by, decider ? decider->name : std::string(),
                         shielded.plain(approval->note, false, reply.author));
}

std::string reply_json(Transaction& tx, const domain::Reply& reply, std::string_view author, bool automatic, const Shielded& shielded)
{
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("id", reply.id.value)
        .member("ticket", reply.ticket.value)
        .member("text", shielded.plain(reply.text, reply.visibility == domain::Visibility::public_, reply.author))
        .member("visibility", domain::to_string(reply.visibility))
        .member("route", domain::to_string(reply.route))
        .key("author");
    write_author_of_reply(json, reply.author, author);
    json.member("automatic", automatic).member("created_at", reply.accepted_at).member("send_at", reply.send_after).key("delivery");
    TicketDeliveries(tx, reply.ticket).write(json, reply.id, domain::to_string(reply.state), reply.platform_id, reply.reason);
    write_approval_of(json, tx, reply, shielded);
    json.close_object();
    return body;
}

/// A reply whose ticket the actor may see. @return not_found else.
Result<domain::Reply> visible_reply(Transaction& tx, ReplyId id, const engine::Actor& actor)
{
    auto reply = storage::find_reply(tx, id);
    if (!reply) return reply.error();
    if (const auto ticket = visible_ticket(tx, reply->ticket, actor); !ticket) {
        return Error(ErrorKind::not_found, "There is no reply " + std::to_string(id.value) + ".");
    }
    return reply;
}

awaitable<Answer> show_reply(Context& context, Call& call, ReplyId id, int status)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto reply = visible_reply(tx, id, actor);
        if (!reply) return reply.error();
        const auto author = storage::find_agent(tx, reply->author);
        const auto ticket = storage::find_ticket(tx, reply->ticket);
        if (!ticket) return ticket.error();
        const Shielded shielded(tx, context.engine.settings(), actor, *ticket);
        return reply_json(tx, *reply, author ? author->name : std::string(), storage::automatic_mark(tx, id).has_value(), shielded);
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(status, std::move(*body));
}

/// Which message a platform id of `last_seen` names, in the ticket's channel.
awaitable<Result<domain::MessageId>> seen_message(Context& context, Call& call, TicketId id, std::string platform_id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<domain::MessageId> {
        const auto ticket = visible_ticket(tx, id, actor);
        if (!ticket) return ticket.error();
        const auto message = storage::find_message_by_platform_id(tx, ticket->channel, platform_id);
        if (message && message->ticket == id) return message->id;
        return Error(ErrorKind::invalid_input, "The message last seen is not in this ticket.",
                     {{"/last_seen", "the id or platform_id of a message of this ticket expected"}});
    };
    co_return co_await context.db.read(read);
}

/// The 409 of a stale reply, with what the customer wrote after the message its author saw.
awaitable<Answer> refuse_stale(Context& context, Call& call, TicketId id, domain::MessageId last_seen)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto ticket = visible_ticket(tx, id, actor);
        if (!ticket) return ticket.error();
        const Shielded shielded(tx, context.engine.settings(), actor, *ticket);
        const TicketFiles files(tx, ticket->id);
        const TicketDeliveries deliveries(tx, ticket->id);
        std::string missed;
        JsonWriter json(missed);
        json.open_array();
        storage::for_each_timeline_item(tx, id, std::nullopt, most_items_searched, [&](const storage::TimelineItem& item) {
            const bool inbound = item.kind == storage::TimelineKind::message && item.direction == "inbound";
            if (inbound && item.id > last_seen.value) write_timeline_item(json, item, shielded, files, deliveries);
        });
        json.close_array();
        return missed;
    };
    auto missed = co_await context.db.read(read);
    if (!missed) co_return missed.error();
    Problem problem{
        .status = 409, .code = "stale_reply", .detail = "The customer has written again since you read the thread; nothing was sent."};
    problem.missed = std::move(*missed);
    co_return call.refuse(problem);
}

bool names(const Error& error, std::string_view pointer)
{
    const auto& fields = error.fields();
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.pointer == pointer; });
}

/// A conflict that its pointer tells apart.
bool is_about(const Error& error, std::string_view pointer)
{
    return error.kind() == ErrorKind::conflict && names(error, pointer);
}

/// Conflicts that a program reacts to have codes of their own.
Answer refusal_of_reply(const Call& call, const Error& error)
{
    Problem problem = problem_of(error);
    if (is_about(error, "/route")) problem.code = "route_closed";
    if (is_about(error, "/confirm_duplicate")) problem.code = "duplicate_text";
    if (names(error, "/release_personal_data")) problem.code = "personal_data";
    return call.refuse(problem);
}

} // namespace

awaitable<Answer> refuse_reply(Context& context, Call& call, TicketId id, domain::MessageId last_seen, base::Error error)
{
    if (is_about(error, "/last_seen")) co_return co_await refuse_stale(context, call, id, last_seen);
    co_return refusal_of_reply(call, error);
}

namespace {

std::optional<domain::RouteKind> parse_sent_route(std::string_view word)
{
    const auto kind = domain::parse_route_kind(word);
    return kind == domain::RouteKind::by_hand ? std::nullopt : kind;
}

/// POST /v1/tickets/{id}/replies
awaitable<Answer> post_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::ReplyDraft draft;
    draft.text = fields.text("text", {1, 25'000});
    const auto visibility = fields.maybe_word("visibility", domain::parse_visibility, "public, private");
    if (!fields.has("visibility")) fields.missing("visibility");
    draft.visibility = visibility.value_or(domain::Visibility::public_);
    draft.undo = fields.maybe_seconds("undo_seconds", std::chrono::seconds(60)).value_or(base::Duration::zero());
    draft.attachments = fields.maybe_numbers("attachments", 4).value_or(std::vector<std::int64_t>());
    draft.route = fields.maybe_word("route", parse_sent_route, "public_reply, private_message, private_reply, invitation");
    const auto answers = fields.maybe_number("answers", 1, INT64_MAX);
    if (answers) draft.answers = domain::MessageId{*answers};
    draft.confirm_duplicate = fields.maybe_flag("confirm_duplicate").value_or(false);
    draft.release_personal_data = fields.maybe_flag("release_personal_data").value_or(false);
    const auto seen = fields.maybe_number_or_text("last_seen");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    if (seen && seen->number) draft.last_seen = domain::MessageId{*seen->number};
    else if (seen) {
        const auto message = co_await seen_message(context, call, TicketId{*id}, seen->text);
        if (!message) co_return message.error();
        draft.last_seen = *message;
    }
    const auto last_seen = draft.last_seen.value_or(domain::MessageId{});
    if (const auto held = held_by_another(context, call, TicketId{*id})) co_return call.refuse(*held);
    auto order = command(call);
    const auto accepted = co_await context.engine.outbox().accept(TicketId{*id}, std::move(draft), std::move(order));
    if (accepted) {
        context.presence.release(TicketId{*id}, call.caller->agent.id);
        co_return co_await show_reply(context, call, accepted->id, 202);
    }
    auto refused = accepted.error();
    co_return co_await refuse_reply(context, call, TicketId{*id}, last_seen, std::move(refused));
}

/// POST /v1/replies/{id}/withdraw
awaitable<Answer> withdraw_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto withdrawn = co_await context.engine.shield().withdraw(ReplyId{*id}, std::move(order));
    if (!withdrawn) co_return withdrawn.error();
    co_return co_await show_reply(context, call, ReplyId{*id}, 202);
}

/// What is said in private, where and how.
struct Turn {
    TicketId ticket;
    engine::ReplyDraft draft;
};

Result<Turn> private_turn(Transaction& tx, const engine::Settings& settings, TicketId id, const engine::Actor& actor, std::string text,
                          base::Instant now)
{
    const auto ticket = visible_ticket(tx, id, actor);
    if (!ticket) return ticket.error();
    if (ticket->visibility == domain::Visibility::private_) return Error(ErrorKind::conflict, "This conversation is private already.");
    const auto messages = engine::routes_of_ticket(tx, settings, *ticket, now, 1);
    const auto kind = messages.empty() ? std::nullopt : domain::private_turn(messages.front().routes);
    if (!kind) {
        return Error(ErrorKind::conflict, "No private way to this person is open now; GET /v1/tickets/{id}/routes says why.",
                     {{"/route", "closed"}});
    }
    const auto& routes = messages.front();
    const auto* brand = settings.brand(ticket->brand);
    const auto person = storage::find_identity(tx, ticket->identity);
    const std::string language = !ticket->language.empty() ? ticket->language : brand ? brand->language : "it";
    Turn turn{.ticket = id, .draft = {}};
    turn.draft.text = std::move(text);
    if (turn.draft.text.empty()) {
        turn.draft.text =
            domain::private_turn_text(*kind, language, person ? domain::first_name(person->name) : std::string(), routes.private_link);
    } else if (*kind == domain::RouteKind::invitation && turn.draft.text.find(routes.private_link) == std::string::npos) {
        turn.draft.text += ' ' + routes.private_link;
    }
    turn.draft.route = kind;
    turn.draft.visibility = *kind == domain::RouteKind::invitation ? domain::Visibility::public_ : domain::Visibility::private_;
    turn.draft.answers = routes.message;
    if (*kind == domain::RouteKind::private_message && routes.private_ticket && *routes.private_ticket != id) {
        turn.ticket = *routes.private_ticket; // where the person writes to us already
        turn.draft.answers.reset();
        turn.draft.route.reset();
    }
    return turn;
}

/// POST /v1/tickets/{id}/continue-in-private
awaitable<Answer> continue_in_private(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto text = fields.maybe_text("text", {1, 5'000}).value_or("");
    const auto undo = fields.maybe_seconds("undo_seconds", std::chrono::seconds(60)).value_or(base::Duration::zero());
    const auto seen = fields.maybe_number("last_seen", 1, INT64_MAX);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto plan = [&](Transaction& tx) { return private_turn(tx, context.engine.settings(), TicketId{*id}, actor, text, now); };
    auto turn = co_await context.db.read(plan);
    if (!turn) co_return refusal_of_reply(call, turn.error());
    turn->draft.undo = undo;
    const bool here = turn->ticket == TicketId{*id};
    if (seen && here) turn->draft.last_seen = domain::MessageId{*seen};
    auto order = command(call);
    const auto accepted = co_await context.engine.outbox().accept(turn->ticket, std::move(turn->draft), std::move(order));
    if (accepted) co_return co_await show_reply(context, call, accepted->id, 202);
    if (seen && is_about(accepted.error(), "/last_seen"))
        co_return co_await refuse_stale(context, call, TicketId{*id}, domain::MessageId{*seen});
    co_return refusal_of_reply(call, accepted.error());
}

/// GET /v1/replies/{id}
awaitable<Answer> get_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await show_reply(context, call, ReplyId{*id}, 200);
}

/// DELETE /v1/replies/{id}
awaitable<Answer> cancel_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto cancelled = co_await context.engine.outbox().cancel(ReplyId{*id}, std::move(order));
    if (!cancelled) co_return cancelled.error();
    co_return co_await show_reply(context, call, ReplyId{*id}, 200);
}

/// POST /v1/replies/{id}/now
awaitable<Answer> send_reply_now(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto sent = co_await context.engine.outbox().send_now(ReplyId{*id}, std::move(order));
    if (!sent) co_return sent.error();
    co_return co_await show_reply(context, call, ReplyId{*id}, 200);
}

/// POST /v1/replies/{id}/retry
awaitable<Answer> retry_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::Retry retry;
    const auto seen = fields.maybe_number("last_seen", 1, INT64_MAX);
    retry.confirm_duplicate = fields.maybe_flag("confirm_duplicate").value_or(false);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (seen) retry.last_seen = domain::MessageId{*seen};
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) { return visible_reply(tx, ReplyId{*id}, actor); };
    const auto reply = co_await context.db.read(read);
    if (!reply) co_return reply.error();
    if (const auto held = held_by_another(context, call, reply->ticket)) co_return call.refuse(*held);
    auto order = command(call);
    const auto retried = co_await context.engine.outbox().retry(ReplyId{*id}, retry, std::move(order));
    if (retried) co_return co_await show_reply(context, call, ReplyId{*id}, 202);
    auto refused = retried.error();
    co_return co_await refuse_reply(context, call, reply->ticket, retry.last_seen.value_or(domain::MessageId{}), std::move(refused));
}

std::optional<engine::Decision::Kind> parse_reply_decision(std::string_view word)
{
    if (word == "resend") return engine::Decision::Kind::resend;
    if (word == "published") return engine::Decision::Kind::published;
    if (word == "discard") return engine::Decision::Kind::discard;
    return std::nullopt;
}

/// A resend is ordered twice: the second time by somebody who has read what may come of it.
awaitable<Answer> ask_to_confirm(Context& context, Call& call, ReplyId id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) { return visible_reply(tx, id, actor); };
    const auto reply = co_await context.db.read(read);
    if (!reply) co_return reply.error();
    if (reply->state != domain::Delivery::unknown && reply->state != domain::Delivery::needs_decision) {
        co_return Error(ErrorKind::conflict, "there is nothing to decide: the reply is " + std::string(domain::to_string(reply->state)));
    }
    co_return call.refuse({.status = 409,
                           .code = "confirm_resend",
                           .detail = "If the reply is on the platform after all, it will be there twice. Send `confirmed` to order it.",
                           .errors = {{"/confirmed", "send true to send the reply again"}}});
}

/// POST /v1/replies/{id}/decision
awaitable<Answer> decide_reply(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::Decision decision;
    const auto kind = fields.maybe_word("decision", parse_reply_decision, "resend, published, discard");
    if (!fields.has("decision")) fields.missing("decision");
    decision.platform_id = fields.maybe_text("platform_id", {1, 1000}).value_or("");
    decision.confirmed = fields.maybe_flag("confirmed").value_or(false);
    decision.kind = kind.value_or(engine::Decision::Kind::discard);
    const bool wants_id = kind == engine::Decision::Kind::published;
    if (wants_id && !fields.has("platform_id")) fields.missing("platform_id");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (kind == engine::Decision::Kind::resend && !decision.confirmed) co_return co_await ask_to_confirm(context, call, ReplyId{*id});
    auto order = command(call);
    const auto decided = co_await context.engine.outbox().decide(ReplyId{*id}, std::move(decision), std::move(order));
    if (!decided) co_return decided.error();
    co_return co_await show_reply(context, call, ReplyId{*id}, 200);
}

/// The parts of a text; a platform that takes no parts gets it whole, even if it is too long.
std::string preview_json(const std::string& text, const domain::TextBudget& budget)
{
    const auto length = domain::measure(text, budget.unit);
    std::vector<domain::TextPart> parts;
    if (budget.splittable || length <= budget.limit) parts = domain::split(text, budget);
    else parts.push_back({text, length});

    std::string body;
    JsonWriter json(body);
    json.open_object().member("weighted_length", length).member("limit", budget.limit).key("parts").open_array();
    for (const auto& part : parts) { json.open_object().member("text", part.text).member("weighted_length", part.length).close_object(); }
    json.close_array().close_object();
    return body;
}

/// POST /v1/compose/preview
awaitable<Answer> preview_text(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto platform = fields.maybe_word("platform", domain::parse_platform, "facebook, twitter");
    if (!fields.has("platform")) fields.missing("platform");
    const auto visibility = fields.maybe_word("visibility", domain::parse_visibility, "public, private");
    const auto channel = fields.maybe_text("channel", {1, 100});
    const auto text = fields.text("text", {0, 100'000});
    const auto* settings = channel ? context.engine.settings().channel(*channel) : nullptr;
    const bool known = settings != nullptr && call.caller->actor().may_see(settings->brand);
    if (channel && !known) fields.wrong_value("channel", "there is no such channel");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    const auto budget = known ? domain::budget_for(*platform, visibility.value_or(domain::Visibility::public_), settings->public_limit)
                              : domain::budget_for(*platform, visibility.value_or(domain::Visibility::public_));
    co_return json_response(200, preview_json(text, budget));
}

} // namespace

std::span<const Route> reply_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/tickets/{id}/replies", Access::agent, post_reply},
        {Method::get, "/v1/replies/{id}", Access::agent, get_reply},
        {Method::del, "/v1/replies/{id}", Access::agent, cancel_reply},
        {Method::post, "/v1/tickets/{id}/continue-in-private", Access::agent, continue_in_private},
        {Method::post, "/v1/replies/{id}/withdraw", Access::agent, withdraw_reply},
        {Method::post, "/v1/replies/{id}/now", Access::agent, send_reply_now},
        {Method::post, "/v1/replies/{id}/retry", Access::agent, retry_reply},
        {Method::post, "/v1/replies/{id}/decision", Access::agent, decide_reply},
        {Method::post, "/v1/compose/preview", Access::agent, preview_text},
    };
    return routes;
}

} // namespace sportello::api
