// Outages behind many tickets: seen by agents, decided by supervisors.
#include "context.hpp"
#include "fields.hpp"
#include "incidents_json.hpp"
#include "query.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/tickets.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::Incident;
using domain::IncidentId;
using domain::TicketId;
using http::Method;
using storage::Transaction;

constexpr std::size_t longest_incident_text = 2'000;
constexpr std::size_t longest_incident_note = 10'000;

bool may_see(const engine::Actor& actor, const Incident& incident)
{
    return incident.brands.empty() ||
           std::any_of(incident.brands.begin(), incident.brands.end(), [&](const std::string& brand) { return actor.may_see(brand); });
}

/// The incident, if the actor may see one of its brands; not_found else.
Result<Incident> visible_incident(Transaction& tx, IncidentId id, const engine::Actor& actor)
{
    auto incident = storage::find_incident(tx, id);
    if (incident && may_see(actor, *incident)) return incident;
    return Error(ErrorKind::not_found, "There is no incident " + std::to_string(id.value) + ".");
}

awaitable<Answer> show(Context& context, Call& call, IncidentId id, int status)
{
    const auto actor = call.caller->actor();
    std::string tag;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto incident = visible_incident(tx, id, actor);
        if (!incident) return incident.error();
        tag = "\"" + std::to_string(incident->revision) + "\"";
        std::string body;
        JsonWriter json(body);
        write_incident(json, tx, *incident, context.engine.settings(), actor);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    auto response = json_response(status, std::move(*body));
    response.headers.set("ETag", tag);
    co_return response;
}

