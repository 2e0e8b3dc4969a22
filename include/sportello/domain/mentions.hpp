#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// The log-ins that a note names with an @ ("@anna, guarda"): small letters, each once, in their order, at most 20. An @
/// inside a word (an e-mail address) names nobody; a full stop, hyphen or @ at the end belongs to the sentence.
[[nodiscard]] std::vector<std::string> mentions_in(std::string_view text);

} // namespace sportello::domain
