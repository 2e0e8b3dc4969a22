#pragma once

#include "context.hpp"

#include <optional>

namespace sportello::api {

/// The answer that goes on: server-sent events after `since` (nothing: what happens next).
[[nodiscard]] http::Response event_stream(Context& context, CallerPtr caller, std::optional<std::int64_t> since);
/// The answer that becomes a WebSocket with the same events.
[[nodiscard]] http::Response live_socket(Context& context, CallerPtr caller, std::optional<std::int64_t> since);

} // namespace sportello::api
