// Reports: what the office's past says of its future.
#include "context.hpp"
#include "query.hpp"

#include <sportello/engine/staffing.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using http::Method;

enum class Format { json, csv };

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

constexpr Route routes[] = {
    {Method::get, "/v1/reports/staffing", Access::supervisor, get_staffing},
};

} // namespace

std::span<const Route> report_routes()
{
    return routes;
}

} // namespace sportello::api
