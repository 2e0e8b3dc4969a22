// What happens, as it happens: the event log by page, as server-sent events, and on the dashboard's WebSocket.
#include "context.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "stream.hpp"

#include <sportello/storage/events.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

bool may_see(const engine::Actor& actor, const FeedEvent& event)
{
    return event.brand.empty() || actor.may_see(event.brand);
}

std::string event_page(Transaction& tx, const engine::Actor& actor, std::int64_t since, std::int64_t limit)
{
    std::string page;
    JsonWriter json(page);
    json.open_object().key("items").open_array();
    const auto events = load_events(tx, since, limit + 1);
    const auto shown = std::min<std::size_t>(events.size(), static_cast<std::size_t>(limit));
    auto last = std::min(since, storage::last_seq(tx));
    for (std::size_t at = 0; at < shown; ++at) {
        if (may_see(actor, *events[at])) json.raw(events[at]->json);
        last = events[at]->seq;
    }
    json.close_array().key("next_cursor");
    if (events.size() > shown) json.value(std::to_string(last));
    else json.value(nullptr);
    json.member("last_seq", last).close_object();
    return page;
}

bool wants_stream(const http::Request& request)
{
    return request.headers.find("Accept").value_or("").find("text/event-stream") != std::string_view::npos;
}

/// GET /v1/events
awaitable<Answer> list_events(Context& context, Call& call)
{
    Query query(call.request.query);
    auto since = query.number("since", 0, INT64_MAX);
    const auto limit = query.limit(1000, 100);
    if (const auto cursor = query.text("cursor")) {
        since = read_number(*cursor);
        if (!since) query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (wants_stream(call.request)) {
        if (const auto last = call.request.headers.find("Last-Event-ID")) {
            if (const auto seq = read_number(*last)) since = seq;
        }
        co_return event_stream(context, call.caller, since);
    }
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> { return event_page(tx, actor, since.value_or(0), limit); };
    auto page = co_await context.db.read(read);
    if (!page) co_return page.error();
    co_return json_response(200, std::move(*page));
}

/// GET /v1/live
awaitable<Answer> open_live(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto since = query.number("since", 0, INT64_MAX);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto upgrade = call.request.headers.find("Upgrade").value_or("");
    const bool websocket = upgrade.size() == 9 && (upgrade == "websocket" || upgrade == "WebSocket" || upgrade == "Websocket");
    if (!websocket) {
        auto refused = call.refuse({.status = 426,
                                    .code = "upgrade_required",
                                    .detail = "This address speaks WebSocket; programs find the same events at /v1/events."});
        refused.headers.set("Upgrade", "websocket");
        co_return refused;
    }
    co_return live_socket(context, call.caller, since);
}

constexpr Route routes[] = {
    {Method::get, "/v1/events", Access::agent, list_events},
    {Method::get, "/v1/live", Access::agent, open_live},
};

} // namespace

std::span<const Route> live_routes()
{
    return routes;
}

} // namespace sportello::api
