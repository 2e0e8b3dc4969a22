#include <sportello/domain/clues.hpp>

#include <algorithm>
#include <array>

namespace sportello::domain {
namespace {

constexpr std::size_t most_clues = 10;
// "codice cliente n. 12345": so far behind its word a number may stand.
constexpr std::size_t nearness = 16;

// Lower case, the longer ones first: the first that fits is taken.
constexpr std::array<std::string_view, 10> contract_words{"codice cliente",      "numero cliente",  "codice contratto", "numero contratto",
                                                          "numero di contratto", "customer number", "contract number",  "contratto",
                                                          "customer id",         "contract"};

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_between(char c)
{
    return std::string_view(" ./-()").find(c) != std::string_view::npos;
}
char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

void add(std::vector<Clue>& clues, Clue clue)
{
    if (clues.size() < most_clues && std::ranges::find(clues, clue) == clues.end()) clues.push_back(std::move(clue));
}

/// Without +39 or 0039; empty when it is no Italian number.
std::string normal_phone(std::string_view digits, bool international)
{
    if (digits.starts_with("0039")) digits.remove_prefix(4);
    else if (international && digits.starts_with("39")) digits.remove_prefix(2);
    else if (international) return {};
    else if (digits.size() == 12 && digits.starts_with("393")) digits.remove_prefix(2);
    const bool mobile = digits.starts_with('3') && (digits.size() == 9 || digits.size() == 10);
    const bool fixed = digits.starts_with('0') && !digits.starts_with("00") && digits.size() >= 6 && digits.size() <= 11;
    return mobile || fixed ? std::string(digits) : std::string();
}

/// A run of digits with at most one or two marks between them, not part of a word.
void find_phones(std::string_view text, std::vector<Clue>& clues)
{
    for (std::size_t at = 0; at < text.size();) {
        const bool starts = is_digit(text[at]) && (at == 0 || (!is_letter(text[at - 1]) && !is_digit(text[at - 1])));
        if (!starts) {
            ++at;
            continue;
        }
        const bool international = at > 0 && text[at - 1] == '+';
        std::string digits;
        std::size_t end = at;
        for (std::size_t gap = 0; end < text.size() && gap <= 2; ++end) {
            if (is_digit(text[end])) {
                digits.push_back(text[end]);
                gap = 0;
            } else if (is_between(text[end])) {
                ++gap;
            } else {
                break;
            }
        }
        const bool in_word = end < text.size() && is_letter(text[end]) && is_digit(text[end - 1]);
        if (auto value = normal_phone(digits, international); !in_word && !value.empty()) add(clues, {Clue::Kind::phone, std::move(value)});
        at = std::max(end, at + 1);
    }
}

std::string contract_behind(std::string_view rest)
{
    for (std::size_t at = 0; at < std::min(rest.size(), nearness); ++at) {
        if (!is_digit(rest[at]) && !is_letter(rest[at])) continue;
        std::string value;
        std::size_t end = at;
        for (; end < rest.size() && (is_digit(rest[end]) || is_letter(rest[end])); ++end) value.push_back(upper(rest[end]));
        const auto digits = std::ranges::count_if(value, is_digit);
        if (digits >= 5 && value.size() <= 16) return value;
        at = end;
    }
    return {};
}

void find_contracts(std::string_view text, std::vector<Clue>& clues)
{
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), lower);
    for (std::size_t at = 0; at < folded.size(); ++at) {
        const auto word =
            std::ranges::find_if(contract_words, [&](std::string_view w) { return std::string_view(folded).substr(at).starts_with(w); });
        if (word == contract_words.end()) continue;
        at += word->size();
        if (auto value = contract_behind(text.substr(std::min(at, text.size()))); !value.empty())
            add(clues, {Clue::Kind::contract, std::move(value)});
    }
}

} // namespace

std::string_view to_string(Clue::Kind value)
{
    return value == Clue::Kind::phone ? "phone" : "contract";
}

std::vector<Clue> clues_in(std::string_view text)
{
    std::vector<Clue> clues;
    find_contracts(text, clues);
    std::vector<Clue> phones;
    find_phones(text, phones);
    for (Clue& phone : phones) {
        // A contract number that looks like a phone number is one only.
        const bool contract = std::ranges::any_of(clues, [&](const Clue& clue) { return clue.value == phone.value; });
        if (!contract) add(clues, std::move(phone));
    }
    return clues;
}

std::string shown_clue(std::string_view value)
{
    return "…" + std::string(value.substr(value.size() - std::min<std::size_t>(4, value.size())));
}

} // namespace sportello::domain
