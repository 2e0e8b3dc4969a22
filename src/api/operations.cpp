// For those who run the server, and the dashboard's first screen.
#include "context.hpp"
#include "docs_page.hpp"
#include "json_writer.hpp"
#include "office_json.hpp"
#include "people_json.hpp"
#include "ticket_walk.hpp"

#include <sportello/base/tally.hpp>
#include <sportello/engine/mean.hpp>
#include <sportello/storage/alerts.hpp>
#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/ops_figures.hpp>
#include <sportello/storage/promises.hpp>
#include <sportello/storage/queue.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/schema_state.hpp>

#include <algorithm>
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
awaitable<Answer> ready(Context& context, Call& call)
{
    if (context.options.draining && *context.options.draining) {
        co_return call.refuse({.status = 503, .code = "unavailable", .detail = "The server is about to stop: send nothing new here."});
    }
    const std::int64_t known = context.db.known_schema();
    auto probe = [known](Transaction& tx) -> Result<std::optional<storage::SchemaState>> {
        storage::last_seq(tx);
        return known > 0 ? storage::schema_state(tx) : std::nullopt;
    };
    const auto readable = co_await context.db.read(probe);
    if (!readable) co_return readable.error();
    const auto writable = co_await context.db.write(probe);
    if (!writable) co_return writable.error();
    if (!*readable) co_return ok(context);
    const storage::SchemaState& schema = **readable;
    if (schema.works_from > known) {
        co_return call.refuse({.status = 503,
                               .code = "unavailable",
                               .detail = "A newer version has changed the database (schema " + std::to_string(schema.version) +
                                         ", this program knows " + std::to_string(known) + "): install it here too."});
    }
    std::string body;
    JsonWriter json(body);
    json.open_object().member("status", "ok").member("build", context.options.build);
    json.key("schema").open_object().member("database", schema.version).member("program", known).close_object();
    json.close_object();
    co_return json_response(200, std::move(body));
}

std::optional<double> dollars(const std::optional<domain::MicroDollars>& amount)
{
    return amount ? std::optional(static_cast<double>(*amount) / 1e6) : std::nullopt;
}

/// Every stage between a customer's message and its published answer, and what stands around them.
void measure_stages(Context& context, Transaction& tx, const std::string& machine, base::Instant now)
{
    Metrics& metrics = context.metrics;
    const auto& settings = context.engine.settings();
    for (const auto& figures : storage::inbox_figures(tx)) metrics.inbox(figures, now);
    for (const auto& figures : storage::outbox_by_state(tx)) metrics.outbox(figures, now);
    for (const auto& figures : storage::queue_states(tx, now)) metrics.queue(figures);
    std::vector<const engine::BrandSettings*> brands;
    for (const auto& brand : settings.brands) brands.push_back(&brand);
    metrics.mean(engine::mean_today(tx, settings, brands, settings.promised_first_response, now).all, settings.promised_first_response);
    for (const auto& figures : storage::promise_figures(tx, now - std::chrono::hours(24), now, now)) metrics.promises(figures);
    metrics.sessions(storage::open_sessions(tx, now));
    metrics.alerts(storage::alert_figures(tx));
    for (const auto& figures : storage::waiting_deliveries(tx)) metrics.delivery(figures, now);
    if (const auto run = storage::load_server_run(tx, machine)) metrics.server_run(*run);
}

/// GET /metrics
awaitable<Answer> metrics(Context& context, Call&)
{
    const auto now = context.clock.now();
    context.metrics.begin_scrape();
    context.metrics.build(context.options.build);
    std::string machine;
    if (context.options.host) {
        const engine::HostFacts facts = context.options.host();
        machine = facts.machine;
        context.metrics.host(facts, context.options.backup_age, now);
    }
    auto read = [&](Transaction& tx) -> Result<void> {
        measure_stages(context, tx, machine, now);
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
                                                 .replies_doubled = outbox.doubled,
                                                 .poll_age = state.last_poll_at ? std::optional(now - *state.last_poll_at) : std::nullopt,
                                                 .state = state.state,
                                                 .usd_a_day = dollars(channel.money.a_day),
                                                 .usd_a_month = dollars(channel.money.a_month)});
            context.metrics.quotas(channel.id, state.quotas);
        }
        return {};
    };
    const auto done = co_await context.db.read(read);
    if (!done) co_return done.error();
    co_return http::Response::text(200, context.metrics.text(base::tallied()), "text/plain; version=0.0.4; charset=utf-8");
}

/// GET /openapi.json
awaitable<Answer> contract(Context&, Call&)
{
    auto response = json_response(200, std::string(openapi_json()));
    response.headers.set("Cache-Control", "no-cache");
    co_return response;
}

/// GET /docs
awaitable<Answer> docs(Context&, Call&)
{
    auto response = http::Response::text(200, docs_page(), "text/html; charset=utf-8");
    response.headers.set("Cache-Control", "no-cache");
    response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                                                    "frame-ancestors 'none'");
    co_return response;
}

/// GET /docs/style.css
awaitable<Answer> docs_css(Context&, Call&)
{
    auto response = http::Response::text(200, std::string(docs_style()), "text/css; charset=utf-8");
    response.headers.set("Cache-Control", "no-cache");
    co_return response;
}

void write_first_tickets(JsonWriter& json, Transaction& tx, const Caller& caller, const engine::Settings& settings, base::Instant now)
{
    TicketListRequest request;
    request.filter.brands = caller.agent.brands;
    request.filter.sort = storage::TicketSort::due;
    request.limit = first_page;
    json.key("tickets").raw(ticket_page_json(tx, request, settings, now));
}

/// What the operator set up for the dashboard beside the queue.
void write_furnishing(JsonWriter& json, const Options& options, const engine::Settings& settings, const engine::Actor& actor)
{
    json.member("practice", options.practice.has_value()).key("crm_links").open_array();
    for (const auto& link : options.crm_links) {
        const bool all = link.brands.empty();
        if (!all && std::none_of(link.brands.begin(), link.brands.end(), [&](const std::string& brand) { return actor.may_see(brand); }))
            continue;
        json.open_object().member("name", link.name).member("url", link.url).key("brands").open_array();
        for (const auto& brand : link.brands) json.value(brand);
        json.close_array().close_object();
    }
    json.close_array().key("teams").open_array();
    for (const auto& team : settings.teams) json.open_object().member("id", team.id).member("name", team.name).close_object();
    json.close_array();
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
        write_furnishing(json, context.options, settings, actor);
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

} // namespace

std::span<const Route> operation_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/bootstrap", Access::agent, get_bootstrap, {.answers_secret = true}},
        {Method::get, "/healthz", Access::public_, health},
        {Method::get, "/readyz", Access::public_, ready},
        {Method::get, "/metrics", Access::local, metrics},
        {Method::get, "/openapi.json", Access::public_, contract},
        {Method::get, "/docs", Access::public_, docs},
        {Method::get, "/docs/style.css", Access::public_, docs_css},
    };
    return routes;
}

} // namespace sportello::api
