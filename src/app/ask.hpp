#pragma once

#include <string>

namespace sportello::app {

/// Reads a line from standard input; what a person types on a terminal is not shown.
[[nodiscard]] std::string ask_hidden(const char* prompt);

} // namespace sportello::app
