#pragma once

#include <string>
#include <string_view>

namespace sportello::domain {

/// The language of a text as ISO 639-1 ("it", "en"); empty when nobody can tell. Mentions, tags and addresses do not count.
/// A text too short to be sure of is in `usual`, the language of the brand's customers, if that is what it looks most like.
/// @param text  any bytes
[[nodiscard]] std::string language_of(std::string_view text, std::string_view usual);

} // namespace sportello::domain
