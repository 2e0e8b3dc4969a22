#include <sportello/base/text.hpp>
#include <sportello/domain/calendar.hpp>

#include <cstdio>
#include <optional>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::hours;
using std::chrono::minutes;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// "HH:MM" from 00:00 to 24:00; nothing for anything else.
std::optional<minutes> parse_time(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t at : {0U, 1U, 3U, 4U}) {
        if (!is_digit(text[at])) return std::nullopt;
    }
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
    return minutes(hour * 60 + minute);
}

Error wrong(std::string_view text, std::string_view why)
{
    return Error(ErrorKind::invalid_input, "office hours \"" + base::shorten(text, 40) + "\": " + std::string(why));
}

std::string two_digits(long long number)
{
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string to_clock(minutes time)
{
    return two_digits(time.count() / 60) + ":" + two_digits(time.count() % 60);
}

} // namespace

Result<Window> parse_window(std::string_view text)
{
    const auto trimmed = base::trim(text);
    const auto dash = trimmed.find('-');
    if (dash == std::string_view::npos) return wrong(trimmed, "expected opening and closing time like 09:00-18:00");
    const auto opens = parse_time(base::trim(trimmed.substr(0, dash)));
    const auto closes = parse_time(base::trim(trimmed.substr(dash + 1)));
    if (!opens || !closes) return wrong(trimmed, "a time is two digits each for hour and minute, 00:00 to 24:00");
    if (*opens == hours(24)) return wrong(trimmed, "opening at 24:00 is 00:00 of the next day; write it there");
    if (*opens == *closes) return wrong(trimmed, "opens and closes at the same time; a whole day is 00:00-24:00");
    return Window{*opens, *closes > *opens ? *closes : *closes + hours(24)};
}

Result<std::vector<Window>> parse_windows(std::string_view text)
{
    std::vector<Window> windows;
    while (true) {
        const auto comma = text.find(',');
        const auto window = parse_window(text.substr(0, comma));
        if (!window) return window.error();
        windows.push_back(*window);
        if (comma == std::string_view::npos) return windows;
        text.remove_prefix(comma + 1);
    }
}

std::string to_string(const Window& window)
{
    const auto closes = window.closes > hours(24) ? window.closes - hours(24) : window.closes;
    return to_clock(window.opens) + "-" + to_clock(closes);
}

Result<std::chrono::year_month_day> parse_date(std::string_view text)
{
    const auto bad = [text] {
        return Error(ErrorKind::invalid_input, "\"" + base::shorten(text, 40) + "\" is not a date like 2026-12-24");
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return bad();
    const auto number = [text](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(from, count)) value = is_digit(c) ? value * 10 + (c - '0') : -100'000'000;
        return value;
    };
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (year < 1 || month < 1 || day < 1) return bad();
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return bad();
    return date;
}

std::string to_string(const std::chrono::year_month_day& date)
{
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()));
    return text;
}

} // namespace sportello::domain
