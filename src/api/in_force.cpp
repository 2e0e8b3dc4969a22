// What the configuration says, as it is in force: rules, targets, calendars. To read only; it is changed in its files.
#include "context.hpp"
#include "json_writer.hpp"
#include "office_json.hpp"
#include "query.hpp"

#include <chrono>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

std::int64_t seconds(base::Duration duration)
{
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void write_rule(JsonWriter& json, const domain::TriageRule& rule, std::int64_t place)
{
    const auto& then = rule.then;
    json.open_object()
        .member("place", place)
        .member("name", rule.name)
        .member("on", domain::to_string(rule.trigger))
        .member("when", domain::in_words(rule.when));
    json.texts("add_labels", then.labels);
    json.text_or_null("priority", then.priority ? domain::to_string(*then.priority) : std::string_view())
        .member("team", then.team)
        .member("hold", then.hold)
        .text_or_null("aside", then.aside)
        .text_or_null("canned_reply", then.proposal)
        .text_or_null("note", then.note)
        .member("stop", rule.stop)
        .close_object();
}

/// GET /v1/settings/rules
awaitable<Answer> list_rules(Context& context, Call& call)
{
    Query query(call.request.query);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    std::int64_t place = 0;
    for (const auto& rule : context.engine.settings().rules) write_rule(json, rule, ++place);
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

/// One line: the brand's usual times, or what lies over them somewhere.
void write_target(JsonWriter& json, const engine::BrandSettings& brand, const domain::TargetOverride& over)
{
    const auto or_usual = [](const std::optional<base::Duration>& over_it, base::Duration usual) {
        return seconds(over_it.value_or(usual));
    };
    json.open_object()
        .member("brand", brand.id)
        .text_or_null("channel", over.channel)
        .text_or_null("priority", over.priority ? domain::to_string(*over.priority) : std::string_view())
        .member("first_response_seconds", or_usual(over.first_response, brand.first_response))
        .member("next_response_seconds", or_usual(over.next_response, brand.next_response))
        .member("resolution_seconds", or_usual(over.resolution, brand.resolution))
        .member("warn_at", over.warn_at.value_or(brand.warn_at))
        .close_object();
}

/// GET /v1/settings/targets
awaitable<Answer> list_targets(Context& context, Call& call)
{
    Query query(call.request.query);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    const auto& settings = context.engine.settings();
    std::string body;
    JsonWriter json(body);
    json.open_object().member("promised_mean_seconds", seconds(settings.promised_first_response)).key("items").open_array();
    for (const auto& brand : settings.brands) {
        if (!actor.may_see(brand.id)) continue;
        write_target(json, brand, {});
        for (const auto& over : brand.target_overrides) write_target(json, brand, over);
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

/// GET /v1/settings/calendars
awaitable<Answer> list_calendars(Context& context, Call& call)
{
    Query query(call.request.query);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& brand : context.engine.settings().brands) {
            if (!actor.may_see(brand.id)) continue;
            json.open_object().member("brand", brand.id).key("calendar");
            write_calendar(json, tx, brand, now);
            json.close_object();
        }
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> in_force_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/settings/rules", Access::supervisor, list_rules},
        {Method::get, "/v1/settings/targets", Access::supervisor, list_targets},
        {Method::get, "/v1/settings/calendars", Access::supervisor, list_calendars},
    };
    return routes;
}

} // namespace sportello::api
