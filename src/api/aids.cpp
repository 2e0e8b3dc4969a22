// What helps at the work: canned replies, macros, reminders, and how satisfied customers were.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/storage/aids.hpp>
#include <sportello/storage/ratings.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using engine::MacroActions;
using http::Method;
using storage::Aid;
using storage::AidKind;
using storage::Transaction;

constexpr std::size_t longest_text = 10'000;
constexpr std::int64_t most_reminders = 500;

std::string_view noun(AidKind kind)
{
    return kind == AidKind::canned_reply ? "canned reply" : "macro";
}

void write_actions(JsonWriter& json, const MacroActions& actions)
{
    json.member("take", actions.take)
        .text_or_null("status", actions.status ? domain::to_string(*actions.status) : std::string_view())
        .text_or_null("priority", actions.priority ? domain::to_string(*actions.priority) : std::string_view());
    json.texts("add_labels", actions.add_labels);
    json.texts("remove_labels", actions.remove_labels);
    json.text_or_null("note", actions.note)
        .member("canned_reply", actions.canned_reply)
        .member("visibility", domain::to_string(actions.visibility));
}

void write_aid(JsonWriter& json, AidKind kind, const Aid& aid)
{
    json.open_object()
        .member("id", aid.id)
        .text_or_null("brand", aid.brand)
        .text_or_null("language", aid.language)
        .member("name", aid.name);
    if (kind == AidKind::canned_reply) json.member("text", aid.body);
    else if (const auto actions = engine::parse_macro_actions(aid.body)) write_actions(json, *actions);
    json.member("updated_at", aid.updated_at).member("revision", aid.revision).close_object();
}

std::string aid_json(AidKind kind, const Aid& aid)
{
    std::string body;
    JsonWriter json(body);
    write_aid(json, kind, aid);
    return body;
}

std::optional<std::string> parse_language(std::string_view word)
{
    const bool good = word.empty() || (word.size() == 2 && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; }));
    return good ? std::optional(std::string(word)) : std::nullopt;
}

std::optional<domain::TicketStatus> parse_macro_status(std::string_view word)
{
    const auto status = domain::parse_ticket_status(word);
    const bool automatic = status == domain::TicketStatus::new_ || status == domain::TicketStatus::closed;
    return automatic ? std::nullopt : status;
}

/// What a macro does, as far as the body tells it, on top of `before`. @return nothing when it tells nothing of it.
std::optional<std::string> read_actions(Fields& fields, MacroActions actions)
{
    bool told = false;
    const auto take_over = [&](auto& field, auto given) {
        if (!given) return;
        told = true;
        field = std::move(*given);
    };
    take_over(actions.take, fields.maybe_flag("take"));
    if (auto status = fields.maybe_word("status", parse_macro_status, "open, pending, on_hold, solved"))
        take_over(actions.status, std::optional(status));
    if (auto priority = fields.maybe_word("priority", domain::parse_priority, "low, normal, high, urgent"))
        take_over(actions.priority, std::optional(priority));
    take_over(actions.add_labels, fields.maybe_texts("add_labels", 20, {1, 50}));
    take_over(actions.remove_labels, fields.maybe_texts("remove_labels", 20, {1, 50}));
    take_over(actions.note, fields.maybe_text("note", {0, longest_text}));
    if (auto canned = fields.maybe_number("canned_reply", 1, INT64_MAX)) take_over(actions.canned_reply, std::optional(canned));
    take_over(actions.visibility, fields.maybe_word("visibility", domain::parse_visibility, "public, private"));
    for (const auto* labels : {&actions.add_labels, &actions.remove_labels}) {
        for (const auto& label : *labels) {
            if (label.find_first_of("\r\n") != std::string::npos) fields.wrong_value("add_labels", "a label has one line");
        }
    }
    return told ? std::optional(engine::to_json(actions)) : std::nullopt;
}

engine::AidChange read_aid(Fields& fields, AidKind kind, const MacroActions& before)
{
    engine::AidChange change;
    change.brand = fields.maybe_text("brand", {0, 64});
    change.language = fields.maybe_word("language", parse_language, "two small letters, as it; or empty");
    change.name = fields.maybe_text("name", {1, 100});
    change.body = kind == AidKind::canned_reply ? fields.maybe_text("text", {1, longest_text}) : read_actions(fields, before);
    return change;
}

