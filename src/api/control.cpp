// Under control: which tickets cannot be answered any more at the next opening, and whether promises are kept.
#include "context.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "reports_json.hpp"

#include <sportello/domain/promise.hpp>
#include <sportello/engine/promise_shadow.hpp>
#include <sportello/engine/targets.hpp>
#include <sportello/storage/promises.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using engine::ClosingRoute;
using http::Method;
using storage::Transaction;

constexpr auto usual_days = std::chrono::days(30);

/// The brands asked for that the actor may see; nothing for one that does not exist or is not the actor's.
std::optional<std::vector<const engine::BrandSettings*>> asked_brands(Query& query, const engine::Settings& settings,
                                                                      const engine::Actor& actor)
{
    const auto id = query.text("brand");
    std::vector<const engine::BrandSettings*> brands;
    for (const auto& brand : settings.brands) {
        if (actor.may_see(brand.id) && (!id || brand.id == *id)) brands.push_back(&brand);
    }
    if (id && brands.empty()) return std::nullopt;
    return brands;
}

void write_closing_route(JsonWriter& json, const ClosingRoute& route)
{
    json.open_object()
        .member("ticket", route.ticket.id.value)
        .member("brand", route.brand)
        .member("channel", route.ticket.channel)
        .member("subject", route.ticket.subject)
        .member("waiting_since", route.ticket.waiting_since)
        .member("route_ends_at", route.route_ends_at)
        .member("closes_at", route.closing.closes_at)
        .member("opens_at", route.closing.opens_at)
        .member("keeps", route.keeps)
        .close_object();
}

/// GET /v1/queue/closing-routes
awaitable<Answer> list_closing_routes(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto& settings = context.engine.settings();
    const auto brands = asked_brands(query, settings, call.caller->actor());
    const auto limit = query.limit();
    std::optional<storage::RoutesEnd> after;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "closing", 2)) {
            after = storage::RoutesEnd{.ticket = domain::TicketId{(*numbers)[1]}, .at = base::from_micros((*numbers)[0])};
        } else {
            query.wrong("cursor", "a next_cursor of this list expected");
        }
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (!brands) co_return Error(ErrorKind::not_found, "There is no such brand.");
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::vector<ClosingRoute> found;
        for (const auto* brand : *brands) {
            auto of_brand = engine::closing_routes(tx, settings, brand->id, now, after, limit + 1);
            std::ranges::move(of_brand, std::back_inserter(found));
        }
        std::ranges::sort(found, {}, [](const ClosingRoute& route) { return std::pair(route.route_ends_at, route.ticket.id); });
        const bool more = found.size() > static_cast<std::size_t>(limit);
        if (more) found.resize(static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const ClosingRoute& route : found) write_closing_route(json, route);
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("closing", {base::to_micros(found.back().route_ends_at), found.back().ticket.id.value}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

void write_rate(JsonWriter& json, const domain::PromiseRecord& record)
{
    json.key("kept_rate");
    if (record.settled() == 0) json.value(nullptr);
    else json.value(record.kept_rate());
}

void write_promises(JsonWriter& json, Transaction& tx, const engine::Settings& settings, const storage::PromiseFigures& figures,
                    base::Instant now)
{
    json.open_object()
        .member("brand", figures.brand)
        .member("made", figures.made)
        .member("kept", figures.record.kept)
        .member("broken", figures.record.broken)
        .member("open", figures.open)
        .member("void", figures.voided)
        .member("told", figures.told);
    write_rate(json, figures.record);
    const auto last = storage::last_promises(tx, figures.brand, now, domain::promises_to_show);
    json.key("last").open_object().member("settled", last.settled()).member("kept", last.kept);
    write_rate(json, last);
    json.close_object().text_or_null("shadow", engine::why_in_shadow(tx, settings, figures.brand, now)).close_object();
}

/// GET /v1/reports/promises
awaitable<Answer> report_promises(Context& context, Call& call)
{
    if (call.request.query.find("group_by") || call.request.query.find("format")) {
        co_return co_await answer_report(context, call, engine::ReportKind::promises, "promises", "");
    }
    Query query(call.request.query);
    const auto& settings = context.engine.settings();
    const auto now = context.clock.now();
    const auto brands = asked_brands(query, settings, call.caller->actor());
    const auto to = query.time("to").value_or(now);
    const auto from = query.time("from").value_or(to - usual_days);
    if (to < from) query.wrong("to", "must not be before from");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (!brands) co_return Error(ErrorKind::not_found, "There is no such brand.");
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto all = storage::promise_figures(tx, from, to, now);
        std::string body;
        JsonWriter json(body);
        json.open_object().member("from", from).member("to", to).key("items").open_array();
        for (const auto* brand : *brands) {
            const auto found = std::ranges::find(all, brand->id, &storage::PromiseFigures::brand);
            storage::PromiseFigures figures;
            figures.brand = brand->id;
            if (found != all.end()) figures = *found;
            write_promises(json, tx, settings, figures, now);
        }
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> control_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/queue/closing-routes", Access::agent, list_closing_routes},
        {Method::get, "/v1/reports/promises", Access::supervisor, report_promises, {.writes_csv = true}},
    };
    return routes;
}

} // namespace sportello::api
