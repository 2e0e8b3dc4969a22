#include "phone_numbers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sportello::domain {
namespace {

constexpr std::string_view joints = " .-/()_";
constexpr std::size_t widest_joint = 3;
constexpr std::size_t most_digits = 17; // 00 and fifteen

int number_at(const FoldedText& text, const DigitGroup& group)
{
    if (group.size() > 4) return 100'000;
    int number = 0;
    for (std::size_t i = group.begin; i < group.end; ++i) number = number * 10 + (text.signs[i] - '0');
    return number;
}

/// One run, group by group.
class RunReader {
public:
    RunReader(const FoldedText& text, const DigitRun& run, const std::vector<bool>& taken) : text_(text), run_(run), used_(run.size())
    {
        for (std::size_t i = 0; i < run.size(); ++i) {
            for (std::size_t sign = run[i].begin; sign < run[i].end; ++sign) used_[i] = used_[i] || taken[sign];
        }
        for (std::size_t i = 0; i < run.size(); ++i) {
            if (used_[i]) continue;
            if (const std::size_t length = length_of_other(i); length > 0)
                std::fill_n(used_.begin() + static_cast<std::ptrdiff_t>(i), length, true);
        }
        mark_prices();
    }

    void read(std::vector<FoldedFind>& found)
    {
        for (std::size_t i = 0; i < run_.size();) {
            const std::size_t length = used_[i] ? 0 : length_of_number(i, found);
            i += std::max<std::size_t>(length, 1);
        }
    }

private:
    [[nodiscard]] std::string_view joint_after(std::size_t i) const
    {
        if (i + 1 >= run_.size()) return {};
        return std::string_view(text_.signs).substr(run_[i].end, run_[i + 1].begin - run_[i].end);
    }
    [[nodiscard]] bool joined_by(std::size_t i, std::string_view joint) const { return i + 1 < run_.size() && joint_after(i) == joint; }
    /// Whether groups [i, i + count) stand alone as something with this sign between its parts.
    [[nodiscard]] bool stands_alone(std::size_t i, std::size_t count, std::string_view joint) const
    {
        return (i == 0 || joint_after(i - 1) != joint) && !joined_by(i + count - 1, joint);
    }
    [[nodiscard]] bool all_joined_by(std::size_t i, std::size_t count, std::string_view joint) const
    {
        if (i + count > run_.size()) return false;
        for (std::size_t k = i; k + 1 < i + count; ++k) {
            if (joint_after(k) != joint) return false;
        }
        return stands_alone(i, count, joint);
    }
    [[nodiscard]] int number(std::size_t i) const { return number_at(text_, run_[i]); }
    [[nodiscard]] std::size_t size(std::size_t i) const { return run_[i].size(); }

