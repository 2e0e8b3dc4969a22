// Other systems that are told of events: who they are, how it goes, once more from the past.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/engine/webhooks.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using engine::WebhookDraft;
using http::Method;
using storage::Transaction;
using storage::Webhook;
using storage::WebhookDelivery;

constexpr std::size_t longest_url = 2'000;
constexpr std::size_t most_types = 100;
constexpr std::size_t most_brands = 100;

void write_members(JsonWriter& json, const Webhook& webhook)
{
    json.member("id", webhook.id).member("name", webhook.name).member("url", webhook.url);
    json.texts("types", webhook.types);
    json.texts("brands", webhook.brands);
    json.member("enabled", webhook.enabled)
        .text_or_null("disabled_reason", webhook.disabled_why)
        .member("seq", webhook.cursor)
        .member("failing_since", webhook.failing_since)
        .member("old_secret_until", webhook.old_secret_until)
        .member("created_at", webhook.created_at)
        .member("updated_at", webhook.updated_at)
        .member("revision", webhook.revision);
}

std::string webhook_json(const Webhook& webhook, std::string_view secret = {})
{
    std::string body;
    JsonWriter json(body);
    json.open_object();
    write_members(json, webhook);
    if (!secret.empty()) json.member("secret", secret);
    json.close_object();
    return body;
}

void write_delivery(JsonWriter& json, const WebhookDelivery& delivery)
{
    json.open_object().member("id", delivery.id).member("seq", delivery.seq).member("type", delivery.type).key("ticket");
    if (delivery.lane > 0) json.value(delivery.lane);
    else json.value(nullptr);
    json.member("state", delivery.state)
        .member("attempts", delivery.attempts)
        .member("created_at", delivery.created_at)
        .member("tried_at", delivery.tried_at)
        .key("next_try");
    if (delivery.state == "waiting") json.value(delivery.next_try);
    else json.value(nullptr);
    json.member("status", delivery.status)
        .text_or_null("excerpt", delivery.excerpt)
        .text_or_null("failure", delivery.failure)
        .close_object();
}

WebhookDraft read_draft(Fields& fields)
{
    WebhookDraft draft;
    draft.name = fields.maybe_text("name", {1, 100});
    draft.url = fields.maybe_text("url", {1, longest_url});
    draft.types = fields.maybe_texts("types", most_types, {1, 64});
    draft.brands = fields.maybe_texts("brands", most_brands, {1, 64});
    draft.enabled = fields.maybe_flag("enabled");
    return draft;
}

Result<Webhook> visible(Transaction& tx, std::int64_t id, const engine::Actor& actor)
{
    auto found = storage::find_webhook(tx, id);
    if (found && !engine::Webhooks::may_see(actor, *found)) {
        return Error(ErrorKind::not_found, "There is no webhook " + std::to_string(id) + ".");
    }
    return found;
}

