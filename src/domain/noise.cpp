#include <sportello/domain/noise.hpp>

#include "code_points.hpp"

#include <sportello/base/text.hpp>

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sportello::domain {
namespace {

constexpr std::size_t longest_text = 4000; // what is longer was written for somebody

/// A text's parts, folded to lower case without accents.
struct Parts {
    std::vector<std::string> words; ///< neither mention, tag, address nor sign
    std::vector<std::string> tags;  ///< without '#'
    std::size_t mentions = 0;
    std::size_t links = 0;
    bool asks = false; ///< has a question mark
};

bool has_letter_or_digit(std::string_view token)
{
    const auto points = to_code_points(token);
    return std::any_of(points.begin(), points.end(), [](char32_t c) { return u_isalnum(static_cast<UChar32>(c)) != 0; });
}

bool is_link(std::string_view token)
{
    return token.find("://") != std::string_view::npos || token.starts_with("www.") || token.starts_with("bit.ly/") ||
           token.starts_with("t.me/");
}

Parts parts_of(std::string_view text)
{
    Parts parts;
    const std::string folded = base::fold(text);
    std::string_view rest = folded;
    parts.asks = rest.find('?') != std::string_view::npos || rest.find("\xC2\xBF") != std::string_view::npos ||
                 rest.find("\xEF\xBC\x9F") != std::string_view::npos;
    while (!rest.empty()) {
        const auto end = std::min(rest.find_first_of(" \n\t\r"), rest.size());
        auto token = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (token.starts_with('.')) token.remove_prefix(1); // ".@TIM": said to all followers
        if (token.size() > 1 && token[0] == '@') ++parts.mentions;
        else if (token.size() > 1 && token[0] == '#') parts.tags.emplace_back(token.substr(1));
        else if (is_link(token)) ++parts.links;
        else if (has_letter_or_digit(token)) parts.words.emplace_back(token);
    }
    return parts;
}

/// Somebody with one of these in a tag or a word has a matter of their own.
bool tells_of_trouble(const Parts& parts)
{
    constexpr auto troubles = std::to_array<std::string_view>(
        {"guast",  "aiut",    "disserviz", "problem", "down",    "linea",   "adsl",   "fibra",  "internet", "help",
         "rete",   "segnal",  "reclam",    "rimbors", "bollett", "fattur",  "assist", "error",  "rotto",    "ferm",
         "isolat", "vergogn", "truff",     "support", "broken",  "fix",     "outage", "refund", "fail",     "disdett",
         "tecnic", "modem",   "router",    "sms",     "chiamat", "telefon", "blocc",  "attes",  "sos"});
    const auto is_trouble = [&](const std::string& word) {
        return std::any_of(troubles.begin(), troubles.end(),
                           [&](std::string_view trouble) { return word.find(trouble) != std::string::npos; });
    };
    return std::any_of(parts.tags.begin(), parts.tags.end(), is_trouble) || std::any_of(parts.words.begin(), parts.words.end(), is_trouble);
}

bool advertises(std::string_view text)
{
    constexpr auto baits = std::to_array<std::string_view>(
        {"bitcoin",          "crypto",          "casino",       "forex",           "viagra",     "onlyfans",
         "guadagna da casa", "guadagni facili", "soldi facili", "prestito veloce", "scommesse",  "click here",
         "clicca qui",       "free followers",  "airdrop",      "nft drop",        "make money", "investi ora",
         "trading online",   "hot girls",       "dm to earn",   "work from home",  "promo code"});
    const std::string folded = base::fold(text);
    return std::any_of(baits.begin(), baits.end(), [&](std::string_view bait) { return folded.find(bait) != std::string::npos; });
}

} // namespace

NoiseVerdict judge_noise(const Message& message, bool has_attachment)
{
    if (message.visibility == Visibility::private_ || message.direction == Direction::outbound) return {};
    const auto text = base::trim(message.text);
    if (text.empty() || text.size() > longest_text) return {};
    if (message.platform == Platform::twitter && text.starts_with("RT @"))
        return {"noise", "a retweet: what somebody else wrote, passed on"};
    const Parts parts = parts_of(text);
    if (parts.asks || has_attachment || tells_of_trouble(parts)) return {};
    if (parts.links > 0) {
        if (advertises(text)) return {"spam", "a link with an advertiser's words"};
        const bool scattered = parts.words.empty() && parts.mentions >= 5;
        return scattered ? NoiseVerdict{"spam", "a link scattered over many accounts, without a word"} : NoiseVerdict{};
    }
    if (!parts.words.empty()) return {};
    if (parts.mentions + parts.tags.size() > 0) return {"noise", "mentions and tags without a word"};
    return has_letter_or_digit(text) ? NoiseVerdict{} : NoiseVerdict{"noise", "emoji and signs without a word"};
}

} // namespace sportello::domain
