// For those who run the server, and the dashboard's first screen.
#include "context.hpp"
#include "json_writer.hpp"
#include "office_json.hpp"
#include "people_json.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/queue.hpp>
#include <sportello/storage/replies.hpp>

#include <chrono>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

constexpr std::int64_t first_page = 100;

http::Response ok(const Context& context)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().member("status", "ok").member("build", context.options.build).close_object();
    return json_response(200, std::move(body));
}

/// GET /healthz
awaitable<Answer> health(Context& context, Call&)
{
    co_return ok(context);
}

/// GET /readyz
awaitable<Answer> ready(Context& context, Call&)
{
    auto probe = [](Transaction& tx) -> Result<std::int64_t> { return storage::last_seq(tx); };
    const auto readable = co_await context.db.read(probe);
    if (!readable) co_return readable.error();
    const auto writable = co_await context.db.write(probe);
    if (!writable) co_return writable.error();
    co_return ok(context);
}

/// GET /metrics
awaitable<Answer> metrics(Context& context, Call&)
{
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<void> {
        for (const auto& figures : storage::queue_figures(tx, now)) {
            const auto oldest = figures.oldest_waiting_since ? now - *figures.oldest_waiting_since : base::Duration::zero();
            context.metrics.waiting(figures.brand, figures.waiting, oldest);
        }
        for (const auto& channel : context.engine.settings().channels) {
            const auto state = storage::load_channel(tx, channel.id);
            const auto spent = storage::load_spending(tx, channel.id, std::chrono::floor<std::chrono::days>(now));
            const auto outbox = storage::outbox_figures(tx, channel.id);
            const auto uncertain = outbox.uncertain_since ? now - *outbox.uncertain_since : base::Duration::zero();
            context.metrics.channel(channel.id, {.ok = state.state == "ok",
                                                 .reading_paused = state.reading_paused,
                                                 .publishing_paused = state.publishing_paused,
                                                 .lag_seconds = state.last_lag_seconds.value_or(0),
                                                 .replies_held = storage::held_reply_count(tx, channel.id),
                                                 .quiet = !state.quiet.empty(),
                                                 .behind = !state.behind.empty(),
                                                 .calls_today = spent.calls,
                                                 .usd_today = static_cast<double>(spent.today) / 1e6,
                                                 .usd_this_month = static_cast<double>(spent.month) / 1e6,
                                                 .access_ends_at = state.access_ends_at,
                                                 .access_lacking = !state.access_lacks.empty(),
                                                 .replies_unknown = outbox.unknown,
                                                 .replies_undecided = outbox.needs_decision,
                                                 .oldest_uncertain = uncertain,
                                                 .replies_quarantined = outbox.quarantined,
                                                 .replies_doubled = outbox.doubled});
            context.metrics.quotas(channel.id, state.quotas);
        }
        return {};
    };
    const auto done = co_await context.db.read(read);
    if (!done) co_return done.error();
    co_return http::Response::text(200, context.metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

/// GET /openapi.json
awaitable<Answer> contract(Context&, Call&)
{
    co_return json_response(200, std::string(openapi_json()));
}

void write_first_tickets(JsonWriter& json, Transaction& tx, const Caller& caller, const engine::Settings& settings, base::Instant now)
{
    storage::TicketFilter filter;
    filter.brands = caller.agent.brands;
    filter.sort = storage::TicketSort::due;
    json.key("tickets").raw(ticket_page_json(tx, filter, std::nullopt, first_page, settings, now));
}

/// GET /v1/bootstrap
awaitable<Answer> get_bootstrap(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    const auto& settings = context.engine.settings();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("me");
        write_me(json, *call.caller);
        json.text_or_null("csrf_token", call.caller->csrf_token)
            .member("server_time", now)
            .member("build", context.options.build)
            .member("seq", storage::last_seq(tx))
            .key("brands")
            .open_array();
        for (const auto& brand : settings.brands) {
            if (actor.may_see(brand.id)) write_brand(json, tx, brand, now);
        }
        json.close_array().key("channels");
        write_channels(json, tx, settings, actor, now);
        json.key("office_hours").open_array();
        for (const auto& brand : settings.brands) {
            if (actor.may_see(brand.id)) write_brand_office(json, brand, now);
        }
        json.close_array().key("agents");
        write_agents(json, tx);
        json.key("queue");
        write_queue(json, tx, settings, actor, now);
        write_first_tickets(json, tx, *call.caller, settings, now);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

constexpr Route routes[] = {
    {Method::get, "/v1/bootstrap", Access::agent, get_bootstrap},
    {Method::get, "/healthz", Access::public_, health},
    {Method::get, "/readyz", Access::public_, ready},
    {Method::get, "/metrics", Access::local, metrics},
    {Method::get, "/openapi.json", Access::public_, contract},
};

} // namespace

std::span<const Route> operation_routes()
{
    return routes;
}

} // namespace sportello::api
