#include <sportello/domain/opening_words.hpp>

#include <array>

namespace sportello::domain {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using Names7 = std::array<std::string_view, 7>;
using Names12 = std::array<std::string_view, 12>;

constexpr Names7 italian_days{"lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"};
constexpr Names7 english_days{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr Names12 italian_months{"gennaio", "febbraio", "marzo",     "aprile",  "maggio",   "giugno",
                                 "luglio",  "agosto",   "settembre", "ottobre", "novembre", "dicembre"};
constexpr Names12 english_months{"January", "February", "March",     "April",   "May",      "June",
                                 "July",    "August",   "September", "October", "November", "December"};

std::string clock_text(std::chrono::minutes time)
{
    const auto minute = time.count() % 60;
    return std::to_string(time.count() / 60) + (minute < 10 ? ":0" : ":") + std::to_string(minute);
}

std::string italian_time(std::chrono::minutes time)
{
    if (time == std::chrono::minutes(0)) return "a mezzanotte";
    return (time < std::chrono::hours(2) && time >= std::chrono::hours(1) ? "all'" : "alle ") + clock_text(time);
}

std::string english_time(std::chrono::minutes time)
{
    return time == std::chrono::minutes(0) ? "at midnight" : "at " + clock_text(time);
}

std::string full_date(const year_month_day& date, bool with_year, bool italian)
{
    const auto weekday = std::chrono::weekday(sys_days(date)).iso_encoding() - 1;
    const auto month = static_cast<unsigned>(date.month()) - 1;
    const auto day = static_cast<unsigned>(date.day());
    std::string text = italian ? std::string() : "on ";
    text += (italian ? italian_days : english_days).at(weekday);
    text += ' ' + std::to_string(day);
    if (italian && day == 1) text += "º";
    text += ' ';
    text += (italian ? italian_months : english_months).at(month);
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
