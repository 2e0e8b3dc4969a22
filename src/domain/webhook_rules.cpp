#include <sportello/domain/webhook_rules.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

bool is_word(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

} // namespace

bool wants(const WebhookFilter& filter, std::string_view type, std::string_view brand)
{
    const bool all_brands = filter.brands.empty() || std::ranges::find(filter.brands, brand) != filter.brands.end();
    if (!all_brands) return false;
    if (filter.types.empty()) return true;
    return std::ranges::any_of(filter.types, [&](const std::string& pattern) {
        if (!pattern.ends_with(".*")) return type == pattern;
        return type.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
    });
}

bool is_event_pattern(std::string_view pattern)
{
    const auto dot = pattern.find('.');
    if (pattern.size() > 64 || dot == std::string_view::npos) return false;
    const auto what = pattern.substr(dot + 1);
    return is_word(pattern.substr(0, dot)) && (what == "*" || is_word(what));
}

base::Duration webhook_pause(std::int32_t attempts, std::uint64_t chance)
{
    using std::chrono::seconds;
    const base::Duration whole = std::min<base::Duration>(std::chrono::hours(1), seconds(10) * (1LL << std::clamp(attempts - 1, 0, 10)));
    const auto fifth = whole.count() / 5;
    return whole - base::Duration(fifth) + base::Duration(static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(2 * fifth + 1)));
}

} // namespace sportello::domain
