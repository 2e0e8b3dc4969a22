#pragma once

#include "graph_input.hpp"

#include <functional>

namespace sportello::simulator {

/// Whether a batch changes nothing.
[[nodiscard]] bool only_reads(const std::string& batch);

/// Runs the operations of a batch in their order.
///
/// @param outer  the call that carries the batch; its token and proof hold for operations that bring none
/// @param run    serves one operation as a call of its own
/// @return       an answer for each, null where it was asked to be left out. @throw GraphFailure for the batch as a whole
[[nodiscard]] ordered_json run_graph_batch(const http::Request& outer, const GraphInput& input,
                                           const std::function<http::Response(const http::Request&)>& run);

} // namespace sportello::simulator