/// GET /v1/incidents
awaitable<Answer> list_incidents(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto state = query.word("state", domain::parse_incident_state, "proposed, confirmed, dismissed, closed");
    const auto limit = query.limit();
    std::optional<IncidentId> before;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "incidents", 1)) before = IncidentId{(*numbers)[0]};
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        auto incidents = storage::list_incidents(tx, state, before, limit + 1);
        const bool more = static_cast<std::int64_t>(incidents.size()) > limit;
        if (more) incidents.pop_back();
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const Incident& incident : incidents) {
            if (may_see(actor, incident)) write_incident_summary(json, tx, incident, context.engine.settings());
        }
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("incidents", {incidents.back().id.value}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/incidents
awaitable<Answer> open_incident(Context& context, Call& call)
{
    Fields fields(call.request.body);
    engine::IncidentDraft draft;
    draft.service = fields.maybe_text("service", {0, 50}).value_or("");
    draft.places = fields.maybe_texts("places", 200, {1, 100}).value_or(std::vector<std::string>());
    draft.brands = fields.maybe_texts("brands", 100, {1, 64}).value_or(std::vector<std::string>());
    draft.text = fields.maybe_text("text", {0, longest_incident_note}).value_or("");
    draft.began_at = fields.nullable_time("from").value_or(std::nullopt);
    draft.expected_end = fields.nullable_time("expected_end").value_or(std::nullopt);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const bool confirmed = call.caller->agent.role != domain::Role::agent; // an agent proposes
    auto order = command(call);
    const auto opened = co_await context.engine.incidents().open(std::move(draft), confirmed, std::move(order));
    if (!opened) co_return opened.error();
    co_return co_await show(context, call, opened->id, 201);
}

/// GET /v1/incidents/{id}
awaitable<Answer> get_incident(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await show(context, call, IncidentId{*id}, 200);
}

/// PATCH /v1/incidents/{id}
awaitable<Answer> change_incident(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::IncidentChange change;
    change.service = fields.maybe_text("service", {0, 50});
    change.places = fields.maybe_texts("places", 200, {1, 100});
    change.brands = fields.maybe_texts("brands", 100, {1, 64});
    change.text = fields.maybe_text("text", {0, longest_incident_note});
    change.began_at = fields.nullable_time("from").value_or(std::nullopt);
    change.expected_end = fields.nullable_time("expected_end");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto revision = wanted_revision(call.request);
    const auto actor = call.caller->actor();
    auto order = command(call);
    const auto changed = co_await context.engine.incidents().change(IncidentId{*id}, std::move(change), std::move(order), revision);
    if (changed) co_return co_await show(context, call, changed->id, 200);
    if (revision && changed.error().kind() == ErrorKind::conflict) {
        auto read = [&](Transaction& tx) { return visible_incident(tx, IncidentId{*id}, actor); };
        const auto present = co_await context.db.read(read);
        if (present && present->revision != *revision) {
            co_return call.refuse(
                {.status = 412, .code = "precondition_failed", .detail = "The incident has changed since you read it; read it again."});
        }
    }
    co_return changed.error();
}

/// GET /v1/incidents/{id}/members
awaitable<Answer> list_members(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto limit = query.limit();
    TicketId after;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "members", 1)) after.value = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto incident = visible_incident(tx, IncidentId{*id}, actor);
        if (!incident) return incident.error();
        auto members = storage::members_of(tx, incident->id, after, limit + 1);
        const bool more = static_cast<std::int64_t>(members.size()) > limit;
        if (more) members.pop_back();
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const storage::IncidentTicket& member : members) {
            const auto ticket = storage::find_ticket(tx, member.ticket);
            if (ticket && actor.may_see(ticket->brand)) write_incident_member(json, tx, member, *ticket);
        }
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("members", {members.back().ticket.value}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/incidents/{id}/members
awaitable<Answer> add_member(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto ticket = fields.maybe_number("ticket", 1, INT64_MAX);
    if (!ticket && !fields.has("ticket")) fields.missing("ticket");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto added = co_await context.engine.incidents().add_member(IncidentId{*id}, TicketId{*ticket}, std::move(order));
    if (!added) co_return added.error();
    co_return co_await show(context, call, added->id, 200);
}

/// DELETE /v1/incidents/{id}/members/{ticket}
awaitable<Answer> remove_member(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto ticket = read_number(call.request.path_parameter("ticket"));
    if (!ticket) co_return Error(ErrorKind::not_found, "There is nothing at " + call.request.path + ".");
    auto order = command(call);
    const auto removed = co_await context.engine.incidents().remove_member(IncidentId{*id}, TicketId{*ticket}, std::move(order));
    if (!removed) co_return removed.error();
    co_return co_await show(context, call, removed->id, 200);
}

/// POST /v1/incidents/{id}/confirm
awaitable<Answer> confirm_incident(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done = co_await context.engine.incidents().confirm(IncidentId{*id}, std::move(order));
    if (!done) co_return done.error();
    co_return co_await show(context, call, done->id, 200);
}

/// POST /v1/incidents/{id}/dismiss
awaitable<Answer> dismiss_incident(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto why = fields.maybe_text("why", {0, longest_incident_text}).value_or("");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done = co_await context.engine.incidents().dismiss(IncidentId{*id}, std::move(why), std::move(order));
    if (!done) co_return done.error();
    co_return co_await show(context, call, done->id, 200);
}

/// POST /v1/incidents/{id}/close
awaitable<Answer> close_incident(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    domain::BroadcastTexts texts;
    texts.text = fields.maybe_text("text", {0, longest_incident_text}).value_or("");
    texts.variants = fields.texts_by_name("variants", 50, {1, longest_incident_text});
    auto status_text = fields.maybe_text("status_text", {0, longest_incident_text}).value_or("");
    if (texts.text.empty() && !texts.variants.empty()) fields.missing("text");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done =
        co_await context.engine.incidents().close(IncidentId{*id}, std::move(texts), std::move(status_text), std::move(order));
    if (!done) co_return done.error();
    co_return co_await show(context, call, done->id, 200);
}

/// POST /v1/incidents/{id}/status-post
awaitable<Answer> post_status(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    domain::BroadcastTexts texts;
    texts.text = fields.text("text", {1, longest_incident_text});
    texts.variants = fields.texts_by_name("variants", 50, {1, longest_incident_text});
    auto channels = fields.maybe_texts("channels", 100, {1, 64}).value_or(std::vector<std::string>());
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done =
        co_await context.engine.incidents().post_status(IncidentId{*id}, std::move(texts), std::move(channels), std::move(order));
    if (!done) co_return done.error();
    co_return co_await show(context, call, done->id, 202);
}

/// POST /v1/incidents/{id}/status-post/decision
awaitable<Answer> decide_status(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto parse = [](std::string_view word) -> std::optional<engine::Decision::Kind> {
        if (word == "resend") return engine::Decision::Kind::resend;
        if (word == "published") return engine::Decision::Kind::published;
        if (word == "discard") return engine::Decision::Kind::discard;
        return std::nullopt;
    };
    const auto post = fields.maybe_number("post", 1, INT64_MAX);
    const auto kind = fields.maybe_word("decision", parse, "resend, published, discard");
    engine::Decision decision;
    decision.platform_id = fields.maybe_text("platform_id", {0, 500}).value_or("");
    if (!post && !fields.has("post")) fields.missing("post");
    if (!kind && !fields.has("decision")) fields.missing("decision");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    decision.kind = *kind;
    auto order = command(call);
    const auto done = co_await context.engine.incidents().decide_status(IncidentId{*id}, *post, std::move(decision), std::move(order));
    if (!done) co_return done.error();
    co_return co_await show(context, call, done->id, 200);
}

/// GET /v1/incidents/{id}/broadcast/preview
awaitable<Answer> preview_broadcast(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto actor = call.caller->actor();
    const auto preview = co_await context.engine.incidents().preview(IncidentId{*id}, std::move(actor));
    if (!preview) co_return preview.error();
    std::string body;
    JsonWriter json(body);
    write_broadcast_preview(json, *preview);
    co_return json_response(200, std::move(body));
}

/// POST /v1/incidents/{id}/broadcast
awaitable<Answer> start_broadcast(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    domain::BroadcastTexts texts;
    texts.text = fields.text("text", {1, longest_incident_text});
    texts.variants = fields.texts_by_name("variants", 50, {1, longest_incident_text});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto started = co_await context.engine.incidents().broadcast(IncidentId{*id}, std::move(texts), std::move(order));
    if (!started) co_return started.error();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_broadcast(json, tx, *started);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(202, std::move(*body));
}

/// POST /v1/incidents/{id}/broadcast/stop
awaitable<Answer> stop_broadcast(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto stopped = co_await context.engine.incidents().stop_broadcast(IncidentId{*id}, std::move(order));
    if (!stopped) co_return stopped.error();
    co_return co_await show(context, call, stopped->id, 200);
}

} // namespace

