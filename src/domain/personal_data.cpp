#include <sportello/domain/personal_data.hpp>

#include "checked_codes.hpp"
#include "folded_text.hpp"
#include "phone_numbers.hpp"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <array>
#include <set>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t longest_pattern = 500;
constexpr std::int64_t pattern_memory = 1 << 20;
/// Shorter ones are too likely to stand in a text by chance.
constexpr std::size_t least_repeated = 6;

/// Whether the text may hold anything at all: most do not.
bool deserves_a_look(std::string_view text)
{
    std::size_t digits = 0;
    std::size_t run = 0;
    std::size_t longest_run = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool digit = byte >= '0' && byte <= '9';
        // Digits of other scripts, in bytes that begin them; letters of Europe are not among them.
        const bool wide =
            byte == 0xC2 || byte == 0xD9 || byte == 0xDB || (byte >= 0xE0 && byte <= 0xE2) || byte == 0xEA || byte == 0xEF || byte == 0xF0;
        digits += digit || wide;
        const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        run = digit || letter ? run + 1 : 0;
        longest_run = std::max(longest_run, run);
        if (c == '@' || digits >= 6 || longest_run >= 16) return true;
    }
    if (text.find("\uFF20") != std::string_view::npos) return true; // a wide @
    return text.find("(at)") != std::string_view::npos || text.find("[at]") != std::string_view::npos;
}

/// Where letters and digits stand, so that codes are read over what is written between their signs.
struct Alnums {
    explicit Alnums(const FoldedText& text)
    {
        for (std::size_t i = 0; i < text.signs.size(); ++i) {
            if (is_folded_alnum(text.signs[i])) places.push_back(i);
        }
    }
    std::vector<std::size_t> places;
};

class Search {
public:
    explicit Search(std::string_view text) : folded_(fold_text(text)), alnums_(folded_), taken_(folded_.signs.size()) {}

    void find_codes(std::vector<PersonalData>& found)
    {
        for (std::size_t k = 0; k + 13 <= alnums_.places.size(); ++k) {
            if (!is_folded_letter(sign(k)) || taken_[alnums_.places[k]]) continue;
            if (const std::size_t length = iban_at(k); length > 0) take(k, length, PersonalDataKind::iban, found);
            else if (tax_code_at(k)) take(k, 16, PersonalDataKind::tax_code, found);
        }
    }
    void find_cards(std::vector<PersonalData>& found)
    {
        for (const DigitRun& run : runs()) {
            for (std::size_t i = 0; i < run.size();) i += std::max<std::size_t>(card_at(run, i, found), 1);
        }
    }
    void find_addresses(std::vector<PersonalData>& found)
    {
        const auto& signs = folded_.signs;
        for (std::size_t i = 0; i < signs.size(); ++i) {
            if (signs[i] == '@') address_at(i, i + 1, found);
            else if (signs[i] == '(' || signs[i] == '[') {
                const auto word = std::string_view(signs).substr(i, 4);
                if (word != "(AT)" && word != "[AT]") continue;
                const std::size_t before = i > 0 && signs[i - 1] == ' ' ? i - 1 : i;
                address_at(before, i + 4 + (folded_.at(i + 4) == ' '), found);
            }
        }
    }
    void find_phones(std::vector<PersonalData>& found)
    {
        std::vector<FoldedFind> phones;
        const auto urls = addresses_of_pages();
        for (const DigitRun& run : runs()) {
            if (is_within(urls, run.front().begin) && !names_a_phone(run.front().begin)) continue;
            find_phone_numbers(folded_, run, taken_, phones);
        }
        for (FoldedFind& phone : phones) {
            if (free(phone.begin, phone.end)) add(phone.begin, phone.end, PersonalDataKind::phone, std::move(phone.value), found);
        }
    }
    /// What a pattern found in the bytes of the text.
    void add_match(std::size_t begin, std::size_t end, std::vector<PersonalData>& found)
    {
        const auto first =
            static_cast<std::size_t>(std::lower_bound(folded_.begins.begin(), folded_.begins.end(), begin) - folded_.begins.begin());
        const auto last =
            static_cast<std::size_t>(std::lower_bound(folded_.begins.begin(), folded_.begins.end(), end) - folded_.begins.begin());
        if (first >= last || !free(first, last)) return;
        std::string value;
        for (std::size_t i = first; i < last; ++i) {
            if (is_folded_alnum(folded_.signs[i])) value.push_back(folded_.signs[i]);
        }
        add(first, last, PersonalDataKind::contract, std::move(value), found);
    }

private:
    [[nodiscard]] char sign(std::size_t k) const { return folded_.signs[alnums_.places[k]]; }
    [[nodiscard]] bool joined(std::size_t k) const { return joins_digits(folded_, alnums_.places[k] + 1, alnums_.places[k + 1]); }
    const std::vector<DigitRun>& runs()
    {
        if (!runs_) runs_ = digit_runs(folded_);
        return *runs_;
    }

