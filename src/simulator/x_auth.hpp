#pragma once

#include "house.hpp"

#include <optional>
#include <string>

namespace sportello::simulator {

/// Who calls the X API: an account, or only its app.
struct XCaller {
    std::optional<std::size_t> account; ///< absent: app-only
};

/// Reads a bearer token or verifies an OAuth 1.0a signature. Nothing when the call is not authenticated.
[[nodiscard]] std::optional<XCaller> authenticate_x(const World& world, const http::Request& request);

/// POST /oauth2/token: the app-only token for the app's key and secret.
[[nodiscard]] http::Response issue_app_token(const http::Request& request);

} // namespace sportello::simulator
