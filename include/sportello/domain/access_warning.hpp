#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// The mark that the time left until a channel's access ends has passed: 14, 7 or 1 days before; 0: none, or no end is
/// known. At each of them somebody is told.
[[nodiscard]] std::int64_t access_mark(std::optional<base::Instant> ends_at, base::Instant now);

/// What an operator has to know about a channel's access while it still works; empty: nothing.
/// @param lacks  what the token may not, in words
[[nodiscard]] std::string access_warning(std::string_view channel, std::optional<base::Instant> ends_at, std::string_view lacks,
                                         base::Instant now);

} // namespace sportello::domain
