#include "code_points.hpp"
#include <sportello/base/text.hpp>
#include <sportello/domain/reply_match.hpp>

#include <algorithm>
#include <tuple>

namespace sportello::domain {
namespace {

bool is_variation_selector(char32_t c)
{
    return c >= 0xFE00 && c <= 0xFE0F;
}

/// "@anna @tim_official ciao" -> "ciao": X puts those mentions in front by itself.
std::u32string_view without_leading_mentions(std::u32string_view text)
{
    while (text.starts_with(U'@')) {
        std::size_t end = 1;
        while (end < text.size() && (is_ascii_alnum(text[end]) || text[end] == U'_')) ++end;
        if (end == 1 || end >= text.size() || text[end] != U' ') break;
        text.remove_prefix(end + 1);
    }
    return text;
}

/// X writes the link that it made of "tim.it" as "http://tim.it".
std::u32string without_schemes(std::u32string_view text)
{
    std::u32string rest;
    for (std::size_t at = 0; at < text.size();) {
        const auto here = text.substr(at);
        if (here.starts_with(U"https://")) at += 8;
        else if (here.starts_with(U"http://")) at += 7;
        else rest.push_back(text[at++]);
    }
    return rest;
}

std::u32string with_single_blanks(std::u32string_view text)
{
    std::u32string tidy;
    for (const auto c : text) {
        if (is_variation_selector(c)) continue;
        if (!is_blank(c)) tidy.push_back(c);
        else if (!tidy.empty() && tidy.back() != U' ') tidy.push_back(U' ');
    }
    if (tidy.ends_with(U' ')) tidy.pop_back();
    return tidy;
}

bool contains(std::span<const std::string> ids, std::string_view id)
{
    return std::ranges::find(ids, id) != ids.end();
}

bool is_under(const PlatformItem& item, const SentPart& sent)
{
    if (!item.parent_id.empty() && contains(sent.parents, item.parent_id)) return true;
    if (item.visibility != Visibility::private_) return false;
    return contains(sent.parents, item.root_id) || (!sent.recipient.empty() && item.recipient_id == sent.recipient);
}

bool is_excluded(const PlatformItem& item, std::span<const std::string> excluded)
{
    return contains(excluded, item.platform_id) ||
           std::ranges::any_of(item.earlier_ids, [&](const auto& id) { return contains(excluded, id); });
}

/// Author, parent and time are right.
bool may_be(const SentPart& sent, const PlatformItem& item)
{
    return item.own && !item.deleted && item.at >= sent.window_begin && item.at <= sent.window_end && is_under(item, sent) &&
           !is_excluded(item, sent.excluded);
}

bool is_older(const PlatformItem* a, const PlatformItem* b)
{
    return std::tie(a->at, a->platform_id) < std::tie(b->at, b->platform_id);
}

} // namespace

std::string normalise_for_match(std::string_view text)
{
    const auto decoded = base::unescape_html(base::to_nfc(text));
    const auto tidy = with_single_blanks(to_code_points(decoded));
    return to_utf8(without_schemes(without_leading_mentions(tidy)));
}

MatchResult match_sent_part(const SentPart& sent, std::span<const PlatformItem> own)
{
    const auto wanted = normalise_for_match(sent.text);
    std::vector<const PlatformItem*> equal;
    std::vector<const PlatformItem*> near;
    for (const auto& item : own) {
        if (!may_be(sent, item)) continue;
        auto& kind = normalise_for_match(item.text) == wanted ? equal : near;
        const bool repeated = std::ranges::any_of(kind, [&](const auto* seen) { return seen->platform_id == item.platform_id; });
        if (!repeated) kind.push_back(&item);
    }
    const auto oldest = [](const std::vector<const PlatformItem*>& items, MatchResult::Kind kind) {
        const auto* item = *std::ranges::min_element(items, is_older);
        return MatchResult{kind, item->platform_id, item->at};
    };
    if (equal.size() > 1) return oldest(equal, MatchResult::Kind::two_matches);
    if (equal.size() == 1) return oldest(equal, MatchResult::Kind::match);
    if (!near.empty()) return oldest(near, MatchResult::Kind::near_miss);
    return {};
}

} // namespace sportello::domain
