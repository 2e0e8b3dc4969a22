#pragma once

#include <sportello/domain/text_budget.hpp>

#include <string_view>
#include <vector>

namespace sportello::domain {

/// Code points [begin, end).
struct PointSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// What a text weighs and which links are in it.
struct Weights {
    /// Units that the code points before each place weigh: sums[0] is 0, sums[n] the whole. What counts as one (a link,
    /// an emoji) weighs where it begins.
    std::vector<std::size_t> sums;
    std::vector<PointSpan> urls; ///< in order and disjoint
};
/// @param text  NFC
[[nodiscard]] Weights weigh(std::u32string_view text, TextUnit unit);

} // namespace sportello::domain
