#include "folded_text.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace sportello::domain {
namespace {

constexpr char left_out = '\0';

// ICU's macro narrows inside.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
/// The code point at `i`, which moves behind it; negative for what is no UTF-8.
UChar32 next_point(std::string_view text, std::size_t& i)
{
    const char* bytes = text.data();
    const std::size_t size = text.size();
    UChar32 c = -1;
    U8_NEXT(bytes, i, size, c);
    return c;
}
#pragma GCC diagnostic pop

char fold_ascii(unsigned char c)
{
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    if (c == '\t') return ' ';
    if (c < 0x20 && c != '\n') return c == '\r' ? '\n' : FoldedText::other_sign;
    if (c == 0x7F) return FoldedText::other_sign;
    return static_cast<char>(c);
}

/// ０-９, ٣, 𝟑, ³, ③: what a reader takes for one digit.
int digit_of(UChar32 c)
{
    const int decimal = u_charDigitValue(c);
    if (decimal >= 0) return decimal;
    if (u_charType(c) != U_OTHER_NUMBER) return -1;
    const double value = u_getNumericValue(c);
    return value >= 0 && value <= 9 && value == static_cast<int>(value) ? static_cast<int>(value) : -1;
}

char fold_wide(UChar32 c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) return fold_ascii(static_cast<unsigned char>(c - 0xFF01 + 0x21)); // full-width ASCII
    if (const int digit = digit_of(c); digit >= 0) return static_cast<char>('0' + digit);
    switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK: // of keycap emoji
    case U_FORMAT_CHAR:
        return left_out;
    case U_DASH_PUNCTUATION:
        return '-';
    case U_SPACE_SEPARATOR:
        return ' ';
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
        return '\n';
    case U_CURRENCY_SYMBOL:
        return FoldedText::currency;
    default:
        break;
    }
    if (c == 0x2212) return '-';
    if (c == 0xB7 || c == 0x2022 || c == 0x2024 || c == 0x30FB) return '.';
    return u_isalpha(c) ? FoldedText::other_letter : FoldedText::other_sign;
}

} // namespace

FoldedText fold_text(std::string_view text)
{
    FoldedText folded;
    folded.signs.reserve(text.size());
    folded.begins.reserve(text.size());
    folded.ends.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t begin = i;
        const auto byte = static_cast<unsigned char>(text[i]);
        char sign = left_out;
        if (byte < 0x80) {
            sign = fold_ascii(byte);
            ++i;
        } else {
            const UChar32 c = next_point(text, i);
            sign = c < 0 ? FoldedText::other_sign : fold_wide(c);
        }
        if (sign == left_out) continue;
        folded.signs.push_back(sign);
        folded.begins.push_back(static_cast<std::uint32_t>(begin));
        folded.ends.push_back(static_cast<std::uint32_t>(i));
    }
    return folded;
}

} // namespace sportello::domain
