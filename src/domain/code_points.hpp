#pragma once

#include <string>
#include <string_view>

namespace sportello::domain {

/// Valid UTF-8 as code points and back.
[[nodiscard]] std::u32string to_code_points(std::string_view text);
[[nodiscard]] std::string to_utf8(std::u32string_view text);

[[nodiscard]] constexpr bool is_ascii_digit(char32_t c)
{
    return c >= U'0' && c <= U'9';
}
[[nodiscard]] constexpr bool is_ascii_letter(char32_t c)
{
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
[[nodiscard]] constexpr bool is_ascii_alnum(char32_t c)
{
    return is_ascii_digit(c) || is_ascii_letter(c);
}
[[nodiscard]] constexpr char32_t to_ascii_lower(char32_t c)
{
    return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

/// Unicode white space, line breaks included.
[[nodiscard]] bool is_blank(char32_t c);

} // namespace sportello::domain
