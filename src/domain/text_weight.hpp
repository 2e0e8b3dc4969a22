#pragma once

#include "url_finder.hpp"
#include <sportello/domain/text_budget.hpp>

#include <vector>

namespace sportello::domain {

/// How many units the code points before each place of a text weigh: sums[0] is 0, sums[n] the whole. What counts as
/// one (a link, an emoji) weighs where it begins.
[[nodiscard]] std::vector<std::size_t> running_weight(std::u32string_view text, TextUnit unit, const std::vector<PointSpan>& urls);

} // namespace sportello::domain
