#pragma once

#include <optional>
#include <string_view>

namespace sportello::domain {

/// The answer to "how satisfied are you, from 1 to 5?": a lone figure from 1 to 5, also with a word for it ("voto 4"), as
/// "4/5" or "4 su 5", or as one to five stars. Nothing for all else: that is a message like any other.
[[nodiscard]] std::optional<int> rating_in(std::string_view text);

} // namespace sportello::domain