std::span<const Route> incident_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/incidents", Access::agent, list_incidents},
        {Method::post, "/v1/incidents", Access::agent, open_incident},
        {Method::get, "/v1/incidents/{id}", Access::agent, get_incident},
        {Method::patch, "/v1/incidents/{id}", Access::supervisor, change_incident, {.checks_revision = true}},
        {Method::get, "/v1/incidents/{id}/members", Access::agent, list_members},
        {Method::post, "/v1/incidents/{id}/members", Access::supervisor, add_member},
        {Method::del, "/v1/incidents/{id}/members/{ticket}", Access::supervisor, remove_member},
        {Method::post, "/v1/incidents/{id}/confirm", Access::supervisor, confirm_incident},
        {Method::post, "/v1/incidents/{id}/dismiss", Access::supervisor, dismiss_incident},
        {Method::post, "/v1/incidents/{id}/close", Access::supervisor, close_incident},
        {Method::post, "/v1/incidents/{id}/status-post", Access::supervisor, post_status},
        {Method::post, "/v1/incidents/{id}/status-post/decision", Access::supervisor, decide_status},
        {Method::get, "/v1/incidents/{id}/broadcast/preview", Access::supervisor, preview_broadcast},
        {Method::post, "/v1/incidents/{id}/broadcast", Access::supervisor, start_broadcast},
        {Method::post, "/v1/incidents/{id}/broadcast/stop", Access::supervisor, stop_broadcast},
    };
    return routes;
}

} // namespace sportello::api