    /// `length` letters and digits from `k` that may belong together; empty when they do not.
    [[nodiscard]] std::string compact(std::size_t k, std::size_t length) const
    {
        if (k + length > alnums_.places.size()) return {};
        std::string code;
        for (std::size_t i = k; i < k + length; ++i) {
            code.push_back(sign(i));
            if (i + 1 < k + length && !joined(i)) return {};
        }
        return code;
    }
    [[nodiscard]] bool in_one_piece(std::size_t k, std::size_t length) const
    {
        return alnums_.places[k + length - 1] - alnums_.places[k] == length - 1;
    }
    [[nodiscard]] std::size_t iban_at(std::size_t k) const
    {
        if (!is_folded_letter(sign(k + 1)) || !is_folded_digit(sign(k + 2)) || !is_folded_digit(sign(k + 3))) return 0;
        const char country[] = {sign(k), sign(k + 1)};
        const std::size_t length = iban_length({country, 2});
        const std::string code = length > 0 ? compact(k, length) : std::string();
        if (!is_iban(code)) return 0;
        // Words that stand after each other come to the right rest once in 97 times; they are no digits.
        const auto digits = static_cast<std::size_t>(std::count_if(code.begin(), code.end(), is_folded_digit));
        return in_one_piece(k, length) || digits * 2 >= length ? length : 0;
    }
    [[nodiscard]] bool tax_code_at(std::size_t k) const
    {
        if (k + 16 > alnums_.places.size() || !is_folded_letter(sign(k + 5)) || !is_folded_letter(sign(k + 11))) return false;
        const auto may_be_digit = [&](std::size_t i) {
            return is_folded_digit(sign(i)) || std::string_view("LMNPQRSTUV").find(sign(i)) != std::string_view::npos;
        };
        if (!may_be_digit(k + 6) || !may_be_digit(k + 7) || !may_be_digit(k + 9) || !may_be_digit(k + 10)) return false;
        const std::string code = compact(k, 16);
        if (!is_tax_code(code)) return false;
        // Words may spell a code of letters by chance.
        return in_one_piece(k, 16) || std::count_if(code.begin(), code.end(), is_folded_digit) >= 4;
    }
    void take(std::size_t& k, std::size_t length, PersonalDataKind kind, std::vector<PersonalData>& found)
    {
        add(alnums_.places[k], alnums_.places[k + length - 1] + 1, kind, compact(k, length), found);
        k += length - 1;
    }

    std::size_t card_at(const DigitRun& run, std::size_t i, std::vector<PersonalData>& found)
    {
        if (run[i].begin > 0 && folded_.signs[run[i].begin - 1] == '#') return 0;
        std::string digits;
        for (std::size_t k = i; k < run.size() && digits.size() + run[k].size() <= 19; ++k) {
            digits += folded_.signs.substr(run[k].begin, run[k].size());
            if (!is_card_number(digits) || !free(run[i].begin, run[k].end) || is_within(addresses_of_pages(), run[i].begin)) continue;
            add(run[i].begin, run[k].end, PersonalDataKind::card, digits, found);
            return k - i + 1;
        }
        return 0;
    }

