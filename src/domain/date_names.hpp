#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

/// How days and months are called, and what the clock shows, in the texts that customers read.
namespace sportello::domain {

/// "lunedì", "Monday".
[[nodiscard]] std::string_view name_of(std::chrono::weekday day, bool italian);
/// "gennaio", "January".
[[nodiscard]] std::string_view name_of(std::chrono::month month, bool italian);
/// "9:05". @param time  since midnight
[[nodiscard]] std::string clock_words(std::chrono::minutes time);

} // namespace sportello::domain
