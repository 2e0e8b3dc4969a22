#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/calendar.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::app {

/// What an iCalendar file says of a span of dates.
struct HolidayFile {
    std::vector<domain::Holiday> days; ///< by date, one for each; what falls together shares one name
    std::size_t passed_over = 0;       ///< events with a time of day: those are appointments, not holidays
};

/// Reads the all-day events of an iCalendar text (RFC 5545) and lays them out over [from, until]: events of several days,
/// RRULE (yearly to daily), RDATE, EXDATE and changed repetitions (RECURRENCE-ID); STATUS:CANCELLED does not count.
/// @return invalid_input, in words, for what is no calendar, a broken date or rule, and for more than a calendar of
/// holidays can need: a mebibyte, 5,000 events, 100,000 repetitions, an event of more than a year.
[[nodiscard]] base::Result<HolidayFile> read_holidays(std::string_view icalendar, std::chrono::year_month_day from,
                                                      std::chrono::year_month_day until);
/// The same from a file.
[[nodiscard]] base::Result<HolidayFile> read_holiday_file(const std::filesystem::path& file, std::chrono::year_month_day from,
                                                          std::chrono::year_month_day until);

} // namespace sportello::app
