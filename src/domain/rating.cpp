#include <sportello/base/text.hpp>
#include <sportello/domain/rating.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sportello::domain {
namespace {

constexpr std::string_view star = "⭐";
constexpr std::size_t longest = 40;
constexpr std::array<std::string_view, 14> fillers{"voto",   "il",   "mio",   "è",      "dò",     "do",     "stelle",
                                                   "stella", "star", "stars", "rating", "grazie", "thanks", "un"};

std::optional<int> stars(std::string_view text)
{
    int count = 0;
    while (text.starts_with(star)) {
        text.remove_prefix(star.size());
        ++count;
    }
    return text.empty() && count >= 1 && count <= 5 ? std::optional(count) : std::nullopt;
}

/// Words in small letters; what is neither letter nor digit separates them, and a slash is a word of its own.
std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words(1);
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
        const bool digit = c >= '0' && c <= '9';
        if (letter || digit) words.back().push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        else if (c == '/') words.insert(words.end(), {"/", ""});
        else if (c == '-' || c == '+') words.emplace_back("-"); // "-5" and "5+" are no answers
        else words.emplace_back();
    }
    std::erase(words, "");
    return words;
}

} // namespace

std::optional<int> rating_in(std::string_view text)
{
    text = base::trim(text);
    if (text.size() > longest) return std::nullopt;
    if (const auto given = stars(text)) return given;
    std::vector<std::string> words = words_of(text);
    std::erase_if(words, [](const std::string& word) { return std::ranges::find(fillers, word) != fillers.end(); });
    const bool of_five = words.size() == 3 && (words[1] == "/" || words[1] == "su" || words[1] == "of") && words[2] == "5";
    if (words.size() != 1 && !of_five) return std::nullopt;
    const std::string& figure = words.front();
    if (figure.size() != 1 || figure[0] < '1' || figure[0] > '5') return std::nullopt;
    return figure[0] - '0';
}

} // namespace sportello::domain
