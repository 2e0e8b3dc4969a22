#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// UTF-16 units [begin, end).
struct UnitSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The links in a text as X's package twitter-text counts them (extractUrlsWithIndices), in order and disjoint. Quirks
/// are kept: of "a.com.網.com/x" the link is as long as "a.com/x". O(n).
[[nodiscard]] std::vector<UnitSpan> find_urls(std::u16string_view text);

/// The emoji in a text as X's package twemoji-parser finds them, in order and disjoint; a lone picture style is one. O(n).
[[nodiscard]] std::vector<UnitSpan> find_emoji(std::u16string_view text);

} // namespace sportello::domain
