#pragma once

#include <string>
#include <string_view>

namespace sportello::base {

/// Sets spdlog up for a program: one line an entry to standard error, UTC time, control characters escaped, and every
/// secret registered with hide_in_logs() replaced by "***".
/// @param level  "trace", "debug", "info", "warn", "error", "off"
/// @param json  each line is an object {"at", "level", "message"} with "request" where a request is told of, for programs
void set_up_logging(std::string_view level, bool json = false);

/// From now on `secret` (8 bytes or more) never appears in a log line: platform tokens, app secrets.
void hide_in_logs(std::string secret);

/// `text` with every registered secret replaced by "***".
[[nodiscard]] std::string redact(std::string_view text);

} // namespace sportello::base