    [[nodiscard]] static bool is_local_sign(char c)
    {
        return is_folded_alnum(c) || c == FoldedText::other_letter || std::string_view("._%+-'").find(c) != std::string_view::npos;
    }
    [[nodiscard]] static bool is_label_sign(char c) { return is_folded_alnum(c) || c == FoldedText::other_letter || c == '-' || c == '_'; }
    void address_at(std::size_t at, std::size_t domain, std::vector<PersonalData>& found)
    {
        const auto& signs = folded_.signs;
        std::size_t begin = at;
        while (begin > 0 && at - begin < 64 && is_local_sign(signs[begin - 1])) --begin;
        while (begin < at && (signs[begin] == '.' || signs[begin] == '\'' || signs[begin] == '-')) ++begin;
        std::size_t end = domain;
        while (end - domain < 253 && (is_label_sign(folded_.at(end)) || (folded_.at(end) == '.' && is_label_sign(folded_.at(end + 1)))))
            ++end;
        while (end > domain && (signs[end - 1] == '-' || signs[end - 1] == '.')) --end;
        const auto dot = std::string_view(signs).substr(domain, end - domain).rfind('.');
        if (begin == at || dot == std::string_view::npos || dot == 0 || end - domain - dot - 1 < 2) return;
        const auto top = std::string_view(signs).substr(domain + dot + 1, end - domain - dot - 1);
        if (std::any_of(top.begin(), top.end(), is_folded_digit) || !free(begin, end)) return;
        std::string value = signs.substr(begin, at - begin) + '@' + signs.substr(domain, end - domain);
        for (char& c : value) c = is_folded_letter(c) ? static_cast<char>(c - 'A' + 'a') : c;
        add(begin, end, PersonalDataKind::email, std::move(value), found);
    }

    using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
    /// Their numbers are not for calling.
    const Ranges& addresses_of_pages()
    {
        if (urls_) return *urls_;
        urls_.emplace();
        const std::string_view signs = folded_.signs;
        for (std::size_t i = signs.find("://"); i != std::string_view::npos; i = signs.find("://", i + 3)) {
            urls_->emplace_back(i, std::min(signs.find_first_of(" \n", i), signs.size()));
        }
        return *urls_;
    }
    [[nodiscard]] static bool is_within(const Ranges& ranges, std::size_t place)
    {
        const auto after =
            std::upper_bound(ranges.begin(), ranges.end(), place, [](std::size_t p, const auto& range) { return p < range.first; });
        return after != ranges.begin() && place < std::prev(after)->second;
    }
    /// wa.me/393331234567 is a number in spite of all.
    [[nodiscard]] bool names_a_phone(std::size_t place) const
    {
        const auto before = std::string_view(folded_.signs).substr(0, place);
        return before.ends_with("WA.ME/") || before.ends_with("PHONE=") || before.ends_with("TEL:") || before.ends_with('+');
    }

    [[nodiscard]] bool free(std::size_t begin, std::size_t end) const
    {
        return std::none_of(taken_.begin() + static_cast<std::ptrdiff_t>(begin), taken_.begin() + static_cast<std::ptrdiff_t>(end),
                            [](bool b) { return b; });
    }
    void add(std::size_t begin, std::size_t end, PersonalDataKind kind, std::string value, std::vector<PersonalData>& found)
    {
        std::fill(taken_.begin() + static_cast<std::ptrdiff_t>(begin), taken_.begin() + static_cast<std::ptrdiff_t>(end), true);
        found.push_back({.kind = kind, .begin = folded_.begins[begin], .end = folded_.ends[end - 1], .value = std::move(value)});
    }

    FoldedText folded_;
    Alnums alnums_;
    std::vector<bool> taken_;
    std::optional<std::vector<DigitRun>> runs_;
    std::optional<Ranges> urls_;
};

/// Letters and digits alone, in upper case.
std::string compact_of(std::string_view text)
{
    std::string compact;
    for (const char c : fold_text(text).signs) {
        if (is_folded_alnum(c)) compact.push_back(c);
    }
    return compact;
}

std::string lower_of(std::string_view text)
{
    std::string lower;
    for (const char c : fold_text(text).signs) lower.push_back(is_folded_letter(c) ? static_cast<char>(c - 'A' + 'a') : c);
    return lower;
}

bool is_all_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_folded_digit);
}

} // namespace

struct PersonalDataFinder::Rules {
    std::set<std::string, std::less<>> allowed; ///< values, and "@domain"
    std::vector<std::unique_ptr<RE2>> contracts;

    [[nodiscard]] bool allows(const PersonalData& data) const
    {
        if (allowed.contains(data.value)) return true;
        if (data.kind != PersonalDataKind::email) return false;
        const auto at = data.value.find('@');
        return at != std::string::npos && allowed.contains(std::string_view(data.value).substr(at));
    }
};

std::string_view to_string(PersonalDataKind value)
{
    constexpr std::array<std::string_view, 6> words{"phone", "email", "iban", "tax_code", "card", "contract"};
    return words[static_cast<std::size_t>(value)];
}

