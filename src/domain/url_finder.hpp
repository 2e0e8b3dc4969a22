#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// A stretch of code points, [begin, end).
struct PointSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The links in `text` (NFC) by X's rules, with or without scheme, in order and disjoint. Near O(n).
[[nodiscard]] std::vector<PointSpan> find_url_points(std::u32string_view text);

} // namespace sportello::domain
