// The answer of a staffing question for programs, for spreadsheets and for people.
#include <sportello/engine/staffing.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace sportello::engine {
namespace {

using nlohmann::ordered_json;

constexpr std::array<const char*, 7> weekdays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/// A stretch of half hours with the same number of people.
struct Stretch {
    std::size_t weekday = 0;
    std::size_t first = 0; ///< half hours after midnight
    std::size_t end = 0;
    int people = 0;
};

std::vector<Stretch> stretches(const domain::WeekTable<int>& table)
{
    std::vector<Stretch> found;
    for (std::size_t weekday = 0; weekday < 7; ++weekday) {
        for (std::size_t slot = 0; slot < 48; ++slot) {
            const int people = table[weekday][slot];
            if (people == 0) continue;
            const bool goes_on =
                !found.empty() && found.back().weekday == weekday && found.back().end == slot && found.back().people == people;
            if (goes_on) ++found.back().end;
            else found.push_back({weekday, slot, slot + 1, people});
        }
    }
    return found;
}

std::string clock_of(std::size_t slot)
{
    const auto hour = std::to_string(slot / 2);
    return (hour.size() < 2 ? "0" : "") + hour + (slot % 2 == 0 ? ":00" : ":30");
}

double rounded(double number, double to)
{
    return std::round(number / to) * to;
}

ordered_json to_value(const domain::StaffingFigures& figures)
{
    return {{"messages", figures.arrivals},
            {"answered", figures.answered},
            {"mean_seconds", std::llround(figures.mean_seconds)},
            {"median_seconds", std::llround(figures.median_seconds)},
            {"ninety_percent_seconds", std::llround(figures.ninety_seconds)},
            {"inside_target", rounded(figures.inside_target, 0.001)},
            {"occupancy", rounded(figures.occupancy, 0.001)}};
}

ordered_json to_value(const StaffingRow& row)
{
    ordered_json value{{"agents", row.agents}, {"meets_goal", row.meets}};
    value.update(to_value(row.figures));
    value["outage_day"] = row.outage_day ? to_value(*row.outage_day) : ordered_json();
    return value;
}

ordered_json to_value(const StaffingHistory& history)
{
    return {{"from", base::to_rfc3339(history.from)},
            {"to", base::to_rfc3339(history.until)},
            {"days", history.days},
            {"messages", history.messages},
            {"left_out", history.left_out},
            {"answers", history.answers},
            {"timed_answers", history.timed},
            {"mean_first_response_seconds",
             history.measured_mean_seconds ? ordered_json(std::llround(*history.measured_mean_seconds)) : ordered_json()},
            {"enough", history.enough},
            {"note", history.note.empty() ? ordered_json() : ordered_json(history.note)}};
}

ordered_json to_value(const StaffingHours& hours)
{
    auto spans = ordered_json::array();
    for (const auto& [weekday, first, end, people] : stretches(hours.on_duty)) {
        spans.push_back({{"weekday", weekdays.at(weekday)}, {"hours", clock_of(first) + "-" + clock_of(end)}, {"agents", people}});
    }
    auto value = to_value(hours.row);
    value.erase("outage_day");
    value["people_hours_a_week"] = hours.people_hours;
    value["spans"] = std::move(spans);
    return value;
}

std::string minutes_text(double seconds)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", seconds / 60);
    return text;
}

std::string percent_text(double share)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", 100 * share);
    return text;
}

void append_row(std::string& text, const StaffingRow& row, const char* mark)
{
    char line[200];
    const auto& f = row.figures;
    std::snprintf(line, sizeof line, "%8d %10s %10s %10s %9s %9s", row.agents, minutes_text(f.mean_seconds).c_str(),
                  minutes_text(f.median_seconds).c_str(), minutes_text(f.ninety_seconds).c_str(), percent_text(f.inside_target).c_str(),
                  percent_text(f.occupancy).c_str());
    text += line;
    if (row.outage_day) {
        std::snprintf(line, sizeof line, " %12s %9s", minutes_text(row.outage_day->mean_seconds).c_str(),
                      percent_text(row.outage_day->inside_target).c_str());
        text += line;
    }
    text += mark;
    text += '\n';
}

