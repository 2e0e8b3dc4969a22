#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What X's own packages know of links and emoji, as tables over UTF-16 (in which they count).
namespace sportello::domain::twitter_text {

struct UnitRange {
    char16_t first, last; ///< both inside
};
struct UnitPair {
    char16_t from, to;
};

// Classes of characters, each sorted.
extern const std::span<const UnitRange> before_url, label, ascii_label, path, path_end, query, query_end;

extern const std::span<const std::u16string_view> ascii_domains; ///< sorted
extern const std::span<const std::u16string_view> other_domains; ///< the first that matches counts
extern const std::span<const UnitPair> domain_folds;             ///< sorted by `from`

enum EmojiEnd : std::uint8_t {
    never,
    always,
    unless_text_style ///< not before U+FE0E
};
/// A place in the automaton of all emoji: its edges are [first_edge, last_edge) of `emoji_edges`.
struct EmojiState {
    std::uint16_t first_edge, last_edge;
    std::uint8_t ends;
};
struct EmojiEdge {
    char16_t first, last;
    std::uint16_t to;
};
extern const std::span<const EmojiState> emoji_states;
extern const std::span<const EmojiEdge> emoji_edges;

} // namespace sportello::domain::twitter_text
