#pragma once

#include <sportello/base/random.hpp>
#include <sportello/base/time.hpp>
#include <sportello/http/message.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace sportello::simulator {

using nlohmann::ordered_json;

/// An error of the Graph API, thrown where it is noticed and rendered where the call ends.
struct GraphFailure {
    int status = 400;
    int code = 100;
    std::string message;
    int subcode = 0;
    std::string type = "OAuthException";
    bool transient = false;
};

/// The error for an object that is not there or that the token may not see (100/33).
[[nodiscard]] GraphFailure no_such_object(std::string_view id);
/// The error for a token that does not hold (190).
[[nodiscard]] GraphFailure bad_token(std::string message, int subcode = 0);

/// Compact JSON with `\/` and lower-case `\uXXXX`, as Facebook writes it.
[[nodiscard]] std::string graph_json(const ordered_json& value);
/// "2026-01-31T10:00:00+0000"
[[nodiscard]] std::string graph_time(base::Instant at);

[[nodiscard]] http::Response graph_answer(const ordered_json& body, std::string_view version);
[[nodiscard]] http::Response graph_error(const GraphFailure& failure, std::string_view version, base::Random& random);

} // namespace sportello::simulator
