// Reports: what the office's past says of its future.
#include "context.hpp"
#include "csv_list.hpp"
#include "fields.hpp"
#include "query.hpp"
#include "reports_json.hpp"

#include <sportello/engine/staffing.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using http::Method;

std::optional<Format> parse_format(std::string_view word)
{
    if (word == "json") return Format::json;
    if (word == "csv") return Format::csv;
    return std::nullopt;
}

template <class Number> std::optional<double> as_double(const std::optional<Number>& number)
{
    return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
}

/// GET /v1/reports/staffing
awaitable<Answer> get_staffing(Context& context, Call& call)
{
    using namespace std::chrono_literals;
    Query query(call.request.query);
    engine::StaffingQuestion question;
    const auto brand = query.text("brand");
    const auto actor = call.caller->actor();
    for (const auto& one : context.engine.settings().brands) {
        if (actor.may_see(one.id) && (!brand || one.id == *brand)) question.brands.push_back(one.id);
    }
    question.from = query.time("from");
    question.until = query.time("to");
    if (const auto agents = query.number("agents", 1, 100)) question.agents = static_cast<int>(*agents);
    question.hours = query.text("hours").value_or("");
    question.outage = query.text("outage").value_or("");
    question.growth = static_cast<double>(query.number("growth", -90, 1000).value_or(0)) / 100;
    question.mean = query.duration("mean");
    question.inside = static_cast<double>(query.number("inside", 1, 100).value_or(90)) / 100;
    question.assume_messages = as_double(query.number("assume_messages", 1, 100'000));
    question.assume_handling = query.duration("assume_handling");
    const bool odd = question.assume_handling && (*question.assume_handling < 5s || *question.assume_handling > 4h);
    if (odd) query.wrong("assume_handling", "5s to 4h expected");
    question.seed = static_cast<std::uint64_t>(query.number("seed", 0, INT64_MAX).value_or(1));
    const auto format = query.word("format", parse_format, "json, csv").value_or(Format::json);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (question.brands.empty()) co_return Error(ErrorKind::not_found, "There is no such brand.");

    const auto answer = co_await context.engine.staffing().answer(std::move(question));
    if (!answer) co_return answer.error();
    if (format == Format::json) co_return json_response(200, engine::to_json(*answer));
    auto response = json_response(200, engine::to_csv(*answer));
    response.headers.set("Content-Type", "text/csv; charset=utf-8");
    response.headers.set("Content-Disposition", "attachment; filename=\"staffing.csv\"");
    co_return response;
}

// Of any one report; a longer stretch is asked for in pieces.
constexpr base::Duration longest_report = std::chrono::hours(24) * 400;
constexpr base::Duration usual_report = std::chrono::hours(24) * 30;
constexpr base::Duration earliest_zone = std::chrono::hours(14); // ahead of UTC
constexpr std::size_t most_dimensions = 3;

/// An instant, or a date of each brand's own calendar.
std::optional<engine::ReportEnd> read_end(Query& query, std::string_view name)
{
    const auto text = query.text(name);
    if (!text) return std::nullopt;
    if (const auto date = domain::parse_date(*text)) return engine::ReportEnd(*date);
    const auto at = query.time(name);
    return at ? std::optional(engine::ReportEnd(*at)) : std::nullopt;
}

/// Near enough to compare two ends.
base::Instant about(const engine::ReportEnd& end)
{
    const auto* at = std::get_if<base::Instant>(&end);
    return at ? *at : base::Instant(std::chrono::sys_days(std::get<std::chrono::year_month_day>(end)));
}

void read_span(Query& query, engine::ReportQuestion& question, base::Instant now)
{
    question.until = read_end(query, "to").value_or(engine::ReportEnd(now + std::chrono::microseconds(1)));
    question.from = read_end(query, "from").value_or(engine::ReportEnd(about(question.until) - usual_report));
    const auto length = about(question.until) - about(question.from);
    // In the east a date begins hours before it does here: today's may be later than now, and holds nothing yet.
    const auto least = question.from.index() == question.until.index() ? base::Duration(0) : -earliest_zone;
    if (length < least) query.wrong("to", "must not be before from");
    if (length > longest_report) query.wrong("from", "at most 400 days before to");
}

std::vector<domain::ReportDimension> read_dimensions(Query& query, std::string_view instead)
{
    std::vector<domain::ReportDimension> dimensions;
    const auto text = query.text("group_by").value_or(instead);
    for (auto rest = text; !rest.empty();) {
        const auto comma = std::min(rest.find(','), rest.size());
        const auto dimension = domain::parse_report_dimension(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        if (!dimension || std::ranges::find(dimensions, *dimension) != dimensions.end() || dimensions.size() == most_dimensions) {
            query.wrong("group_by", "up to three of hour, day, week, brand, channel, label, outcome, agent, separated by commas, expected");
            break;
        }
        dimensions.push_back(*dimension);
    }
    return dimensions;
}

/// What is the same of all reports. Brands that the caller may not see do not exist.
engine::ReportQuestion read_question(Context& context, Call& call, Query& query, engine::ReportKind kind, std::string_view usual_group)
{
    engine::ReportQuestion question;
    question.kind = kind;
    const auto& settings = context.engine.settings();
    const auto actor = call.caller->actor();
    const auto brand = query.text("brand");
    for (const auto& one : settings.brands) {
        if (actor.may_see(one.id) && (!brand || one.id == *brand)) question.brands.push_back(one.id);
    }
    if (brand && question.brands.empty()) query.wrong("brand", "there is no such brand");
    read_span(query, question, context.clock.now());
    if (const auto channel = query.text("channel")) {
        const auto* known = settings.channel(*channel);
        if (known != nullptr && actor.may_see(known->brand)) question.channel = std::string(*channel);
        else query.wrong("channel", "there is no such channel");
    }
    if (const auto label = query.text("label")) question.label = std::string(*label);
    question.outcome =
        query.word("outcome", domain::parse_ticket_outcome, "open, in_thread, phone, incident, no_answer_possible, noise, merged");
    if (const auto agent = query.text("agent")) {
        const auto id = read_number(*agent);
        if (*agent == "me") question.agent = call.caller->agent.id;
        else if (id) question.agent = domain::AgentId{*id};
        else query.wrong("agent", "an agent's id, or me expected");
    }
    question.group_by = read_dimensions(query, usual_group);
    return question;
}

engine::Reports reports_of(Context& context)
{
    return {context.db, context.engine.settings(), context.clock};
}

/// Everybody sees their own figures; supervisors those of all together, and of single persons once an admin has turned
/// that on.
awaitable<base::Result<void>> check_persons(Context& context, Call& call, const engine::ReportQuestion& question)
{
    if (question.agent == call.caller->agent.id) co_return base::Result<void>();
    if (call.caller->agent.role < domain::Role::supervisor) {
        co_return Error(ErrorKind::forbidden, "Reports are for supervisors; your own figures are there with agent=me.");
    }
    const bool by_person = std::ranges::find(question.group_by, domain::ReportDimension::agent) != question.group_by.end();
    if (!by_person && !question.agent) co_return base::Result<void>();
    auto reports = reports_of(context);
    const auto shown = co_await reports.shows_persons();
    if (!shown) co_return shown.error();
    if (*shown) co_return base::Result<void>();
    co_return Error(ErrorKind::forbidden, "Figures of single persons are off until an admin turns them on with PUT "
                                          "/v1/reports/per-person; everybody sees their own with agent=me.");
}

http::Response csv_response(std::string body, std::string_view name)
{
    auto response = json_response(200, std::move(body));
    response.headers.set("Content-Type", "text/csv; charset=utf-8");
    response.headers.set("Content-Disposition", "attachment; filename=\"" + std::string(name) + ".csv\"");
    return response;
}

} // namespace

awaitable<Answer> answer_report(Context& context, Call& call, engine::ReportKind kind, std::string_view name, std::string_view usual_group)
{
    Query query(call.request.query);
    auto question = read_question(context, call, query, kind, usual_group);
    auto& dimensions = question.group_by;
    const bool by_person = std::ranges::find(dimensions, domain::ReportDimension::agent) != dimensions.end();
    if (kind == engine::ReportKind::agents && !by_person) dimensions.push_back(domain::ReportDimension::agent);
    const auto format = query.word("format", parse_format, "json, csv").value_or(Format::json);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto allowed = co_await check_persons(context, call, question);
    if (!allowed) co_return allowed.error();
    auto reports = reports_of(context);
    const auto table = co_await reports.answer(question);
    if (!table) co_return table.error();
    if (format == Format::csv) co_return csv_response(report_csv(*table), name);
    if (kind == engine::ReportKind::ratings) co_return json_response(200, rating_report_json(question, *table));
    if (kind == engine::ReportKind::promises) co_return json_response(200, promise_report_json(question, *table));
    co_return json_response(200, report_json(question, *table));
}

namespace {

/// GET /v1/reports/ratings
awaitable<Answer> get_ratings(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::ratings, "ratings", "brand");
}

/// GET /v1/reports/volume
awaitable<Answer> get_volume(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::volume, "volume", "");
}

/// GET /v1/reports/first-response
awaitable<Answer> get_first_response(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::first_response, "first-response", "");
}

