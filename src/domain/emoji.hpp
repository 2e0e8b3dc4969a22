#pragma once

#include <cstddef>
#include <string_view>

namespace sportello::domain {

/// How many code points of `text` from `at` on are one emoji as X counts it: a picture with its skin tone, a keycap, a
/// flag, or pictures joined into one that is recommended for general interchange; 0 if none begins there.
[[nodiscard]] std::size_t emoji_length(std::u32string_view text, std::size_t at);

} // namespace sportello::domain