void append_hours(std::string& text, const StaffingHours& hours)
{
    char line[200];
    std::snprintf(line, sizeof line,
                  "\nBy the hour, with at most %d at once: %.1f hours of people a week; %s min on average, %s %% inside the target.\n",
                  hours.row.agents, hours.people_hours, minutes_text(hours.row.figures.mean_seconds).c_str(),
                  percent_text(hours.row.figures.inside_target).c_str());
    text += line;
    std::size_t weekday = 7;
    for (const auto& stretch : stretches(hours.on_duty)) {
        std::string name(weekdays.at(stretch.weekday));
        name.resize(11, ' ');
        if (stretch.weekday != weekday) text += (weekday == 7 ? "  " : "\n  ") + name;
        else text += ", ";
        weekday = stretch.weekday;
        text += clock_of(stretch.first) + "-" + clock_of(stretch.end) + " " + std::to_string(stretch.people);
    }
    text += '\n';
}

} // namespace

std::string to_json(const StaffingAnswer& answer)
{
    auto rows = ordered_json::array();
    for (const auto& row : answer.rows) rows.push_back(to_value(row));
    const ordered_json value{{"history", to_value(answer.history)},
                             {"answered", answer.answered},
                             {"says", answer.says},
                             {"goal",
                              {{"mean_seconds", std::chrono::duration_cast<std::chrono::seconds>(answer.goal.mean).count()},
                               {"inside_target", answer.goal.inside},
                               {"target_seconds", std::chrono::duration_cast<std::chrono::seconds>(answer.target).count()}}},
                             {"agents_now", answer.agents_now},
                             {"agents_needed", answer.needed ? ordered_json(*answer.needed) : ordered_json()},
                             {"weeks_played", answer.weeks},
                             {"messages_a_week", rounded(answer.messages_a_week, 0.1)},
                             {"handling_seconds", rounded(answer.mean_handling_seconds, 0.1)},
                             {"open_hours_a_week", rounded(answer.open_hours, 0.01)},
                             {"rows", std::move(rows)},
                             {"hours", answer.hours ? to_value(*answer.hours) : ordered_json()}};
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_csv(const StaffingAnswer& answer)
{
    std::string text = "agents,meets_goal,mean_seconds,median_seconds,ninety_percent_seconds,inside_target,occupancy,"
                       "outage_day_mean_seconds,outage_day_inside_target\r\n";
    for (const auto& row : answer.rows) {
        char line[300];
        std::snprintf(line, sizeof line, "%d,%s,%.0f,%.0f,%.0f,%.3f,%.3f,", row.agents, row.meets ? "true" : "false",
                      row.figures.mean_seconds, row.figures.median_seconds, row.figures.ninety_seconds, row.figures.inside_target,
                      row.figures.occupancy);
        text += line;
        if (row.outage_day) {
            std::snprintf(line, sizeof line, "%.0f,%.3f", row.outage_day->mean_seconds, row.outage_day->inside_target);
            text += line;
        } else {
            text += ',';
        }
        text += "\r\n";
    }
    return text;
}

std::string to_text(const StaffingAnswer& answer)
{
    const StaffingHistory& history = answer.history;
    std::string text = "History  " + base::to_rfc3339(history.from) + " to " + base::to_rfc3339(history.until) + ": " +
                       std::to_string(history.days) + " days, " + std::to_string(history.messages) + " messages that began a wait, " +
                       std::to_string(history.answers) + " answers\n";
    if (history.left_out > 0) text += "         " + std::to_string(history.left_out) + " messages left out: they came as in an outage\n";
    if (history.measured_mean_seconds) {
        text += "         first response after " + minutes_text(*history.measured_mean_seconds) + " min of office time on average\n";
    }
    if (!history.note.empty()) text += "         " + history.note + "\n";
    if (answer.answered) {
        char line[300];
        std::snprintf(line, sizeof line,
                      "Played   %d weeks of %.0f messages and %.1f open hours; an answer takes %s min\n"
                      "Goal     %s min on average, %.0f %% inside the target of %s min\n\n"
                      "  people   mean min median min   90 %% min  inside %%    busy %%%s\n",
                      answer.weeks, answer.messages_a_week, answer.open_hours, minutes_text(answer.mean_handling_seconds).c_str(),
                      minutes_text(static_cast<double>(answer.goal.mean.count()) / 1e6).c_str(), 100 * answer.goal.inside,
                      minutes_text(static_cast<double>(answer.target.count()) / 1e6).c_str(),
                      !answer.rows.empty() && answer.rows.front().outage_day ? "   outage min  inside %" : "");
        text += line;
        for (const auto& row : answer.rows) {
            append_row(text, row, row.agents == answer.needed ? "  <- enough" : row.agents == answer.agents_now ? "  <- now" : "");
        }
        if (answer.hours) append_hours(text, *answer.hours);
    }
    return text + "\n" + answer.says + "\n";
}

} // namespace sportello::engine
