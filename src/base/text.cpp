#include <sportello/base/text.hpp>

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace sportello::base {
namespace {

bool is_plain_ascii(std::string_view text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) - 1U >= 0x7FU) return false;
    }
    return true;
}

icu::UnicodeString to_utf16(std::string_view text)
{
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text)
{
    std::string out;
    text.toUTF8String(out);
    return out;
}

std::string normalized(const icu::Normalizer2& normalizer, const icu::UnicodeString& text)
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString result = normalizer.normalize(text, status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU cannot normalize a text");
    return to_utf8(result);
}

constexpr std::pair<std::string_view, char> html_entities[] = {
    {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};

} // namespace

std::string clean_utf8(std::string_view text)
{
    if (is_plain_ascii(text)) return std::string(text);
    icu::UnicodeString decoded = to_utf16(text); // ICU puts U+FFFD for each invalid sequence
    for (int32_t nul = decoded.indexOf(u'\0'); nul >= 0; nul = decoded.indexOf(u'\0', nul)) { decoded.setCharAt(nul, u'\uFFFD'); }
    return to_utf8(decoded);
}

std::string to_nfc(std::string_view text)
{
    if (is_plain_ascii(text)) return std::string(text);
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no normalization data");
    return normalized(*nfc, to_utf16(text));
}

std::size_t count_code_points(std::string_view text)
{
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

std::string shorten(std::string_view text, std::size_t limit)
{
    if (count_code_points(text) <= limit) return std::string(text);
    if (limit == 0) return {};
    const icu::UnicodeString whole = to_utf16(text);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> clusters(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no break data");
    clusters->setText(whole);
    // One code point stays free for the ellipsis.
    const int32_t furthest = whole.moveIndex32(0, static_cast<int32_t>(limit) - 1);
    const int32_t cut = clusters->isBoundary(furthest) ? furthest : clusters->preceding(furthest);
    return to_utf8(whole.tempSubString(0, cut)) + "…";
}

std::string unescape_html(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t next = text.find('&');
        out += text.substr(0, next);
        if (next == std::string_view::npos) break;
        text.remove_prefix(next);
        std::size_t used = 1;
        char decoded = '&';
        for (const auto& [entity, character] : html_entities) {
            if (text.starts_with(entity)) {
                used = entity.size();
                decoded = character;
            }
        }
        out += decoded;
        text.remove_prefix(used);
    }
    return out;
}

std::string escape_html(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        std::string_view escaped(&c, 1);
        for (const auto& [entity, character] : html_entities) {
            if (c == character) escaped = entity;
        }
        out += escaped;
    }
    return out;
}

std::string fold(std::string_view text)
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no normalization data");
    icu::UnicodeString decomposed = decompose->normalize(to_utf16(text), status);
    icu::UnicodeString letters;
    for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
        const UChar32 c = decomposed.char32At(i);
        if (u_charType(c) != U_NON_SPACING_MARK) letters.append(c);
    }
    return to_utf8(letters.foldCase());
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

} // namespace sportello::base
