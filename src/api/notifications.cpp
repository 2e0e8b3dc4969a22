// What I am told of: a colleague named me, or decided about what I wrote; or I wanted to be reminded.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/storage/aids.hpp>
#include <sportello/storage/notifications.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Notification;
using storage::Transaction;

std::string_view name_of_item(const std::string& kind)
{
    if (kind == "mention") return "note";
    return kind == "reminder" ? "reminder" : "approval";
}

void write_notification(JsonWriter& json, Transaction& tx, const Notification& notification)
{
    json.open_object().member("id", notification.id).member("kind", notification.kind).key("ticket");
    if (notification.ticket) json.value(notification.ticket->value);
    else json.value(nullptr);
    json.member(name_of_item(notification.kind), notification.item);
    if (notification.kind == "reminder") {
        const auto reminder = storage::find_reminder(tx, notification.item);
        json.text_or_null("text", reminder ? reminder->text : std::string());
    }
    json.key("by")
        .open_object()
        .member("kind", "agent")
        .member("id", notification.actor.value)
        .member("name", notification.actor_name)
        .close_object()
        .member("at", notification.at)
        .member("read_at", notification.read_at)
        .close_object();
}

/// GET /v1/notifications
awaitable<Answer> list_notifications(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const bool unread = query.flag("unread").value_or(false);
    std::optional<std::int64_t> before;
    if (const auto cursor = query.text("cursor")) {
        const auto numbers = read_cursor(*cursor, "notification", 1);
        if (numbers) before = numbers->front();
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto agent = call.caller->agent.id;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto found = storage::notifications_of(tx, agent, unread, before, limit + 1);
        const auto shown = std::min<std::size_t>(found.size(), static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (std::size_t at = 0; at < shown; ++at) write_notification(json, tx, found[at]);
        json.close_array().key("next_cursor");
        if (found.size() > shown) json.value(write_cursor("notification", {found[shown - 1].id}));
        else json.value(nullptr);
        json.member("unread", storage::unread_notifications(tx, agent)).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/notifications/{id}/read
awaitable<Answer> read_notification(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto agent = call.caller->agent.id;
    const auto now = context.clock.now();
    auto mark = [&](Transaction& tx) -> Result<void> {
        if (storage::mark_notification_read(tx, agent, *id, now)) return {};
        return Error(ErrorKind::not_found, "There is no notification " + std::to_string(*id) + " of yours.");
    };
    const auto marked = co_await context.db.write(mark);
    if (!marked) co_return marked.error();
    co_return http::Response::empty(204);
}

/// POST /v1/notifications/read
awaitable<Answer> read_notifications(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto until = fields.maybe_number("until", 1, INT64_MAX);
    if (!fields.has("until")) fields.missing("until");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto agent = call.caller->agent.id;
    const auto now = context.clock.now();
    auto mark = [&](Transaction& tx) -> Result<std::int64_t> { return storage::mark_notifications_read(tx, agent, *until, now); };
    const auto marked = co_await context.db.write(mark);
    if (!marked) co_return marked.error();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> notification_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/notifications", Access::agent, list_notifications},
        {Method::post, "/v1/notifications/read", Access::agent, read_notifications},
        {Method::post, "/v1/notifications/{id}/read", Access::agent, read_notification},
    };
    return routes;
}

} // namespace sportello::api