/// GET /v1/canned-replies, /v1/macros
awaitable<Answer> list_aids(Context& context, Call& call, AidKind kind)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    storage::AidFilter filter;
    filter.visible = call.caller->actor().brands;
    if (const auto brand = query.text("brand")) filter.brand = std::string(*brand);
    if (const auto language = query.text("language")) filter.language = std::string(*language);
    std::int64_t after = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "aids", 1)) after = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        const auto page = storage::aids(tx, kind, filter, after, limit + 1);
        const auto shown = std::min(page.size(), static_cast<std::size_t>(limit));
        for (std::size_t i = 0; i < shown; ++i) write_aid(json, kind, page[i]);
        json.close_array().key("next_cursor");
        if (page.size() > shown) json.value(write_cursor("aids", {page[shown - 1].id}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

awaitable<Answer> get_aid(Context& context, Call& call, AidKind kind)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<Aid> {
        auto aid = storage::find_aid(tx, kind, *id);
        if (aid && (aid->brand.empty() || actor.may_see(aid->brand))) return std::move(*aid);
        return Error(ErrorKind::not_found, "There is no " + std::string(noun(kind)) + " " + std::to_string(*id) + ".");
    };
    const auto aid = co_await context.db.read(read);
    if (!aid) co_return aid.error();
    co_return json_response(200, aid_json(kind, *aid), aid->revision);
}

awaitable<Answer> add_aid(Context& context, Call& call, AidKind kind)
{
    Fields fields(call.request.body);
    auto given = read_aid(fields, kind, {});
    if (!given.name && !fields.has("name")) fields.missing("name");
    const auto* const body_field = kind == AidKind::canned_reply ? "text" : "actions";
    if (!given.body && kind == AidKind::canned_reply && !fields.has(body_field)) fields.missing(body_field);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (!given.body) {
        co_return call.refuse({.status = 422,
                               .code = "invalid_input",
                               .detail = "A macro does at least one thing.",
                               .errors = {{"", "at least one step expected"}}});
    }
    Aid aid{.id = 0,
            .brand = given.brand.value_or(""),
            .language = given.language.value_or(""),
            .name = given.name.value_or(""),
            .body = *given.body,
            .updated_at = {},
            .revision = 1};
    auto order = command(call);
    const auto made = co_await context.engine.aids().create(kind, std::move(aid), std::move(order));
    if (!made) co_return made.error();
    co_return json_response(201, aid_json(kind, *made), made->revision);
}

awaitable<Answer> change_aid(Context& context, Call& call, AidKind kind)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto find = [&](Transaction& tx) -> Result<std::optional<Aid>> { return storage::find_aid(tx, kind, *id); };
    const auto before = co_await context.db.read(find);
    if (!before) co_return before.error();
    MacroActions actions;
    if (*before && kind == AidKind::macro) {
        if (auto parsed = engine::parse_macro_actions((*before)->body)) actions = std::move(*parsed);
    }
    Fields fields(call.request.body);
    auto change = read_aid(fields, kind, actions);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    // What was not sent is taken from what was read here: it must still be so.
    const auto wanted = wanted_revision(call.request);
    const auto revision = wanted ? wanted : *before ? std::optional((*before)->revision) : std::nullopt;
    auto order = command(call);
    const auto changed = co_await context.engine.aids().change(kind, *id, std::move(change), std::move(order), revision);
    if (changed) co_return json_response(200, aid_json(kind, *changed), changed->revision);
    const bool stale = wanted && *before && changed.error().kind() == ErrorKind::conflict && (*before)->revision != *wanted;
    if (stale) co_return refuse_revision(call, noun(kind), (*before)->revision);
    co_return changed.error();
}

awaitable<Answer> remove_aid(Context& context, Call& call, AidKind kind)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto removed = co_await context.engine.aids().remove(kind, *id, std::move(order));
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
}

template <AidKind kind> awaitable<Answer> list_of(Context& context, Call& call)
{
    return list_aids(context, call, kind);
}
template <AidKind kind> awaitable<Answer> get_of(Context& context, Call& call)
{
    return get_aid(context, call, kind);
}
template <AidKind kind> awaitable<Answer> add_of(Context& context, Call& call)
{
    return add_aid(context, call, kind);
}
template <AidKind kind> awaitable<Answer> change_of(Context& context, Call& call)
{
    return change_aid(context, call, kind);
}
template <AidKind kind> awaitable<Answer> remove_of(Context& context, Call& call)
{
    return remove_aid(context, call, kind);
}

/// POST /v1/canned-replies/{id}/expand
awaitable<Answer> expand_canned(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto ticket = fields.maybe_number("ticket", 1, INT64_MAX);
    if (!ticket && !fields.has("ticket")) fields.missing("ticket");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto actor = call.caller->actor();
    const auto expanded = co_await context.engine.aids().expand(*id, TicketId{*ticket}, std::move(actor));
    if (!expanded) co_return expanded.error();
    std::string body;
    JsonWriter json(body);
    json.open_object().member("text", expanded->text);
    json.texts("missing", expanded->missing);
    json.close_object();
    co_return json_response(200, std::move(body));
}

