#pragma once

#include <sportello/base/error.hpp>
#include <sportello/http/message.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// What an error answer tells (RFC 9457). `code` is a word of the contract.
struct Problem {
    int status = 500;
    std::string_view code = "internal";
    std::string detail = {};
    std::vector<base::FieldError> errors = {};
    std::string missed = {};     ///< a JSON array of timeline items, or empty: only with code stale_reply
    int retry_after_seconds = 0; ///< sent as Retry-After when not 0
};

/// The problem that a failure of a service is. What is inside an internal failure stays inside: it is for the log.
[[nodiscard]] Problem problem_of(const base::Error& error);

[[nodiscard]] http::Response to_response(const Problem& problem, std::string_view request_id);

} // namespace sportello::api
