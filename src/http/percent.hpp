#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sportello::http {

/// Decodes %XX. @return nothing when a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

} // namespace sportello::http
