// What is wrong, who was told, and who has said that they know.
#include "context.hpp"
#include "fields.hpp"
#include "html_page.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/base/text.hpp>
#include <sportello/engine/alerts.hpp>
#include <sportello/storage/alerts.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Alert;
using storage::Transaction;

constexpr std::int64_t most_notices = 100;

void write_notice(JsonWriter& json, const storage::AlertNoticeRow& notice)
{
    json.open_object()
        .member("kind", notice.kind)
        .member("route", notice.route)
        .member("step", notice.step + 1)
        .member("recipient", notice.recipient)
        .member("at", notice.at)
        .member("state", notice.state)
        .member("attempts", notice.attempts)
        .text_or_null("reason", notice.reason)
        .close_object();
}

void write_alert(JsonWriter& json, Transaction& tx, const Alert& alert)
{
    json.open_object()
        .member("id", alert.id)
        .member("kind", to_string(alert.cause.kind))
        .member("cause", alert.cause.key)
        .text_or_null("brand", alert.cause.brand)
        .text_or_null("channel", alert.cause.channel)
        .member("level", alert.cause.level)
        .member("text", alert.cause.text)
        .member("remedy", alert.cause.remedy)
        .member("begun_at", alert.begun_at)
        .member("ended_at", alert.ended_at)
        .member("acknowledged_at", alert.acknowledged_at)
        .key("acknowledged_by");
    if (alert.acknowledged_by) json.value(alert.acknowledged_by->value);
    else json.value(nullptr);
    json.text_or_null("acknowledged_how", alert.acknowledged_how).key("notices").open_array();
    for (const auto& notice : storage::notices_of(tx, alert.id, most_notices)) write_notice(json, notice);
    json.close_array().close_object();
}

std::optional<bool> parse_ended(std::string_view word)
{
    if (word == "going_on") return false;
    if (word == "ended") return true;
    return std::nullopt;
}

/// GET /v1/alerts
awaitable<Answer> list_alerts(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto ended = query.word("state", parse_ended, "going_on, ended");
    const auto limit = query.limit();
    std::optional<std::int64_t> before;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "alert", 1)) before = numbers->front();
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::vector<Alert> shown;
        std::optional<std::int64_t> place = before;
        bool more = true;
        // Those of other brands are passed over, so a page is full as long as there are any.
        while (more && std::ssize(shown) <= limit) {
            const auto found = storage::list_alerts(tx, ended, place, limit + 1);
            more = std::ssize(found) > limit;
            for (const Alert& alert : found) {
                place = alert.id;
                if (engine::may_see_alert(alert, actor)) shown.push_back(alert);
            }
        }
        const bool next = std::ssize(shown) > limit;
        if (next) shown.resize(static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const Alert& alert : shown) write_alert(json, tx, alert);
        json.close_array().key("next_cursor");
        if (next) json.value(write_cursor("alert", {shown.back().id}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/alerts/{id}/acknowledge
awaitable<Answer> acknowledge_alert(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto order = command(call);
    const auto now = context.clock.now();
    auto write = [&](Transaction& tx) -> Result<std::string> {
        const auto alert = engine::acknowledge_alert(tx, *id, order, now);
        if (!alert) return alert.error();
        std::string body;
        JsonWriter json(body);
        write_alert(json, tx, *alert);
        return body;
    };
    auto body = co_await context.db.write(write);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

http::Response no_such_link(const Error& error)
{
    return html_page(404, "Nothing to acknowledge", "<p>" + base::escape_html(error.what()) + "</p>\n");
}

/// GET /alerts/{token}: asks only, since mail programs open links by themselves.
awaitable<Answer> show_link(Context& context, Call& call)
{
    const std::string token(call.request.path_parameter("token"));
    auto read = [&](Transaction& tx) -> Result<Alert> { return engine::alert_of_link(tx, token); };
    const auto alert = co_await context.db.read(read);
    if (!alert && alert.error().kind() == ErrorKind::not_found) co_return no_such_link(alert.error());
    if (!alert) co_return alert.error();
    co_return html_page(200, "Do you know of this?",
                        "<p>" + base::escape_html(alert->cause.text) + "</p>\n<p>" + base::escape_html(alert->cause.remedy) +
                            "</p>\n<form method=\"post\" action=\"/alerts/" + base::escape_html(token) +
                            "\"><button>I know of it</button></form>\n<p>Then it is not told again, until it gets worse or is over.</p>\n");
}

/// POST /alerts/{token}
awaitable<Answer> use_link(Context& context, Call& call)
{
    const std::string token(call.request.path_parameter("token"));
    const auto now = context.clock.now();
    auto write = [&](Transaction& tx) -> Result<Alert> { return engine::acknowledge_by_link(tx, token, now); };
    const auto alert = co_await context.db.write(write);
    if (!alert && alert.error().kind() == ErrorKind::not_found) co_return no_such_link(alert.error());
    if (!alert) co_return alert.error();
    co_return html_page(200, "Thank you",
                        "<p>" + base::escape_html(alert->cause.text) +
                            "</p>\n<p>Nobody is told of it again, until it gets worse or is over.</p>\n");
}

} // namespace

std::span<const Route> alert_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/alerts", Access::supervisor, list_alerts},
        {Method::post, "/v1/alerts/{id}/acknowledge", Access::supervisor, acknowledge_alert},
        {Method::get, "/alerts/{token}", Access::public_, show_link},
        {Method::post, "/alerts/{token}", Access::public_, use_link},
    };
    return routes;
}

} // namespace sportello::api
