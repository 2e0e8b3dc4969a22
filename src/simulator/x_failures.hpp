#pragma once

#include <sportello/http/message.hpp>

#include <optional>

namespace sportello::simulator {

/// A refusal of X's catalogue as a fault asks for it: an older code (32, 64, 88, 187, 226, 326, 349 …), or the status of
/// what has none: 402 (no credits), 403 (the app is in no project), 429 (the month's cap), 503 (an edge's plain text).
/// @return nothing for a code that is none of these
[[nodiscard]] std::optional<http::Response> x_failure_of(int code);

} // namespace sportello::simulator
