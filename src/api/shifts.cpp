// The rota: who works when, in JSON and as CSV, and the half hours that nobody covers.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::ShiftEntry;
using http::Method;

constexpr std::size_t most_people = 500;
constexpr std::size_t most_lines = 400; // of one person

void write_rota(JsonWriter& json, const engine::PersonRota& person)
{
    json.open_object().member("agent", person.login).member("id", person.agent.value).member("name", person.name);
    json.key("entries").open_array();
    for (const ShiftEntry& entry : person.entries) {
        json.open_object()
            .member("day", entry.day)
            .member("kind", to_string(entry.kind))
            .member("hours", domain::hours_in_words(entry.hours))
            .member("note", entry.note)
            .close_object();
    }
    json.close_array().close_object();
}

http::Response as_csv(const std::vector<engine::PersonRota>& people)
{
    std::vector<domain::NamedRota> rota;
    for (const auto& person : people) rota.push_back({person.login, person.entries});
    auto response = http::Response::text(200, domain::rota_to_csv(rota), "text/csv; charset=utf-8");
    response.headers.add("Content-Disposition", "attachment; filename=\"shifts.csv\"");
    return response;
}

/// GET /v1/shifts
awaitable<Answer> list_shifts(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto format = query.text("format").value_or("json");
    if (format != "json" && format != "csv") query.wrong("format", "json or csv expected");
    auto& rota = context.engine.rota();
    auto from = rota.zone().local_date(context.clock.now() - std::chrono::hours(24 * 7));
    if (const auto given = query.text("from")) {
        if (const auto date = domain::parse_date(*given)) from = *date;
        else query.wrong("from", "a date such as 2026-03-02 expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);

    auto actor = call.caller->actor();
    const auto people = co_await rota.read(from, std::move(actor));
    if (!people) co_return people.error();
    if (format == "csv") co_return as_csv(*people);
    std::string body;
    JsonWriter json(body);
    json.open_object().member("time_zone", rota.zone().spec().time_zone).key("items").open_array();
    for (const auto& person : *people) write_rota(json, person);
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

std::vector<domain::NamedRota> read_people(Fields& fields)
{
    std::vector<domain::NamedRota> people;
    if (!fields.has("items")) fields.missing("items");
    fields.objects("items", most_people, [&](std::size_t, Fields& person) {
        domain::NamedRota rota;
        rota.login = person.text("agent", {1, 200});
        (void)person.has("id"); // what GET answers may be sent back
        (void)person.maybe_number("id", 0, INT64_MAX);
        (void)person.maybe_text("name", {0, 200});
        if (!person.has("entries")) person.missing("entries");
        person.objects("entries", most_lines, [&](std::size_t, Fields& line) {
            const auto day = line.text("day", {1, 20});
            const auto kind = line.text("kind", {1, 20});
            const auto hours = line.maybe_text("hours", {0, 200}).value_or("");
            const auto note = line.maybe_text("note", {0, 200}).value_or("");
            auto entry = domain::read_shift_entry(day, kind, hours, note);
            if (entry) rota.entries.push_back(std::move(*entry));
            else if (!day.empty() && !kind.empty()) {
                const base::Error error = entry.error(); // a value: what it holds must outlive the next line
                const auto& wrong = error.fields().front();
                line.wrong_value(std::string_view(wrong.pointer).substr(1), wrong.detail);
            }
        });
        for (const auto& other : people) {
            if (other.login == rota.login) person.wrong_value("agent", "stands here twice");
        }
        people.push_back(std::move(rota));
    });
    return people;
}

bool is_csv(const http::Request& request)
{
    return request.headers.find("Content-Type").value_or("").starts_with("text/csv");
}

/// PUT /v1/shifts
awaitable<Answer> put_shifts(Context& context, Call& call)
{
    std::vector<domain::NamedRota> people;
    if (is_csv(call.request)) {
        auto read = domain::rota_from_csv(call.request.body);
        if (!read) {
            co_return call.refuse(
                {.status = 422, .code = "invalid_input", .detail = read.error().what(), .errors = {{"", read.error().what()}}});
        }
        people = std::move(*read);
    } else {
        Fields fields(call.request.body);
        people = read_people(fields);
        (void)fields.maybe_text("time_zone", {0, 100});
        if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    }
    auto order = command(call);
    const auto replaced = co_await context.engine.rota().replace(std::move(people), std::move(order));
    if (!replaced) co_return replaced.error();
    co_return http::Response::empty(204);
}

/// "2026-03-04" or the ISO week "2026-W10": an instant in that week.
std::optional<base::Instant> read_week(std::string_view text, const domain::Calendar& zone)
{
    using namespace std::chrono;
    std::optional<year_month_day> date;
    if (text.size() == 8 && text.substr(4, 2) == "-W") {
        const auto year_number = read_number(text.substr(0, 4));
        const auto week = read_number(text.substr(6));
        if (!year_number || !week || *week < 1 || *week > 53) return std::nullopt;
        // The week with the year's fourth of January is the first.
        const sys_days fourth(year(static_cast<int>(*year_number)) / January / 4);
        date = year_month_day(fourth - (weekday(fourth) - Monday) + days(7 * (*week - 1)));
    } else if (const auto given = domain::parse_date(text)) {
        date = *given;
    }
    if (!date || date->year() < year(2000) || date->year() > year(2100)) return std::nullopt;
    // Noon there is the same date in every zone but the farthest; its local day is what counts.
    const base::Instant noon = sys_days(*date) + hours(12);
    return zone.local_date(noon) == *date ? noon : noon - hours(12);
}

/// GET /v1/shifts/coverage
awaitable<Answer> get_coverage(Context& context, Call& call)
{
    auto& rota = context.engine.rota();
    Query query(call.request.query);
    auto when = context.clock.now();
    if (const auto text = query.text("week")) {
        if (const auto given = read_week(*text, rota.zone())) when = *given;
        else query.wrong("week", "a week such as 2026-W10, or a date in it, expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto actor = call.caller->actor();
    const auto coverage = co_await rota.coverage(when, std::move(actor));
    if (!coverage) co_return coverage.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("week", coverage->monday)
        .member("from", coverage->week.opens)
        .member("until", coverage->week.closes)
        .key("items")
        .open_array();
    for (const auto& [brand, gap] : coverage->gaps) {
        json.open_object()
            .member("brand", brand)
            .member("from", gap.from)
            .member("until", gap.until)
            .member("why", "nobody who may answer " + brand + " is on shift")
            .close_object();
    }
    json.close_array().key("unknown").open_array();
    for (const auto& brand : coverage->unknown) json.value(brand);
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

} // namespace

std::span<const Route> shift_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/shifts", Access::agent, list_shifts, {.writes_csv = true}},
        {Method::put, "/v1/shifts", Access::supervisor, put_shifts, {.takes_csv = true}},
        {Method::get, "/v1/shifts/coverage", Access::agent, get_coverage},
    };
    return routes;
}

} // namespace sportello::api
