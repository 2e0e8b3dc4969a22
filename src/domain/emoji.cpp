#include "emoji.hpp"

#include "code_points.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace sportello::domain {
namespace {

constexpr char32_t joiner = 0x200D;
constexpr char32_t text_style = 0xFE0E;
constexpr char32_t picture_style = 0xFE0F;
constexpr char32_t keycap = 0x20E3;
constexpr char32_t black_flag = 0x1F3F4;
constexpr char32_t last_tag = 0xE007F;

bool has(char32_t c, UProperty property)
{
    return u_hasBinaryProperty(static_cast<UChar32>(c), property) != 0;
}

char32_t at_or_nul(std::u32string_view text, std::size_t at)
{
    return at < text.size() ? text[at] : U'\0';
}

bool is_flag_letter(char32_t c)
{
    return has(c, UCHAR_REGIONAL_INDICATOR);
}

bool is_recommended(std::u32string_view sequence)
{
    const auto text =
        icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(sequence.data()), static_cast<std::int32_t>(sequence.size()));
    return u_stringHasBinaryProperty(text.getBuffer(), text.length(), UCHAR_RGI_EMOJI) != 0;
}

std::size_t keycap_length(std::u32string_view text, std::size_t at)
{
    const auto c = text[at];
    if (!is_ascii_digit(c) && c != U'#' && c != U'*') return 0;
    if (at_or_nul(text, at + 1) == keycap) return 2;
    return at_or_nul(text, at + 1) == picture_style && at_or_nul(text, at + 2) == keycap ? 3 : 0;
}

std::size_t flag_length(std::u32string_view text, std::size_t at)
{
    const bool pair = is_flag_letter(at_or_nul(text, at + 1)) && is_recommended(text.substr(at, 2));
    return pair ? 2 : 1;
}

/// England, Scotland, Wales: a black flag and tags that spell the region.
std::size_t tagged_flag_length(std::u32string_view text, std::size_t at)
{
    if (text[at] != black_flag) return 0;
    auto end = at + 1;
    while (at_or_nul(text, end) >= 0xE0020 && at_or_nul(text, end) < last_tag) ++end;
    if (end == at + 1 || at_or_nul(text, end) != last_tag) return 0;
    return is_recommended(text.substr(at, end + 1 - at)) ? end + 1 - at : 0;
}

/// These four are plain signs unless the picture style is asked for.
bool is_sign_by_default(char32_t c)
{
    return c == 0xA9 || c == 0xAE || c == 0x2122 || c == 0x265F;
}

/// One picture with its style or skin tone.
std::size_t picture_length(std::u32string_view text, std::size_t at)
{
    const auto c = at_or_nul(text, at);
    if (c < 0x80 || !has(c, UCHAR_EMOJI)) return 0;
    const auto next = at_or_nul(text, at + 1);
    if (next == picture_style) return 2;
    if (is_sign_by_default(c)) return 0;
    if (next == text_style && !has(c, UCHAR_EMOJI_PRESENTATION)) return 0;
    return has(next, UCHAR_EMOJI_MODIFIER) && has(c, UCHAR_EMOJI_MODIFIER_BASE) ? 2 : 1;
}

/// Adds a picture as the recommended sequences write it: with the picture style where the picture is not the default.
void append_qualified(std::u32string& sequence, std::u32string_view picture)
{
    sequence.append(picture);
    if (picture.size() == 1 && !has(picture[0], UCHAR_EMOJI_PRESENTATION)) sequence.push_back(picture_style);
}

/// The longest recommended chain of joined pictures; one picture if there is none.
std::size_t joined_length(std::u32string_view text, std::size_t at)
{
    const auto first = picture_length(text, at);
    if (first == 0) return 0;
    auto longest = first;
    std::u32string sequence;
    append_qualified(sequence, text.substr(at, first));
    auto end = at + first;
    // No recommended sequence joins more than four pictures; ten leaves room for those to come, and bounds the work.
    for (int links = 0; links < 10 && at_or_nul(text, end) == joiner; ++links) {
        const auto length = picture_length(text, end + 1);
        if (length == 0) break;
        sequence.push_back(joiner);
        append_qualified(sequence, text.substr(end + 1, length));
        end += 1 + length;
        if (is_recommended(sequence)) longest = end - at;
    }
    return longest;
}

} // namespace

std::size_t emoji_length(std::u32string_view text, std::size_t at)
{
    if (const auto length = keycap_length(text, at)) return length;
    if (text[at] < 0x80) return 0;
    if (is_flag_letter(text[at])) return flag_length(text, at);
    if (const auto length = tagged_flag_length(text, at)) return length;
    return joined_length(text, at);
}

} // namespace sportello::domain
