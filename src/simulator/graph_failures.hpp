#pragma once

#include "graph_nodes.hpp"

#include <initializer_list>
#include <string_view>

namespace sportello::simulator {

/// The error of that code in the platform's own words, where they are known.
[[nodiscard]] GraphFailure graph_failure(int code, int subcode);

/// Whether the token of the view was not given `permission`.
[[nodiscard]] bool lacks(const GraphView& view, std::string_view permission);
/// @throw `failure` when one of them is lacking
void require(const GraphView& view, std::initializer_list<std::string_view> permissions, const GraphFailure& failure);

} // namespace sportello::simulator
