#pragma once

#include <sportello/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sportello::base {

/// An instant in UTC, to the microsecond; what storage keeps and rules compute with.
using Duration = std::chrono::microseconds;
using Instant = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Microseconds since 1970-01-01T00:00:00Z, the form of an instant in the database.
[[nodiscard]] constexpr std::int64_t to_micros(Instant t) noexcept
{
    return t.time_since_epoch().count();
}
[[nodiscard]] constexpr Instant from_micros(std::int64_t micros) noexcept
{
    return Instant(Duration(micros));
}

/// RFC 3339 in UTC with as many fraction digits as needed (0, 3 or 6): "2026-03-02T09:05:10Z".
[[nodiscard]] std::string to_rfc3339(Instant t);

/// Reads RFC 3339 with any offset ("Z", "+01:00"), and Facebook's form without colon ("+0000").
/// @return invalid_input for anything else, out-of-range dates included.
[[nodiscard]] Result<Instant> parse_rfc3339(std::string_view text);

/// Reads a duration of config and query strings: a whole number and a unit ms, s, m, h or d ("90m", "1h"), or a sum of
/// such ("1h30m"). Never negative, at most 10 years.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

} // namespace sportello::base
