#include "config_calendar.hpp"

#include "holiday_file.hpp"

#include <algorithm>
#include <array>

namespace sportello::app {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

void read_windows(TableReader& reader, std::string_view key, std::vector<domain::Window>& windows)
{
    std::vector<std::string> texts;
    reader.texts(key, texts);
    for (const std::string& text : texts) {
        if (const auto window = domain::parse_window(text)) windows.push_back(*window);
        else reader.problem(key, window.error().what());
    }
}

/// A TOML date or a text "2026-12-24"; both are what people write.
std::optional<std::chrono::year_month_day> read_date(const toml::node& node, Problems& problems, std::string_view key)
{
    if (const auto given = node.value_exact<toml::date>()) {
        return std::chrono::year_month_day{std::chrono::year(given->year), std::chrono::month(given->month), std::chrono::day(given->day)};
    }
    const auto text = node.value_exact<std::string>();
    const auto date = domain::parse_date(text ? std::string_view(*text) : std::string_view());
    if (date) return *date;
    problems.add(node, std::string(key) + ": expected a date like 2026-12-24");
    return std::nullopt;
}

void read_closed_dates(TableReader& reader, domain::CalendarSpec& spec)
{
    const toml::node* node = reader.find("closed");
    if (!node) return;
    const toml::array* dates = node->as_array();
    if (!dates) {
        reader.problem("closed", "expected a list of dates like [\"2026-12-24\"]");
        return;
    }
    for (const toml::node& element : *dates) {
        if (const auto date = read_date(element, reader.problems(), "closed")) spec.closed_dates.push_back(*date);
    }
}

/// open = [{ date = "2026-12-27", hours = ["09:00-13:00"] }]
void read_open_exceptions(TableReader& reader, domain::CalendarSpec& spec)
{
    const toml::node* node = reader.find("open");
    if (!node || (node->is_array() && node->as_array()->empty())) return;
    for (const toml::table* table : reader.tables("open")) {
        TableReader inner(*table, reader.name() + ".open", reader.problems());
        domain::OpenException exception;
        const toml::node* date_node = inner.find("date");
        const auto date = date_node ? read_date(*date_node, reader.problems(), "date") : std::nullopt;
        if (!date_node) inner.problem("date", "is missing");
        read_windows(inner, "hours", exception.windows);
        if (exception.windows.empty()) inner.problem("hours", "expected at least one window like \"09:00-13:00\"");
        inner.end();
        if (!date) continue;
        exception.date = *date;
        spec.open.push_back(std::move(exception));
    }
}

bool has_date_within_a_year(const std::vector<domain::Holiday>& holidays, std::chrono::sys_days today)
{
    const std::chrono::year_month_day now(today);
    const auto next_year = now + std::chrono::years(1); // the day before it is the last of twelve months, 29 February too
    return std::ranges::any_of(
        holidays, [&](const domain::Holiday& holiday) { return std::chrono::sys_days(holiday.date) >= today && holiday.date < next_year; });
}

/// holidays = ["calendars/italy.ics"], relative to the file in which that stands.
void read_holidays(TableReader& reader, base::Instant now, domain::CalendarSpec& spec)
{
    std::vector<std::string> names;
    reader.texts("holidays", names);
    const toml::node* node = reader.node().get("holidays");
    if (node == nullptr || !node->is_array()) return;
    const auto today = std::chrono::floor<std::chrono::days>(now);
    // Whole years, so that the same file means the same hours on every day of a year.
    const auto year = std::chrono::year_month_day(today).year();
    const auto from = (year - std::chrono::years(2)) / std::chrono::January / 1;
    const auto until = (year + std::chrono::years(11)) / std::chrono::December / 31;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const toml::node& place = *node->as_array()->get(i);
        const auto folder = place.source().path ? std::filesystem::path(*place.source().path).parent_path() : std::filesystem::path();
        const auto file = folder / names[i];
        auto read = read_holiday_file(file, from, until);
        if (!read) {
            reader.problems().add(place, reader.name() + ".holidays: " + file.string() + ": " + read.error().what());
            continue;
        }
        if (!has_date_within_a_year(read->days, today)) {
            reader.problems().warn(place, reader.name() + ".holidays: " + file.string() +
                                              " has no date in the next 12 months: is there a newer edition?");
        }
        if (read->passed_over > 0) {
            reader.problems().warn(place, reader.name() + ".holidays: " + file.string() + ": " + std::to_string(read->passed_over) +
                                              " events with a time of day are no holidays and do not count");
        }
        std::ranges::move(read->days, std::back_inserter(spec.holidays));
    }
    std::ranges::sort(spec.holidays, {}, &domain::Holiday::date);
    const auto same_date = [](const domain::Holiday& a, const domain::Holiday& b) { return a.date == b.date; };
    spec.holidays.erase(std::unique(spec.holidays.begin(), spec.holidays.end(), same_date), spec.holidays.end());
}

} // namespace

std::shared_ptr<const domain::Calendar> read_calendar(TableReader& reader, base::Instant now)
{
    const std::size_t before = reader.problems().found.size();
    domain::CalendarSpec spec;
    reader.text("time_zone", spec.time_zone);
    for (std::size_t day = 0; day < weekdays.size(); ++day) read_windows(reader, weekdays[day], spec.weekly[day]);
    read_holidays(reader, now, spec);
    read_closed_dates(reader, spec);
    read_open_exceptions(reader, spec);
    reader.end();
    auto calendar = domain::Calendar::make(std::move(spec));
    if (!calendar) {
        reader.problem("time_zone", calendar.error().what());
        return nullptr;
    }
    if (reader.problems().found.size() != before) return nullptr;
    return std::make_shared<const domain::Calendar>(std::move(*calendar));
}

} // namespace sportello::app
