// Our calendar's answers, one JSON object a line in and out, for the comparison with Node's. Instants and durations in
// milliseconds, windows in minutes after local midnight.
#include <sportello/domain/calendar.hpp>

#include <nlohmann/json.hpp>

#include <iostream>
#include <optional>
#include <string>

namespace {

using nlohmann::json;
using sportello::base::Duration;
using sportello::base::Instant;
using std::chrono::milliseconds;
namespace domain = sportello::domain;

std::vector<domain::Window> windows_of(const json& pairs)
{
    std::vector<domain::Window> windows;
    for (const auto& pair : pairs) {
        windows.push_back({std::chrono::minutes(pair.at(0).get<int>()), std::chrono::minutes(pair.at(1).get<int>())});
    }
    return windows;
}

std::chrono::year_month_day date_of(const json& text)
{
    return domain::parse_date(text.get_ref<const std::string&>()).value();
}

domain::CalendarSpec spec_of(const json& question)
{
    domain::CalendarSpec spec;
    spec.time_zone = question.at("zone").get<std::string>();
    for (std::size_t day = 0; day < 7; ++day) spec.weekly[day] = windows_of(question.at("weekly").at(day));
    for (const auto& date : question.at("closed")) spec.closed_dates.push_back(date_of(date));
    for (const auto& date : question.at("holidays")) spec.holidays.push_back({date_of(date), "a holiday"});
    for (const auto& [date, windows] : question.at("open").items()) {
        spec.open.push_back({domain::parse_date(date).value(), windows_of(windows)});
    }
    return spec;
}

json in_milliseconds(const std::optional<Instant>& t)
{
    return t ? json(std::chrono::duration_cast<milliseconds>(t->time_since_epoch()).count()) : json();
}

json answer(const json& question)
{
    const auto calendar = domain::Calendar::make(spec_of(question));
    if (!calendar) return {{"refused", calendar.error().what()}};
    const Instant at{milliseconds(question.at("at").get<std::int64_t>())};
    const Instant until{milliseconds(question.at("until").get<std::int64_t>())};
    const Duration plus = milliseconds(question.at("plus").get<std::int64_t>());
    const auto due = calendar->add(at, plus);
    return {{"open", calendar->is_open(at)},
            {"next_open", in_milliseconds(calendar->next_open(at))},
            {"next_close", in_milliseconds(calendar->next_close(at))},
            {"due", in_milliseconds(due)},
            {"between", std::chrono::duration_cast<milliseconds>(calendar->between(at, until)).count()},
            {"agrees", !due || calendar->between(at, *due) == plus}};
}

} // namespace

int main()
{
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) std::cout << answer(json::parse(line)).dump() << '\n';
}
