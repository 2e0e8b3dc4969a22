#pragma once

#include "context.hpp"

#include <string_view>

namespace sportello::api {

/// What a log-in answers: `{me, csrf_token}`.
[[nodiscard]] http::Response session_response(const Caller& caller);
/// 429 with Retry-After. @param what  in the plural: "log-ins"
[[nodiscard]] http::Response too_many_attempts(const Call& call, base::Duration wait, std::string_view what);
/// "https://sportello.example": the configuration's, else as this request came.
[[nodiscard]] std::string own_origin(const http::Request& request, std::string_view public_url);

} // namespace sportello::api
