#pragma once

#include "context.hpp"

#include <optional>

namespace sportello::api {

/// The answer that goes on: server-sent events after `since` (nothing: what happens next). 429 when the caller has too many
/// streams open.
[[nodiscard]] http::Response event_stream(Context& context, const Call& call, std::optional<std::int64_t> since);
/// The answer that becomes a WebSocket with the same events. 429 as above.
[[nodiscard]] http::Response live_socket(Context& context, const Call& call, std::optional<std::int64_t> since);

} // namespace sportello::api
