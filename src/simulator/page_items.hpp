#pragma once

#include "house.hpp"

#include <string>

namespace sportello::simulator {

/// The public threads of an account and its private conversations as HTML: every text escaped.
[[nodiscard]] std::string render_items(const House& house, std::size_t account);

} // namespace sportello::simulator
