#pragma once

#include <sportello/domain/calendar.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// An instant as people say it, in the calendar's local time, seen from `now`: "oggi alle 14:00", "domani alle 9:00",
/// "lunedì 30 novembre alle 9:00"; in English "today at 14:00", "tomorrow at 9:00", "on Monday 30 November at 9:00". With
/// the year when it is half a year away or more. It stands in the middle of a sentence.
/// @param language  "it"; anything else is English
[[nodiscard]] std::string say_when(const Calendar& calendar, base::Instant t, base::Instant now, std::string_view language);

/// The next opening after `now` in these words; nothing when the counter never opens again (or is always open).
[[nodiscard]] std::optional<std::string> say_next_opening(const Calendar& calendar, base::Instant now, std::string_view language);

} // namespace sportello::domain
