#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// A text as a reader of numbers sees it: one char a sign, letters in upper case, digits of every script as '0' to '9',
/// dashes as '-', blanks as ' '; signs without width are left out. Each char knows the bytes that it stands for.
struct FoldedText {
    static constexpr char other_letter = '\x01'; ///< a letter that is not A to Z
    static constexpr char other_sign = '\x02';
    static constexpr char currency = '$'; ///< any of them

    std::string signs;
    std::vector<std::uint32_t> begins; ///< by sign
    std::vector<std::uint32_t> ends;

    [[nodiscard]] char at(std::size_t i) const { return i < signs.size() ? signs[i] : '\0'; }
};

[[nodiscard]] FoldedText fold_text(std::string_view text);

[[nodiscard]] constexpr bool is_folded_digit(char c)
{
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_folded_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_folded_alnum(char c)
{
    return is_folded_digit(c) || is_folded_letter(c);
}

} // namespace sportello::domain