/// GET /v1/reports/targets
awaitable<Answer> get_targets(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::targets, "targets", "");
}

/// GET /v1/reports/agents
awaitable<Answer> get_agents(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::agents, "agents", "agent");
}

/// GET /v1/reports/incidents
awaitable<Answer> get_incidents(Context& context, Call& call)
{
    co_return co_await answer_report(context, call, engine::ReportKind::incidents, "incidents", "");
}

http::Response persons_response(bool shown)
{
    return json_response(200, shown ? R"({"enabled":true})" : R"({"enabled":false})");
}

/// GET /v1/reports/per-person
awaitable<Answer> get_persons(Context& context, Call& call)
{
    Query query(call.request.query);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto reports = reports_of(context);
    const auto shown = co_await reports.shows_persons();
    if (!shown) co_return shown.error();
    co_return persons_response(*shown);
}

/// PUT /v1/reports/per-person
awaitable<Answer> set_persons(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const bool on = fields.flag("enabled");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto reports = reports_of(context);
    const auto done = co_await reports.show_persons(on, std::move(order));
    if (!done) co_return done.error();
    co_return persons_response(on);
}

} // namespace

std::span<const Route> report_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/reports/volume", Access::agent, get_volume, {.writes_csv = true}},
        {Method::get, "/v1/reports/first-response", Access::agent, get_first_response, {.writes_csv = true}},
        {Method::get, "/v1/reports/targets", Access::agent, get_targets, {.writes_csv = true}},
        {Method::get, "/v1/reports/agents", Access::agent, get_agents, {.writes_csv = true}},
        {Method::get, "/v1/reports/incidents", Access::agent, get_incidents, {.writes_csv = true}},
        {Method::get, "/v1/reports/ratings", Access::agent, get_ratings, {.writes_csv = true}},
        {Method::get, "/v1/reports/per-person", Access::agent, get_persons},
        {Method::put, "/v1/reports/per-person", Access::admin, set_persons},
        {Method::get, "/v1/reports/staffing", Access::supervisor, get_staffing, {.writes_csv = true}},
    };
    return routes;
}

} // namespace sportello::api