/// Whether a macro holds a reply.
awaitable<Result<bool>> macro_answers(Context& context, std::int64_t id)
{
    auto read = [&](Transaction& tx) -> Result<bool> {
        const auto macro = storage::find_aid(tx, AidKind::macro, id);
        if (!macro) return false;
        const auto actions = engine::parse_macro_actions(macro->body);
        return actions && actions->canned_reply;
    };
    co_return co_await context.db.read(read);
}

/// POST /v1/macros/{id}/apply
awaitable<Answer> apply_macro(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto ticket = fields.maybe_number("ticket", 1, INT64_MAX);
    if (!ticket && !fields.has("ticket")) fields.missing("ticket");
    const auto seen = fields.maybe_number("last_seen", 1, INT64_MAX);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto last_seen = seen ? std::optional(domain::MessageId{*seen}) : std::nullopt;
    // Only one that answers the customer is in the way of who answers now.
    const auto answers = co_await macro_answers(context, *id);
    if (!answers) co_return answers.error();
    if (*answers) {
        if (const auto held = held_by_another(context, call, TicketId{*ticket})) co_return call.refuse(*held);
    }
    auto order = command(call);
    const auto outcome = co_await context.engine.aids().apply(*id, TicketId{*ticket}, last_seen, std::move(order));
    if (!outcome) co_return outcome.error();
    if (outcome->reply) context.presence.release(TicketId{*ticket}, call.caller->agent.id);
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("ticket", outcome->ticket.value)
        .member("reply", outcome->reply ? std::optional(outcome->reply->value) : std::nullopt);
    json.texts("done", outcome->done);
    json.close_object();
    co_return json_response(200, std::move(body));
}

void write_reminder(JsonWriter& json, const storage::Reminder& reminder)
{
    json.open_object()
        .member("id", reminder.id)
        .member("ticket", reminder.ticket.value)
        .member("at", reminder.remind_at)
        .member("text", reminder.text)
        .close_object();
}

/// GET /v1/reminders
awaitable<Answer> list_reminders(Context& context, Call& call)
{
    const auto agent = call.caller->agent.id;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& reminder : storage::reminders_of(tx, agent, most_reminders)) write_reminder(json, reminder);
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/tickets/{id}/reminders
awaitable<Answer> add_reminder(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto at = fields.nullable_time("at");
    if (!fields.has("at")) fields.missing("at");
    else if (at && !*at) fields.wrong_value("at", "a time expected");
    auto text = fields.maybe_text("text", {0, 500}).value_or("");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto reminder = co_await context.engine.aids().remind(TicketId{*id}, **at, std::move(text), std::move(order));
    if (!reminder) co_return reminder.error();
    std::string body;
    JsonWriter json(body);
    write_reminder(json, *reminder);
    co_return json_response(201, std::move(body));
}

/// DELETE /v1/reminders/{id}
awaitable<Answer> remove_reminder(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto forgotten = co_await context.engine.aids().forget(*id, std::move(order));
    if (!forgotten) co_return forgotten.error();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> aid_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/canned-replies", Access::agent, list_of<AidKind::canned_reply>},
        {Method::post, "/v1/canned-replies", Access::supervisor, add_of<AidKind::canned_reply>},
        {Method::get, "/v1/canned-replies/{id}", Access::agent, get_of<AidKind::canned_reply>},
        {Method::patch, "/v1/canned-replies/{id}", Access::supervisor, change_of<AidKind::canned_reply>, {.checks_revision = true}},
        {Method::del, "/v1/canned-replies/{id}", Access::supervisor, remove_of<AidKind::canned_reply>},
        {Method::post, "/v1/canned-replies/{id}/expand", Access::agent, expand_canned},
        {Method::get, "/v1/macros", Access::agent, list_of<AidKind::macro>},
        {Method::post, "/v1/macros", Access::supervisor, add_of<AidKind::macro>},
        {Method::get, "/v1/macros/{id}", Access::agent, get_of<AidKind::macro>},
        {Method::patch, "/v1/macros/{id}", Access::supervisor, change_of<AidKind::macro>, {.checks_revision = true}},
        {Method::del, "/v1/macros/{id}", Access::supervisor, remove_of<AidKind::macro>},
        {Method::post, "/v1/macros/{id}/apply", Access::agent, apply_macro},
        {Method::get, "/v1/reminders", Access::agent, list_reminders},
        {Method::post, "/v1/tickets/{id}/reminders", Access::agent, add_reminder},
        {Method::del, "/v1/reminders/{id}", Access::agent, remove_reminder},
    };
    return routes;
}

} // namespace sportello::api
