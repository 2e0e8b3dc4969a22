#include "code_points.hpp"
#include "text_weight.hpp"
#include "utf16_spans.hpp"
#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace sportello::domain {
namespace {

constexpr std::uint8_t url_weight = 23;
constexpr std::uint8_t emoji_weight = 2;
constexpr std::size_t longest_x_post = 25'000;

std::uint8_t character_weight(char16_t c)
{
    const bool light = c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
    return light ? 1 : 2;
}

bool is_second_half(char16_t c)
{
    return (c & 0xFC00) == 0xDC00;
}

std::u16string to_utf16(std::u32string_view text)
{
    std::u16string units;
    units.reserve(text.size());
    for (const auto c : text) {
        if (c > 0xFFFF) {
            units.push_back(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
            units.push_back(static_cast<char16_t>(0xDC00 + (c & 0x3FF)));
        } else {
            units.push_back(static_cast<char16_t>(c));
        }
    }
    return units;
}

/// What each unit of UTF-16 adds: a link or an emoji with its first one, a pair with its second.
std::vector<std::uint8_t> weights_of_units(std::u16string_view text, const std::vector<UnitSpan>& urls)
{
    std::vector<std::uint8_t> weights(text.size(), 0);
    const auto emoji = find_emoji(text);
    auto next_url = urls.begin();
    auto next_emoji = emoji.begin();
    for (std::size_t at = 0; at < text.size();) {
        while (next_emoji != emoji.end() && next_emoji->begin < at) ++next_emoji;
        if (next_url != urls.end() && next_url->begin == at) {
            weights[at] = url_weight;
            at = next_url++->end;
        } else if (next_emoji != emoji.end() && next_emoji->begin == at) {
            weights[at] = emoji_weight;
            at = next_emoji->end;
        } else {
            if (at + 1 < text.size() && (text[at] & 0xFC00) == 0xD800 && is_second_half(text[at + 1])) ++at;
            weights[at] = character_weight(text[at]);
            ++at;
        }
    }
    return weights;
}

/// The code points that have a unit in the spans.
std::vector<PointSpan> to_points(const std::vector<UnitSpan>& spans, std::u16string_view text)
{
    std::vector<PointSpan> found;
    std::size_t unit = 0;
    std::size_t point = 0;
    const auto point_at = [&](std::size_t until) {
        for (; unit < until; ++unit) point += is_second_half(text[unit]) ? 0U : 1U;
        return point;
    };
    for (const auto& [begin, end] : spans) {
        const auto first = point_at(begin);
        found.push_back({first, point_at(end)});
    }
    return found;
}

bool is_handle_character(char32_t c)
{
    return is_ascii_alnum(c) || c == U'_';
}

/// Where the text begins after its leading "@anna @tim ".
std::size_t end_of_leading_mentions(std::u32string_view text)
{
    std::size_t end = 0;
    while (end + 1 < text.size() && text[end] == U'@' && is_handle_character(text[end + 1])) {
        auto at = end + 1;
        while (at < text.size() && is_handle_character(text[at])) ++at;
        if (at < text.size() && !is_blank(text[at])) break;
        while (at < text.size() && is_blank(text[at])) ++at;
        end = at;
    }
    return end;
}

std::size_t weight_of(std::u32string_view text, TextUnit unit)
{
    return unit == TextUnit::code_points ? text.size() : weigh(text, unit).sums.back();
}

} // namespace

Weights weigh(std::u32string_view text, TextUnit unit)
{
    const auto units = to_utf16(text);
    const auto urls = find_urls(units);
    Weights weights{{}, to_points(urls, units)};
    weights.sums.reserve(text.size() + 1);
    weights.sums.push_back(0);
    const auto of_units = unit == TextUnit::weighted ? weights_of_units(units, urls) : std::vector<std::uint8_t>();
    std::size_t at = 0;
    for (const auto c : text) {
        std::size_t weight = unit == TextUnit::weighted ? 0 : 1;
        for (const auto end = at + (c > 0xFFFF ? 2 : 1); at < end; ++at) weight += of_units.empty() ? 0U : of_units[at];
        weights.sums.push_back(weights.sums.back() + weight);
    }
    return weights;
}

TextBudget budget_for(Platform platform, Visibility visibility, std::size_t x_public_limit)
{
    const bool is_public = visibility == Visibility::public_;
    if (platform == Platform::twitter) {
        if (is_public) return {TextUnit::weighted, std::min(x_public_limit, longest_x_post), true};
        return {TextUnit::code_points, 10'000, true};
    }
    if (is_public) return {TextUnit::code_points, 8'000, false};
    return {TextUnit::code_points, 1'999, true};
}

std::size_t weighted_length(std::string_view text, LeadingMentions leading)
{
    const auto points = to_code_points(base::to_nfc(text));
    std::u32string_view counted = points;
    if (leading == LeadingMentions::free) counted.remove_prefix(end_of_leading_mentions(counted));
    return weight_of(counted, TextUnit::weighted);
}

std::size_t measure(std::string_view text, TextUnit unit)
{
    return weight_of(to_code_points(base::to_nfc(text)), unit);
}

std::vector<TextSpan> find_urls(std::string_view text)
{
    const auto points = to_code_points(text);
    std::vector<TextSpan> spans;
    std::size_t at = 0;
    std::size_t bytes = 0;
    const auto bytes_before = [&](std::size_t point) {
        bytes += to_utf8(std::u32string_view(points).substr(at, point - at)).size();
        at = point;
        return bytes;
    };
    for (const auto& [begin, end] : weigh(points, TextUnit::code_points).urls) {
        const auto first = bytes_before(begin);
        spans.push_back({first, bytes_before(end)});
    }
    return spans;
}

} // namespace sportello::domain
