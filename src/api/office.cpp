// Brands, hours, the queue, and channels: what the office is made of.
#include "context.hpp"
#include "fields.hpp"
#include "office_json.hpp"
#include "query.hpp"

#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

/// GET /v1/brands
awaitable<Answer> list_brands(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& brand : context.engine.settings().brands) {
        if (actor.may_see(brand.id)) write_brand(json, brand);
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

/// GET /v1/queue
awaitable<Answer> get_queue(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_queue(json, tx, context.engine.settings(), actor, now);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

const engine::BrandSettings* asked_brand(Query& query, const engine::Settings& settings, const engine::Actor& actor)
{
    const auto id = query.text("brand");
    for (const auto& brand : settings.brands) {
        if (actor.may_see(brand.id) && (!id || brand.id == *id)) return &brand;
    }
    return nullptr;
}

/// GET /v1/office-hours
awaitable<Answer> get_office_hours(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto* brand = asked_brand(query, context.engine.settings(), call.caller->actor());
    const auto at = query.time("at").value_or(context.clock.now());
    const auto plus = query.duration("plus");
    const auto until = query.time("until");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (brand == nullptr) co_return Error(ErrorKind::not_found, "There is no such brand.");

    const auto& calendar = *brand->calendar;
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("open", calendar.is_open(at))
        .member("next_open", calendar.next_open(at))
        .member("next_close", calendar.next_close(at))
        .member("due", plus ? calendar.add(at, *plus) : std::nullopt)
        .key("office_seconds_until");
    if (until) json.value(std::chrono::duration<double>(calendar.between(at, *until)).count());
    else json.value(nullptr);
    json.key("calendar");
    write_calendar(json, calendar.spec());
    json.close_object();
    co_return json_response(200, std::move(body));
}

/// GET /v1/channels
awaitable<Answer> list_channels(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items");
        write_channels(json, tx, context.engine.settings(), actor, context.clock.now());
        json.member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

std::optional<engine::Pausing> parse_pausing(std::string_view word)
{
    if (word == "all") return engine::Pausing{};
    if (word == "reading") return engine::Pausing{.reading = true, .publishing = false};
    if (word == "publishing") return engine::Pausing{.reading = false, .publishing = true};
    return std::nullopt;
}

awaitable<Answer> set_paused(Context& context, Call& call, bool paused)
{
    Fields fields(call.request.body);
    const auto what = fields.maybe_word("what", parse_pausing, "all, reading, publishing").value_or(engine::Pausing{});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const std::string id(call.request.path_parameter("id"));
    const auto* channel = context.engine.settings().channel(id);
    if (channel == nullptr || !call.caller->actor().may_see(channel->brand)) {
        co_return Error(ErrorKind::not_found, "There is no such channel.");
    }
    auto order = command(call);
    std::vector<std::string> one{id};
    const auto done = co_await context.engine.pause_channels(std::move(one), what, paused, std::move(order));
    if (!done) co_return done.error();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_channel(json, tx, *channel, context.clock.now());
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/channels/{id}/pause
awaitable<Answer> pause_channel(Context& context, Call& call)
{
    co_return co_await set_paused(context, call, true);
}

/// POST /v1/channels/{id}/resume
awaitable<Answer> resume_channel(Context& context, Call& call)
{
    co_return co_await set_paused(context, call, false);
}

/// All channels that the caller may see, in one transaction.
awaitable<Answer> set_all_paused(Context& context, Call& call, bool paused)
{
    Fields fields(call.request.body);
    const auto what = fields.maybe_word("what", parse_pausing, "all, reading, publishing").value_or(engine::Pausing{});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    std::vector<std::string> channels;
    for (const auto& channel : context.engine.settings().channels) {
        if (actor.may_see(channel.brand)) channels.push_back(channel.id);
    }
    auto order = command(call);
    const auto done = co_await context.engine.pause_channels(std::move(channels), what, paused, std::move(order));
    if (!done) co_return done.error();
    co_return co_await list_channels(context, call);
}

/// POST /v1/channels/pause
awaitable<Answer> pause_all_channels(Context& context, Call& call)
{
    co_return co_await set_all_paused(context, call, true);
}

/// POST /v1/channels/resume
awaitable<Answer> resume_all_channels(Context& context, Call& call)
{
    co_return co_await set_all_paused(context, call, false);
}

constexpr Route routes[] = {
    {Method::get, "/v1/brands", Access::agent, list_brands},
    {Method::get, "/v1/queue", Access::agent, get_queue},
    {Method::get, "/v1/office-hours", Access::agent, get_office_hours},
    {Method::get, "/v1/channels", Access::agent, list_channels},
    {Method::post, "/v1/channels/pause", Access::supervisor, pause_all_channels},
    {Method::post, "/v1/channels/resume", Access::supervisor, resume_all_channels},
    {Method::post, "/v1/channels/{id}/pause", Access::supervisor, pause_channel},
    {Method::post, "/v1/channels/{id}/resume", Access::supervisor, resume_channel},
};

} // namespace

std::span<const Route> office_routes()
{
    return routes;
}

} // namespace sportello::api
