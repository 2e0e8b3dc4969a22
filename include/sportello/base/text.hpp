#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sportello::base {

/// The same text as valid UTF-8 without U+0000: each invalid sequence and each NUL becomes U+FFFD. What every text from
/// outside passes before it is stored, since PostgreSQL refuses both.
[[nodiscard]] std::string clean_utf8(std::string_view text);

/// Unicode normalization form C. Expects valid UTF-8.
[[nodiscard]] std::string to_nfc(std::string_view text);

/// Number of code points. Expects valid UTF-8.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

/// At most `limit` code points of `text`, cut between grapheme clusters, with "…" when something was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t limit);

/// Decodes &amp; &lt; &gt; &quot; &#39; once, as X's texts need it.
[[nodiscard]] std::string unescape_html(std::string_view text);
/// Escapes & < > " ' for HTML text and attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

/// Lower case and accents folded, for comparing names and words ("Perché" -> "perche").
[[nodiscard]] std::string fold(std::string_view text);

/// Removes blanks and control characters at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

} // namespace sportello::base
