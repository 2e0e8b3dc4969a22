// What happens, as it happens: the event log by page, as server-sent events, and on the dashboard's WebSocket.
#include "context.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "stream.hpp"

#include <sportello/storage/events.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

/// Of a long poll: shorter than what proxies and browsers wait for.
constexpr std::chrono::seconds longest_wait{30};

struct EventPage {
    std::string json;
    std::int64_t last = 0; ///< everything up to here was looked at
    bool empty = true;     ///< nothing in it for this reader
};

EventPage event_page(Transaction& tx, const engine::Settings& settings, const engine::Actor& actor, std::int64_t since, std::int64_t limit)
{
    EventPage page;
    JsonWriter json(page.json);
    json.open_object().key("items").open_array();
    const auto events = load_events(tx, settings, since, limit + 1);
    const auto shown = std::min<std::size_t>(events.size(), static_cast<std::size_t>(limit));
    page.last = std::min(since, storage::last_seq(tx));
    for (std::size_t at = 0; at < shown; ++at) {
        if (may_see(actor, *events[at])) {
            json.raw(events[at]->json);
            page.empty = false;
        }
        page.last = events[at]->seq;
    }
    json.close_array().key("next_cursor");
    if (events.size() > shown) json.value(std::to_string(page.last));
    else json.value(nullptr);
    json.member("last_seq", page.last).close_object();
    page.empty = page.empty && events.size() <= shown;
    return page;
}

/// One page; with `wait`, as soon as there is something for the caller in it, or at the end of that time. A right that is
/// withdrawn meanwhile counts at once.
awaitable<Answer> event_page_within(Context& context, Call& call, std::int64_t since, std::int64_t limit, base::Duration wait)
{
    const auto until = context.clock.now() + wait;
    std::shared_ptr<LiveFeed::Member> member;
    if (wait > base::Duration::zero()) member = context.feed.join();
    CallerPtr caller = call.caller;
    auto changes = context.sessions.changes();
    for (;;) {
        const auto actor = caller->actor();
        auto read = [&](Transaction& tx) -> Result<EventPage> { return event_page(tx, context.engine.settings(), actor, since, limit); };
        auto page = co_await context.db.read(read);
        if (!page) co_return page.error();
        const bool late = context.clock.now() >= until;
        // A log that is shorter than what the client saw is told at once.
        if (!page->empty || late || page->last < since) co_return json_response(200, std::move(page->json));
        since = page->last; // what others alone may see is not read again
        const bool woken = co_await member->wait_until(until);
        if (woken && changes == context.sessions.changes()) continue;
        changes = context.sessions.changes();
        auto renewed = co_await context.sessions.renew(caller);
        if (!renewed) co_return renewed.error();
        if (!*renewed) co_return base::Error(base::ErrorKind::unauthenticated, "The session ended.");
        caller = std::move(*renewed);
    }
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
    const auto wait = query.number("wait", 0, longest_wait.count()).value_or(0);
    if (const auto cursor = query.text("cursor")) {
        since = read_number(*cursor);
        if (!since) query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (wants_stream(call.request)) {
        if (const auto last = call.request.headers.find("Last-Event-ID")) {
            if (const auto seq = read_number(*last)) since = seq;
        }
        co_return event_stream(context, call, since);
    }
    co_return co_await event_page_within(context, call, since.value_or(0), limit, std::chrono::seconds(wait));
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
    co_return live_socket(context, call, since);
}

} // namespace

std::span<const Route> live_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/events", Access::agent, list_events},
        {Method::get, "/v1/live", Access::agent, open_live},
    };
    return routes;
}

} // namespace sportello::api
