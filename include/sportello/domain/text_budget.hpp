#pragma once

#include <sportello/domain/model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// How a platform measures the length of a text.
enum class TextUnit {
    weighted,   ///< X's public posts: twitter-text, configuration 3
    code_points ///< everywhere else
};

/// What fits into one message of a platform.
struct TextBudget {
    TextUnit unit = TextUnit::code_points;
    std::size_t limit = 0;
    bool splittable = true; ///< a longer text may go out as several numbered messages
    friend bool operator==(const TextBudget&, const TextBudget&) = default;
};

/// X public: `x_public_limit` weighted units; X direct message: 10,000 code points; Facebook comment: 8,000, not split;
/// Messenger: 1,999 ("under 2,000").
/// @param x_public_limit  280, or what the account may write, up to 25,000.
[[nodiscard]] TextBudget budget_for(Platform platform, Visibility visibility, std::size_t x_public_limit = 280);

/// Whether what leads a text is counted.
enum class LeadingMentions {
    count,
    free ///< "@anna @tim hello": mentions that X puts in front of a reply weigh nothing, nor do the blanks after them
};

/// Length of a text on X: NFC; code points weigh 1 or 2, any URL 23 (also without scheme), any emoji 2. O(n).
/// @param text  valid UTF-8
[[nodiscard]] std::size_t weighted_length(std::string_view text, LeadingMentions leading = LeadingMentions::count);

/// Length of `text` in `unit`, after NFC.
[[nodiscard]] std::size_t measure(std::string_view text, TextUnit unit);

struct TextPart {
    std::string text; ///< exactly what goes on the wire: NFC, trimmed, with its " (1/3)"
    std::size_t length = 0;
};

/// The messages that `text` is posted as: one if it fits, else several that end in " (1/3)", cut after a paragraph,
/// else a sentence, else a word; a URL, a mention, a hashtag or a number with its unit is cut only if it fits no
/// message by itself, and then between grapheme clusters. Blanks at a cut are dropped, no word is lost. No part for
/// blank text. The same text gives the same parts. Splits whatever `budget.splittable` says: refusing is the caller's.
/// @param text    valid UTF-8
/// @param budget  limit of 20 or more
[[nodiscard]] std::vector<TextPart> split(std::string_view text, const TextBudget& budget);

/// A URL as X finds it, in bytes of the text it was looked for in: [begin, end).
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
    friend bool operator==(const TextSpan&, const TextSpan&) = default;
};
/// The URLs in `text` (valid UTF-8, NFC) by X's rules, in order and disjoint.
[[nodiscard]] std::vector<TextSpan> find_urls(std::string_view text);

} // namespace sportello::domain