    [[nodiscard]] bool is_date(std::size_t i) const
    {
        const bool joined = all_joined_by(i, 3, "/") || all_joined_by(i, 3, ".") || all_joined_by(i, 3, "-");
        if (!joined || size(i + 1) > 2) return false;
        const auto is_year = [&](std::size_t k) { return size(k) == 4 && number(k) >= 1900 && number(k) < 2100; };
        const auto is_day_and_month = [&](std::size_t a, std::size_t b) {
            if (size(a) > 2 || size(b) > 2) return false;
            const auto [less, more] = std::minmax({number(a), number(b)});
            return less >= 1 && less <= 12 && more >= 1 && more <= 31;
        };
        if (is_year(i)) return is_day_and_month(i + 1, i + 2);
        return is_day_and_month(i, i + 1) && (is_year(i + 2) || size(i + 2) == 2);
    }
    [[nodiscard]] bool is_time(std::size_t i) const
    {
        return joined_by(i, ".") && size(i) <= 2 && size(i + 1) == 2 && number(i) <= 24 && number(i + 1) < 60;
    }
    /// "09.00-13.00"
    [[nodiscard]] bool is_span_of_times(std::size_t i) const
    {
        if (i + 4 > run_.size() || !is_time(i) || !is_time(i + 2)) return false;
        return joint_after(i + 1).find('-') != std::string_view::npos && stands_alone(i, 4, ".");
    }
    [[nodiscard]] bool is_ip_address(std::size_t i) const
    {
        if (!all_joined_by(i, 4, ".")) return false;
        for (std::size_t k = i; k < i + 4; ++k) {
            if (size(k) > 3 || number(k) > 255) return false;
        }
        return true;
    }
    /// "3.500.000.000"
    [[nodiscard]] std::size_t length_of_thousands(std::size_t i) const
    {
        if (size(i) > 2 || (i > 0 && joint_after(i - 1) == ".")) return 0;
        std::size_t count = 1;
        while (joined_by(i + count - 1, ".") && size(i + count) == 3) ++count;
        return count >= 3 ? count : 0;
    }
    /// How many groups from here are something else than a phone number.
    [[nodiscard]] std::size_t length_of_other(std::size_t i) const
    {
        if (is_date(i)) return 3;
        if (is_span_of_times(i) || is_ip_address(i)) return 4;
        return length_of_thousands(i);
    }
    void mark_prices()
    {
        const auto& signs = text_.signs;
        const auto is_amount = [&](std::size_t i) { return size(i) <= 7; };
        std::size_t before = run_.front().begin;
        if (before > 0 && signs[before - 1] == ' ') --before;
        if (before > 0 && signs[before - 1] == FoldedText::currency && is_amount(0)) {
            used_[0] = true;
            for (std::size_t i = 0; joined_by(i, "."); ++i) used_[i + 1] = true;
        }
        std::size_t after = run_.back().end;
        if (text_.at(after) == ' ') ++after;
        const auto rest = std::string_view(signs).substr(std::min(after, signs.size()), 3);
        const std::size_t last = run_.size() - 1;
        if (!is_amount(last) || !(rest.starts_with(FoldedText::currency) || rest == "EUR")) return;
        used_[last] = true;
        for (std::size_t i = last; i > 0 && joint_after(i - 1) == "."; --i) used_[i - 1] = true;
    }

    [[nodiscard]] bool has_plus(std::size_t i) const
    {
        if (i > 0) return false; // a plus ends a run
        std::size_t place = run_[i].begin;
        for (int steps = 0; steps < 2 && place > 0 && (text_.signs[place - 1] == ' ' || text_.signs[place - 1] == '('); ++steps) --place;
        return place > 0 && text_.signs[place - 1] == '+';
    }

    /// The word that ends before `place`, and where it begins.
    [[nodiscard]] std::string_view word_before(std::size_t& place) const
    {
        const auto& signs = text_.signs;
        while (place > 0 && std::string_view(" .:#-(°").find(signs[place - 1]) != std::string_view::npos) --place;
        if (place > 0 && signs[place - 1] == FoldedText::other_sign) --place;
        const std::size_t end = place;
        while (place > 0 && is_folded_letter(signs[place - 1])) --place;
        return std::string_view(signs).substr(place, end - place);
    }
    /// "ordine n. 3401234567", "#3401234567": named as something else.
    [[nodiscard]] bool is_called_otherwise(std::size_t i) const
    {
        constexpr auto things =
            std::to_array<std::string_view>({"ORDINE", "ORDER", "TICKET", "PRATICA", "SEGNALAZIONE", "FATTURA", "INVOICE", "TRACKING",
                                             "CASE", "PROTOCOLLO", "RECLAMO", "BOLLETTA", "SPEDIZIONE", "REFERENCE", "REF"});
        constexpr auto fillers = std::to_array<std::string_view>({"N", "NR", "NUM", "NUMERO", "NUMBER", "NO", "CODICE", "ID", "CODE"});
        const auto is_one_of = [](const auto& words, std::string_view word) {
            return std::find(words.begin(), words.end(), word) != words.end();
        };
        if (i > 0) return false;
        std::size_t place = run_[0].begin;
        if (place > 0 && text_.signs[place - 1] == '#') return true;
        std::string_view word = word_before(place);
        if (is_one_of(fillers, word)) word = word_before(place);
        return is_one_of(things, word);
    }
    /// Part of a word or code: "AB3331234567". After what people write before a number it is one all the same.
    [[nodiscard]] bool is_glued_to_a_word(std::size_t i) const
    {
        constexpr auto callers = std::to_array<std::string_view>(
            {"TEL", "CELL", "CEL", "TELEFONO", "CELLULARE", "MOBILE", "PHONE", "NUM", "NUMERO", "WHATSAPP", "WA", "AL", "N", "TELEPHONE"});
        std::size_t place = run_[i].begin;
        if (place == 0) return false;
        const char before = text_.signs[place - 1];
        if (before == FoldedText::other_letter) return true;
        if (!is_folded_letter(before)) return false;
        const std::string_view word = word_before(place);
        return std::find(callers.begin(), callers.end(), word) == callers.end();
    }

