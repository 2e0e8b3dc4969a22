#pragma once

#include "guard.hpp"

#include <sportello/http/message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sportello::http {

/// The reason phrase of a status: "Not Found"; "Unknown" for one that is not registered.
[[nodiscard]] std::string_view reason_phrase(int status);

/// The Date header's value, made once a second.
class DateText {
public:
    std::string_view now();

private:
    std::int64_t second_ = -1;
    std::string text_;
};

/// How the end of the body is told.
enum class Framing {
    length, ///< Content-Length: `body.size()`, also for the answer to HEAD
    chunked,
    close ///< the end of the connection (a streamed answer to HTTP/1.0)
};

struct HeadFacts {
    Framing framing = Framing::length;
    bool keep_alive = true;
    bool say_keep_alive = false; ///< to an HTTP/1.0 client, which would expect the end
    bool secure = false;         ///< adds Strict-Transport-Security
};

/// Appends status line, the response's own headers, and what every answer carries unless the response has set it:
/// Date, the security headers, Connection and the framing headers (which are never the response's own).
/// @throws std::logic_error when a header of the response would break the message (a line break in a value).
void append_head(std::string& out, const Response& response, const HeadFacts& facts, DateText& date);

/// The answer to a refused request: problem details (RFC 9457).
[[nodiscard]] Response problem_response(const Refusal& refusal);

} // namespace sportello::http
