#pragma once

#include "code_points.hpp"

namespace sportello::domain {

// The classes of characters of which X's links consist (conformance data of twitter-text, version 3).

constexpr bool is_one_of(char32_t c, std::u32string_view set)
{
    return set.find(c) != std::u32string_view::npos;
}

constexpr bool is_url_space(char32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Characters that X takes in no text.
constexpr bool is_never_allowed(char32_t c)
{
    return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}

constexpr bool is_direction_mark(char32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2066 && c <= 0x2069);
}

constexpr bool is_accented_latin(char32_t c)
{
    return (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF) ||
           is_one_of(c, U"\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u02BB");
}

constexpr bool is_cyrillic(char32_t c)
{
    return c >= 0x400 && c <= 0x4FF;
}

/// May stand in a host's label besides '-' and '_'.
constexpr bool is_host_character(char32_t c)
{
    return !is_one_of(c, U"!'#%&()*+,\\-./:;<=>?@[]^_{|}~$") && !is_url_space(c) && !is_never_allowed(c) && !is_direction_mark(c);
}

constexpr bool is_path_character(char32_t c)
{
    return is_ascii_alnum(c) || is_one_of(c, U"!*';:=+,.$/%#[]-\u2013_~@|&") || is_cyrillic(c) || is_accented_latin(c);
}
constexpr bool may_end_path(char32_t c)
{
    return is_ascii_alnum(c) || is_one_of(c, U"+-=_#/") || is_cyrillic(c) || is_accented_latin(c);
}

constexpr bool is_query_character(char32_t c)
{
    return is_ascii_alnum(c) || is_one_of(c, U"!?*'@();:&=+$/%#[]-_.,~|");
}
constexpr bool may_end_query(char32_t c)
{
    return is_ascii_alnum(c) || is_one_of(c, U"-_&=#/");
}

/// Before these no link begins.
constexpr bool may_stand_before_url(char32_t c)
{
    return !is_ascii_alnum(c) && !is_one_of(c, U"@\uFF20$#\uFF03") && !is_never_allowed(c);
}

} // namespace sportello::domain
