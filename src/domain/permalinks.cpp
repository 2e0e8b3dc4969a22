#include <sportello/domain/permalinks.hpp>

#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr std::size_t longest_id = 200;

bool is_id_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' || c == ':' ||
           c == '$' || c == '=';
}

/// The digits behind `mark`; empty when there are none.
std::string_view digits_after(std::string_view text, std::string_view mark)
{
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
        const auto from = at + mark.size();
        const auto end = std::min(text.find_first_not_of("0123456789", from), text.size());
        if (end > from) return text.substr(from, end - from);
    }
    return {};
}

std::string_view first_digits(std::string_view text, std::initializer_list<std::string_view> marks)
{
    for (const std::string_view mark : marks) {
        if (const auto digits = digits_after(text, mark); !digits.empty()) return digits;
    }
    return {};
}

} // namespace

std::optional<std::string> platform_id_in(Platform platform, std::string_view pasted)
{
    const std::string_view text = base::trim(pasted);
    if (text.empty() || text.size() > 2000) return std::nullopt;
    if (text.find('/') == std::string_view::npos) {
        const bool id = text.size() <= longest_id && std::ranges::all_of(text, is_id_character);
        return id ? std::optional(std::string(text)) : std::nullopt;
    }
    if (platform == Platform::twitter) {
        const auto id = first_digits(text, {"/status/", "/statuses/"});
        return id.empty() ? std::nullopt : std::optional(std::string(id));
    }
    const auto post = first_digits(text, {"story_fbid=", "/posts/", "/permalink/", "/videos/", "fbid="});
    const auto comment = first_digits(text, {"reply_comment_id=", "?comment_id=", "&comment_id="});
    if (post.empty() || comment.empty()) return std::nullopt;
    return std::string(post) + "_" + std::string(comment);
}

} // namespace sportello::domain