/// GET /v1/webhooks
awaitable<Answer> list_webhooks(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto given = query.text("cursor");
    const auto from = given ? read_cursor(*given, "webhooks", 1) : std::optional(std::vector<std::int64_t>{0});
    if (!from) query.wrong("cursor", "not a cursor of this list");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        // There are a hundred at most: what one may not see is left out here.
        auto all = storage::webhooks_after(tx, from->front(), 1000);
        std::erase_if(all, [&](const Webhook& webhook) { return !engine::Webhooks::may_see(actor, webhook); });
        const bool more = std::ssize(all) > limit;
        if (more) all.resize(static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& webhook : all) {
            json.open_object();
            write_members(json, webhook);
            json.close_object();
        }
        json.close_array().text_or_null("next_cursor", more ? write_cursor("webhooks", {all.back().id}) : std::string()).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/webhooks
awaitable<Answer> create_webhook(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto draft = read_draft(fields);
    if (!draft.name) fields.missing("name");
    if (!draft.url) fields.missing("url");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto made = co_await context.engine.webhooks().create(std::move(draft), std::move(order));
    if (!made) co_return made.error();
    co_return json_response(201, webhook_json(made->webhook, made->secret), made->webhook.revision);
}

/// GET /v1/webhooks/{id}
awaitable<Answer> get_webhook(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<Webhook> { return visible(tx, *id, actor); };
    const auto webhook = co_await context.db.read(read);
    if (!webhook) co_return webhook.error();
    co_return json_response(200, webhook_json(*webhook), webhook->revision);
}

/// PATCH /v1/webhooks/{id}
awaitable<Answer> change_webhook(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto draft = read_draft(fields);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto wanted = wanted_revision(call.request);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<Webhook> { return visible(tx, *id, actor); };
    const auto before = co_await context.db.read(read);
    if (!before) co_return before.error();
    if (wanted && *wanted != before->revision) co_return refuse_revision(call, "webhook", before->revision);
    auto order = command(call);
    const auto changed = co_await context.engine.webhooks().change(*id, std::move(draft), wanted, std::move(order));
    if (!changed) co_return changed.error();
    co_return json_response(200, webhook_json(*changed), changed->revision);
}

/// DELETE /v1/webhooks/{id}
awaitable<Answer> remove_webhook(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto removed = co_await context.engine.webhooks().remove(*id, std::move(order));
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
}

/// POST /v1/webhooks/{id}/secret
awaitable<Answer> change_secret(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto changed = co_await context.engine.webhooks().change_secret(*id, std::move(order));
    if (!changed) co_return changed.error();
    co_return json_response(200, webhook_json(changed->webhook, changed->secret), changed->webhook.revision);
}

/// POST /v1/webhooks/{id}/replay
awaitable<Answer> replay(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto since = fields.maybe_number("since", 0, INT64_MAX);
    if (!since) fields.missing("since");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto replayed = co_await context.engine.webhooks().replay(*id, *since, std::move(order));
    if (!replayed) co_return replayed.error();
    co_return json_response(202, webhook_json(*replayed), replayed->revision);
}

/// POST /v1/webhooks/{id}/test
awaitable<Answer> test(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto tested = co_await context.engine.webhooks().test(*id, std::move(order));
    if (!tested) co_return tested.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("taken", tested->state == "delivered")
        .member("status", tested->status)
        .text_or_null("excerpt", tested->excerpt)
        .text_or_null("failure", tested->failure)
        .close_object();
    co_return json_response(200, std::move(body));
}

std::optional<std::string> parse_state(std::string_view word)
{
    const bool known = word == "waiting" || word == "delivered" || word == "given_up";
    return known ? std::optional(std::string(word)) : std::nullopt;
}

/// GET /v1/webhooks/{id}/deliveries
awaitable<Answer> list_deliveries(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto state = query.word("state", parse_state, "waiting, delivered, given_up").value_or("");
    const auto given = query.text("cursor");
    const auto from = given ? read_cursor(*given, "deliveries", 1) : std::optional(std::vector<std::int64_t>{0});
    if (!from) query.wrong("cursor", "not a cursor of this list");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto webhook = visible(tx, *id, actor);
        if (!webhook) return webhook.error();
        auto found = storage::webhook_deliveries(tx, *id, state, from->front(), limit + 1);
        const bool more = std::ssize(found) > limit;
        if (more) found.resize(static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& delivery : found) write_delivery(json, delivery);
        json.close_array().text_or_null("next_cursor", more ? write_cursor("deliveries", {found.back().id}) : std::string()).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> webhook_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/webhooks", Access::admin, list_webhooks},
        {Method::post, "/v1/webhooks", Access::admin, create_webhook, {.answers_secret = true}},
        {Method::get, "/v1/webhooks/{id}", Access::admin, get_webhook},
        {Method::patch, "/v1/webhooks/{id}", Access::admin, change_webhook},
        {Method::del, "/v1/webhooks/{id}", Access::admin, remove_webhook},
        {Method::post, "/v1/webhooks/{id}/secret", Access::admin, change_secret, {.answers_secret = true}},
        {Method::post, "/v1/webhooks/{id}/replay", Access::admin, replay},
        {Method::post, "/v1/webhooks/{id}/test", Access::admin, test},
        {Method::get, "/v1/webhooks/{id}/deliveries", Access::admin, list_deliveries},
    };
    return routes;
}

} // namespace sportello::api
