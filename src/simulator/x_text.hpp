#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace sportello::simulator {

using nlohmann::ordered_json;

inline constexpr int tweet_limit = 280;

/// X's weighted length (twitter-text 3): links with a scheme 23, emoji 2, Latin and punctuation 1, everything else 2.
/// Links without a scheme count as plain text here.
[[nodiscard]] int weighted_length(std::string_view plain);

/// A text as X sends it: links shortened to t.co, & < > escaped, entities counted in code points of that text.
struct WireText {
    std::string text;
    ordered_json entities; ///< object; empty when there is nothing to tell
};

/// Tells the user id of a handle; empty when nobody has it.
using FindHandle = std::function<std::string(std::string_view)>;

[[nodiscard]] WireText to_wire(std::string_view plain, const FindHandle& find_handle);

/// The first 250 or so of a long post, "…" and the link to the whole, as `text` of a post with `note_tweet`.
[[nodiscard]] WireText to_wire_shortened(std::string_view plain, const std::string& id, const FindHandle& find_handle);

} // namespace sportello::simulator
