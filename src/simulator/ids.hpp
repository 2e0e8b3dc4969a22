#pragma once

#include <sportello/base/random.hpp>
#include <sportello/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sportello::simulator {

/// X's id of the moment `at`: 41 bits of milliseconds since 1288834974657, then 22 bits that keep ids apart.
[[nodiscard]] std::string snowflake(base::Instant at, std::uint64_t low_bits);

/// Compares decimal ids as numbers of any size, without leading zeros.
[[nodiscard]] bool less_id(std::string_view a, std::string_view b);

/// 1 to 19 digits.
[[nodiscard]] bool is_numeric_id(std::string_view text);

/// X's handle: 1 to 15 of A-Z a-z 0-9 _.
[[nodiscard]] bool is_handle(std::string_view text);

/// Lower case of ASCII letters only.
[[nodiscard]] std::string ascii_lower(std::string_view text);

} // namespace sportello::simulator