    struct Candidate {
        std::string digits;
        std::size_t groups = 0;
        bool mixed = false; ///< different signs between its groups
    };
    [[nodiscard]] bool is_italian(std::size_t i, const Candidate& c) const
    {
        const std::size_t first = size(i);
        const std::size_t count = c.digits.size();
        if (c.digits[0] == '3' && c.digits[1] >= '2') { // mobile
            if (count == 10) return !(c.groups == 2 && first == 2 && joint_after(i) == ".");
            return count == 9 && (first == 3 || first == 9);
        }
        if (c.digits[0] != '0' || c.digits[1] == '0' || count < 8 || count > 11) return false;
        const bool in_pairs = first == 2 && size(i + c.groups - 1) == 2 && c.groups == count / 2;
        if (in_pairs && c.mixed) return false; // "09-13 14-18"
        return (first >= 2 && first <= 5) || first >= 8;
    }
    /// 555-123-4567, as North America writes it.
    [[nodiscard]] bool is_north_american(std::size_t i, const Candidate& c) const
    {
        const std::size_t skip = c.groups == 4 && size(i) == 1 && c.digits[0] == '1' ? 1 : 0;
        if (c.groups != 3 + skip || size(i + skip) != 3 || size(i + skip + 1) != 3 || size(i + skip + 2) != 4) return false;
        const std::string_view national = std::string_view(c.digits).substr(skip);
        const std::string_view area = national.substr(0, 3);
        constexpr auto free_of_charge = std::to_array<std::string_view>({"800", "833", "844", "855", "866", "877", "888"});
        const bool is_free = std::find(free_of_charge.begin(), free_of_charge.end(), area) != free_of_charge.end();
        return area[0] >= '2' && national[3] >= '2' && !is_free;
    }
    /// Digits behind a + or 00.
    [[nodiscard]] static bool is_international(std::string_view digits)
    {
        if (digits.size() < 8 || digits.size() > 15 || digits[0] == '0') return false;
        if (!digits.starts_with("39")) return true;
        const auto national = digits.substr(2);
        if (national.starts_with("80") || national.starts_with("89") || national.starts_with("199")) return false; // nobody's own
        if (national[0] == '3') return national.size() == 9 || national.size() == 10;
        return national.size() >= 6 && national.size() <= 11;
    }
    /// 393331234567 without a plus.
    [[nodiscard]] static bool is_italian_with_country(std::string_view digits)
    {
        if (!digits.starts_with("39") || digits.size() < 11 || digits.size() > 13) return false;
        return (digits[2] == '3' && digits[3] >= '2' && digits.size() <= 12) || (digits[2] == '0' && digits[3] != '0');
    }