std::string_view in_words(PersonalDataKind value)
{
    constexpr std::array<std::string_view, 6> words{"a phone number", "an e-mail address", "an IBAN",
                                                    "a tax code",     "a card number",     "a contract number"};
    return words[static_cast<std::size_t>(value)];
}

PersonalDataFinder::PersonalDataFinder() : rules_(std::make_shared<const Rules>()) {}
PersonalDataFinder::PersonalDataFinder(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

Result<PersonalDataFinder> PersonalDataFinder::make(const PersonalDataSettings& settings)
{
    auto rules = std::make_shared<Rules>();
    for (const std::string& entry : settings.allow) {
        if (entry.find('@') != std::string::npos) {
            rules->allowed.insert(lower_of(entry));
            continue;
        }
        std::string compact = compact_of(entry);
        if (compact.empty()) continue;
        if (is_all_digits(compact))
            rules->allowed.insert(national_number(compact, entry.find('+') != std::string::npos || compact.starts_with("00")));
        rules->allowed.insert(std::move(compact));
    }
    for (std::size_t i = 0; i < settings.contract_patterns.size(); ++i) {
        const std::string& pattern = settings.contract_patterns[i];
        const std::string pointer = "/contract_patterns/" + std::to_string(i);
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(pattern_memory);
        auto compiled = pattern.size() <= longest_pattern ? std::make_unique<RE2>(pattern, options) : nullptr;
        if (!compiled)
            return Error(ErrorKind::invalid_input, "the pattern is longer than 500 bytes", {{pointer, "is longer than 500 bytes"}});
        if (!compiled->ok()) return Error(ErrorKind::invalid_input, compiled->error(), {{pointer, compiled->error()}});
        if (RE2::FullMatch("", *compiled)) {
            return Error(ErrorKind::invalid_input, "the pattern matches an empty text", {{pointer, "matches an empty text"}});
        }
        rules->contracts.push_back(std::move(compiled));
    }
    return PersonalDataFinder(std::move(rules));
}

std::vector<PersonalData> PersonalDataFinder::find(std::string_view text) const
{
    std::vector<PersonalData> found;
    const bool looks = deserves_a_look(text);
    if (!looks && rules_->contracts.empty()) return found;
    Search search(text);
    search.find_codes(found);
    for (const auto& pattern : rules_->contracts) {
        const bool grouped = pattern->NumberOfCapturingGroups() > 0;
        std::array<re2::StringPiece, 2> match;
        std::size_t from = 0;
        while (from < text.size() && pattern->Match(re2::StringPiece(text.data(), text.size()), from, text.size(), RE2::UNANCHORED,
                                                    match.data(), grouped ? 2 : 1)) {
            const auto& part = grouped && match[1].data() != nullptr ? match[1] : match[0];
            const auto begin = static_cast<std::size_t>(part.data() - text.data());
            search.add_match(begin, begin + part.size(), found);
            const auto end = static_cast<std::size_t>(match[0].data() - text.data()) + match[0].size();
            from = std::max(end, from + 1);
        }
    }
    if (looks) {
        search.find_addresses(found);
        search.find_cards(found);
        search.find_phones(found);
    }
    std::erase_if(found, [&](const PersonalData& data) { return rules_->allows(data); });
    std::sort(found.begin(), found.end(), [](const PersonalData& a, const PersonalData& b) { return a.begin < b.begin; });
    return found;
}

std::string PersonalDataFinder::masked(std::string_view text) const
{
    return mask(text, find(text));
}

std::string mask(std::string_view text, std::span<const PersonalData> found)
{
    std::string masked;
    std::size_t from = 0;
    for (const PersonalData& data : found) {
        masked += text.substr(from, data.begin - from);
        masked += mask_sign;
        from = data.end;
    }
    masked += text.substr(from);
    return masked;
}

bool repeats(std::string_view text, const PersonalData& known)
{
    if (known.value.size() < least_repeated) return false;
    if (known.kind == PersonalDataKind::email) return lower_of(text).find(known.value) != std::string::npos;
    if (known.kind != PersonalDataKind::phone) return compact_of(text).find(known.value) != std::string::npos;
    // A phone number may stand between other numbers; letters between its digits end it.
    std::string digits;
    for (const char c : fold_text(text).signs) {
        if (is_folded_digit(c)) digits.push_back(c);
        else if (is_folded_letter(c) || c == FoldedText::other_letter) digits.push_back(' ');
    }
    return digits.find(known.value) != std::string::npos;
}

} // namespace sportello::domain
