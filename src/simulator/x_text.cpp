#include "x_text.hpp"

#include "ids.hpp"
#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cctype>
#include <memory>
#include <vector>

namespace sportello::simulator {
namespace {

constexpr int link_length = 23;
constexpr int shortened_length = 250;

struct Segment {
    std::string_view text;
    bool link = false;
};

bool is_alphanumeric(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::size_t end_of_link(std::string_view text, std::size_t start)
{
    auto end = start;
    while (end < text.size() && text[end] > ' ' && text[end] < 0x7f && std::string_view("<>\"").find(text[end]) == std::string_view::npos) {
        ++end;
    }
    while (std::string_view(".,;:!?'()[]{}*").find(text[end - 1]) != std::string_view::npos) --end;
    return end;
}

/// Splits into links (http:// or https:// and at least one character of a host) and what is between.
std::vector<Segment> segments(std::string_view text)
{
    std::vector<Segment> parts;
    std::size_t from = 0;
    for (auto at = text.find("http"); at != std::string_view::npos; at = text.find("http", at + 1)) {
        const auto rest = text.substr(at);
        const std::size_t scheme = rest.starts_with("https://") ? 8 : rest.starts_with("http://") ? 7 : 0;
        const bool starts = at >= from && (at == 0 || !is_alphanumeric(text[at - 1]));
        if (scheme == 0 || !starts || rest.size() == scheme || !is_alphanumeric(rest[scheme])) continue;
        const auto end = end_of_link(text, at);
        if (at > from) parts.push_back({text.substr(from, at - from)});
        parts.push_back({text.substr(at, end - at), true});
        from = end;
    }
    if (from < text.size()) parts.push_back({text.substr(from)});
    return parts;
}

int weight_of(UChar32 c)
{
    const bool light = c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
    return light ? 1 : 2;
}

int weight_of_cluster(const icu::UnicodeString& cluster)
{
    int weight = 0;
    for (int32_t i = 0; i < cluster.length(); i = cluster.moveIndex32(i, 1)) {
        const UChar32 c = cluster.char32At(i);
        const bool keycap_or_variant = c == 0x20e3 || (c == 0xfe0f && u_hasBinaryProperty(cluster.char32At(0), UCHAR_EMOJI));
        if (keycap_or_variant || u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION) || u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR)) {
            return 2;
        }
        weight += weight_of(c);
    }
    return weight;
}

/// Calls `visit(end_in_bytes, weight)` for each grapheme cluster; ends when it answers false.
template <class Visit> void for_each_cluster(std::string_view text, Visit visit)
{
    const auto unicode = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> breaks(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    breaks->setText(unicode);
    std::size_t bytes = 0;
    for (int32_t start = breaks->first(), end = breaks->next(); end != icu::BreakIterator::DONE; start = end, end = breaks->next()) {
        const auto cluster = unicode.tempSubStringBetween(start, end);
        std::string utf8;
        bytes += cluster.toUTF8String(utf8).size();
        if (!visit(bytes, weight_of_cluster(cluster))) return;
    }
}

class Writer {
public:
    explicit Writer(const FindHandle& find_handle) : find_handle_(find_handle) {}

    void plain(std::string_view text)
    {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool starts = text[i] == '@' && (i == 0 || !is_handle(text.substr(i - 1, 1)));
            const auto handle = starts ? handle_at(text.substr(i + 1)) : std::string_view();
            if (!handle.empty()) {
                mention(handle);
                i += handle.size();
            } else {
                put(text[i]);
            }
        }
    }

    void link(std::string_view url, const std::string& salt = {})
    {
        const auto code = base::sha256_hex(std::string(url) + salt).substr(0, 10);
        auto display = std::string(url.substr(url.find("://") + 3));
        if (display.size() > 26) display = display.substr(0, 25) + "…";
        const auto start = code_points_;
        const auto short_link = "https://t.co/" + code;
        for (const char c : short_link) put(c);
        ordered_json entity{{"start", start}, {"end", code_points_}, {"url", short_link}};
        entity["expanded_url"] = url;
        entity["display_url"] = display;
        wire_.entities["urls"].push_back(std::move(entity));
    }

    WireText take() { return std::move(wire_); }

private:
    static std::string_view handle_at(std::string_view text)
    {
        std::size_t size = 0;
        while (size < text.size() && is_handle(text.substr(size, 1))) ++size;
        return is_handle(text.substr(0, size)) ? text.substr(0, size) : std::string_view();
    }

    void mention(std::string_view handle)
    {
        const auto start = code_points_;
        put('@');
        for (const char c : handle) put(c);
        ordered_json entity{{"start", start}, {"end", code_points_}, {"username", handle}};
        if (auto id = find_handle_(handle); !id.empty()) entity["id"] = std::move(id);
        wire_.entities["mentions"].push_back(std::move(entity));
    }

    void put(char c)
    {
        const auto before = wire_.text.size();
        switch (c) {
        case '&':
            wire_.text += "&amp;";
            break;
        case '<':
            wire_.text += "&lt;";
            break;
        case '>':
            wire_.text += "&gt;";
            break;
        default:
            wire_.text += c;
        }
        const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80; // the rest of a code point
        if (!continues) code_points_ += wire_.text.size() - before;
    }

    const FindHandle& find_handle_;
    WireText wire_{{}, ordered_json::object()};
    std::size_t code_points_ = 0;
};

/// The longest start of `plain` that weighs at most `budget` and ends neither inside a link nor inside a character.
std::string_view start_within(std::string_view plain, int budget)
{
    std::size_t taken = 0;
    for (const auto& segment : segments(plain)) {
        if (segment.link) {
            if (budget < link_length) break;
            budget -= link_length;
            taken += segment.text.size();
            continue;
        }
        std::size_t fits = 0;
        for_each_cluster(segment.text, [&](std::size_t end, int weight) {
            if (weight > budget) return false;
            budget -= weight;
            fits = end;
            return true;
        });
        taken += fits;
        if (fits < segment.text.size()) break;
    }
    return plain.substr(0, taken);
}

} // namespace

int weighted_length(std::string_view plain)
{
    const auto text = base::to_nfc(plain);
    int length = 0;
    for (const auto& segment : segments(text)) {
        if (segment.link) {
            length += link_length;
            continue;
        }
        for_each_cluster(segment.text, [&](std::size_t, int weight) {
            length += weight;
            return true;
        });
    }
    return length;
}

WireText to_wire(std::string_view plain, const FindHandle& find_handle)
{
    Writer writer(find_handle);
    for (const auto& segment : segments(plain)) {
        if (segment.link) {
            writer.link(segment.text);
        } else {
            writer.plain(segment.text);
        }
    }
    return writer.take();
}

WireText to_wire_shortened(std::string_view plain, const std::string& id, const FindHandle& find_handle)
{
    Writer writer(find_handle);
    for (const auto& segment : segments(start_within(plain, shortened_length))) {
        if (segment.link) {
            writer.link(segment.text);
        } else {
            writer.plain(segment.text);
        }
    }
    writer.plain("… ");
    writer.link("https://x.com/i/web/status/" + id, "whole");
    return writer.take();
}

} // namespace sportello::simulator
