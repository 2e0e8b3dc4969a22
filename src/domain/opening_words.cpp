#include <sportello/domain/opening_words.hpp>

#include "date_names.hpp"

namespace sportello::domain {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;
std::string italian_time(std::chrono::minutes time)
{
    if (time == std::chrono::minutes(0)) return "a mezzanotte";
    return (time < std::chrono::hours(2) && time >= std::chrono::hours(1) ? "all'" : "alle ") + clock_words(time);
}

std::string english_time(std::chrono::minutes time)
{
    return time == std::chrono::minutes(0) ? "at midnight" : "at " + clock_words(time);
}

std::string full_date(const year_month_day& date, bool with_year, bool italian)
{
    const auto day = static_cast<unsigned>(date.day());
    std::string text = italian ? std::string() : "on ";
    text += name_of(std::chrono::weekday(sys_days(date)), italian);
    text += ' ' + std::to_string(day);
    if (italian && day == 1) text += "º";
    text += ' ';
    text += name_of(date.month(), italian);
    if (with_year) text += ' ' + std::to_string(static_cast<int>(date.year()));
    return text;
}

} // namespace

std::string say_when(const Calendar& calendar, base::Instant t, base::Instant now, std::string_view language)
{
    const bool italian = language == "it";
    const auto date = calendar.local_date(t);
    const auto away = sys_days(date) - sys_days(calendar.local_date(now));
    std::string text;
    if (away == days(0)) text = italian ? "oggi" : "today";
    else if (away == days(1)) text = italian ? "domani" : "tomorrow";
    else text = full_date(date, away < days(-1) || away >= days(183), italian);
    const auto time = calendar.local_time(t);
    return text + ' ' + (italian ? italian_time(time) : english_time(time));
}

std::optional<std::string> say_next_opening(const Calendar& calendar, base::Instant now, std::string_view language)
{
    const auto opens = calendar.next_open(now);
    if (!opens) return std::nullopt;
    return say_when(calendar, *opens, now, language);
}

} // namespace sportello::domain
