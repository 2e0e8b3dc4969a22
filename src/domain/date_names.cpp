#include "date_names.hpp"

namespace sportello::domain {
namespace {

constexpr std::array<std::string_view, 7> italian_days{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"};
constexpr std::array<std::string_view, 7> english_days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> italian_months{"gennaio", "febbraio", "marzo",     "aprile",  "maggio",   "giugno",
                                                          "luglio",  "agosto",   "settembre", "ottobre", "novembre", "dicembre"};
constexpr std::array<std::string_view, 12> english_months{"January", "February", "March",     "April",   "May",      "June",
                                                          "July",    "August",   "September", "October", "November", "December"};

} // namespace

std::string_view name_of(std::chrono::weekday day, bool italian)
{
    return (italian ? italian_days : english_days).at(day.c_encoding());
}

std::string_view name_of(std::chrono::month month, bool italian)
{
    return (italian ? italian_months : english_months).at(static_cast<unsigned>(month) - 1);
}

std::string clock_words(std::chrono::minutes time)
{
    const auto minute = time.count() % 60;
    return std::to_string(time.count() / 60) + (minute < 10 ? ":0" : ":") + std::to_string(minute);
}

} // namespace sportello::domain
