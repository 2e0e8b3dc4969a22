#include <sportello/domain/mentions.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr std::size_t most_mentions = 20;
constexpr std::string_view inner_marks = "._@-";

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool belongs_to_login(char c)
{
    return static_cast<unsigned char>(c) < 0x80 && (is_letter_or_digit(c) || inner_marks.find(c) != std::string_view::npos);
}

char small(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::vector<std::string> mentions_in(std::string_view text)
{
    std::vector<std::string> found;
    for (std::size_t at = text.find('@'); at != std::string_view::npos && found.size() < most_mentions; at = text.find('@', at + 1)) {
        if (at > 0 && (is_letter_or_digit(text[at - 1]) || inner_marks.find(text[at - 1]) != std::string_view::npos)) continue;
        std::size_t end = at + 1;
        while (end < text.size() && belongs_to_login(text[end])) ++end;
        while (end > at + 1 && inner_marks.find(text[end - 1]) != std::string_view::npos) --end;
        if (end == at + 1) continue;
        std::string login(text.substr(at + 1, end - at - 1));
        std::ranges::transform(login, login.begin(), small);
        if (std::ranges::find(found, login) == found.end()) found.push_back(std::move(login));
        at = end - 1;
    }
    return found;
}

} // namespace sportello::domain