    /// "my phone is …": whatever its form.
    [[nodiscard]] bool is_announced() const
    {
        constexpr auto calls =
            std::to_array<std::string_view>({"TEL", "CELL", "PHONE", "CHIAM", "CALL", "WHATSAPP", "RECAPIT", "MOBILE", "RICHIAM"});
        constexpr std::size_t sentence = 40;
        const std::size_t end = run_.front().begin;
        const auto before = std::string_view(text_.signs).substr(end - std::min(end, sentence), std::min(end, sentence));
        return std::any_of(calls.begin(), calls.end(), [&](std::string_view word) { return before.find(word) != std::string_view::npos; });
    }
    /// The run as one number, if nothing of it is something else. @return of how many groups
    std::size_t whole_run(FoldedFind& number) const
    {
        std::string all;
        for (std::size_t k = 0; k < run_.size(); ++k) {
            if (used_[k]) return 0;
            all += text_.signs.substr(run_[k].begin, size(k));
        }
        const bool is_free = all.starts_with("80") || all.starts_with("18") || all.starts_with("199") || all.starts_with("89");
        if (all.size() < 9 || all.size() > 13 || is_free) return 0;
        number = {.begin = run_.front().begin, .end = run_.back().end, .value = all};
        return run_.size();
    }

    /// The longest phone number that begins with group `i`. @return of how many groups; 0: there is none.
    std::size_t length_of_number(std::size_t i, std::vector<FoldedFind>& found) const
    {
        const bool plus = has_plus(i);
        const bool named_otherwise = !plus && (is_called_otherwise(i) || is_glued_to_a_word(i));
        if (named_otherwise) return 0;
        Candidate candidate;
        FoldedFind best;
        std::size_t best_groups = 0;
        for (std::size_t k = i; k < run_.size() && !used_[k] && candidate.digits.size() + size(k) <= most_digits; ++k) {
            if (k > i + 1 && joint_after(k - 1) != joint_after(i)) candidate.mixed = true;
            candidate.digits += text_.signs.substr(run_[k].begin, size(k));
            ++candidate.groups;
            const std::string& digits = candidate.digits;
            if (digits.size() < 8) continue;
            const bool zeros = !plus && digits.starts_with("00");
            const bool with_country = plus || zeros;
            const bool is_number = with_country
                                       ? is_international(zeros ? std::string_view(digits).substr(2) : std::string_view(digits))
                                       : is_italian(i, candidate) || is_italian_with_country(digits) || is_north_american(i, candidate);
            if (!is_number) continue;
            best = {.begin = run_[i].begin, .end = run_[k].end, .value = national_number(digits, with_country)};
            best_groups = candidate.groups;
        }
        if (best_groups == 0 && i == 0 && is_announced()) best_groups = whole_run(best);
        if (best_groups == 0) return 0;
        if (plus) {
            while (text_.signs[best.begin] != '+') --best.begin;
        }
        found.push_back(std::move(best));
        return best_groups;
    }

    const FoldedText& text_;
    const DigitRun& run_;
    std::vector<bool> used_;
};

} // namespace

bool joins_digits(const FoldedText& text, std::size_t begin, std::size_t end)
{
    if (end - begin > widest_joint) return false;
    return std::all_of(text.signs.begin() + static_cast<std::ptrdiff_t>(begin), text.signs.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char c) { return joints.find(c) != std::string_view::npos; });
}

std::vector<DigitRun> digit_runs(const FoldedText& text)
{
    std::vector<DigitRun> runs;
    const std::size_t size = text.signs.size();
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < size;) {
        if (!is_folded_digit(text.signs[i])) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < size && is_folded_digit(text.signs[end])) ++end;
        const bool joined = !runs.empty() && joins_digits(text, last_end, i);
        if (!joined) runs.emplace_back();
        runs.back().push_back({i, end});
        last_end = i = end;
    }
    return runs;
}

void find_phone_numbers(const FoldedText& text, const DigitRun& run, const std::vector<bool>& taken, std::vector<FoldedFind>& found)
{
    std::size_t digits = 0;
    for (const DigitGroup& group : run) digits += group.size();
    if (digits >= 8) RunReader(text, run, taken).read(found);
}

std::string national_number(std::string digits, bool with_country)
{
    if (with_country && digits.starts_with("00")) digits.erase(0, 2);
    const bool italian =
        digits.starts_with("39") && digits.size() >= 8 && (with_country || (digits.size() >= 11 && (digits[2] == '3' || digits[2] == '0')));
    if (italian) digits.erase(0, 2);
    return digits;
}

} // namespace sportello::domain
