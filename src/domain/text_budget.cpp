#include "code_points.hpp"
#include "emoji.hpp"
#include "text_weight.hpp"
#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr std::size_t url_weight = 23;
constexpr std::size_t emoji_weight = 2;
constexpr std::size_t longest_x_post = 25'000;

std::size_t character_weight(char32_t c)
{
    const bool light = c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
    return light ? 1 : 2;
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
    if (unit == TextUnit::code_points) return text.size();
    return running_weight(text, unit, find_url_points(text)).back();
}

} // namespace

std::vector<std::size_t> running_weight(std::u32string_view text, TextUnit unit, const std::vector<PointSpan>& urls)
{
    std::vector<std::size_t> sums;
    sums.reserve(text.size() + 1);
    sums.push_back(0);
    const auto advance = [&sums](std::size_t length, std::size_t weight) { sums.resize(sums.size() + length, sums.back() + weight); };
    auto url = urls.begin();
    while (sums.size() <= text.size()) {
        const auto at = sums.size() - 1;
        if (unit == TextUnit::code_points) {
            advance(1, 1);
        } else if (url != urls.end() && url->begin == at) {
            advance(url->end - url->begin, url_weight);
            ++url;
        } else if (const auto length = emoji_length(text, at)) {
            advance(length, emoji_weight);
        } else {
            advance(1, character_weight(text[at]));
        }
    }
    return sums;
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
    for (const auto& [begin, end] : find_url_points(points)) {
        const auto first = bytes_before(begin);
        spans.push_back({first, bytes_before(end)});
    }
    return spans;
}

} // namespace sportello::domain
