#include "code_points.hpp"
#include "text_weight.hpp"
#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>

#include <unicode/brkiter.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace sportello::domain {
namespace {

/// Kinds of place at which a text may be cut, the worst first.
enum class Cut {
    none,
    inside_word, ///< between grapheme clusters, outside links, mentions and numbers
    glued,       ///< between a number and its unit
    word,
    sentence,
    paragraph
};

bool is_number_character(char32_t c)
{
    return is_ascii_digit(c) || c == U'.' || c == U',' || c == U':' || c == U'/';
}

bool is_currency(char32_t c)
{
    return u_charType(static_cast<UChar32>(c)) == U_CURRENCY_SYMBOL;
}

bool is_word_character(char32_t c)
{
    return c == U'_' || u_isalnum(static_cast<UChar32>(c)) != 0;
}

/// A text with its weights and, for each place, how good it is to cut there: at the beginning of a run of blanks, or
/// inside a word.
class Layout {
public:
    Layout(std::u32string_view text, TextUnit unit) : Layout(text, weigh(text, unit)) {}
    Layout(std::u32string_view text, Weights weights) : text_(text), urls_(std::move(weights.urls)), weight_before_(std::move(weights.sums))
    {
        cuts_.assign(text.size() + 1, Cut::none);
        mark_graphemes();
        unmark_whole_things();
        mark_blanks();
    }

    [[nodiscard]] std::size_t size() const { return text_.size(); }
    [[nodiscard]] std::u32string_view text() const { return text_; }
    [[nodiscard]] std::size_t weight(std::size_t begin, std::size_t end) const { return weight_before_[end] - weight_before_[begin]; }
    [[nodiscard]] Cut cut_at(std::size_t place) const { return cuts_[place]; }

    /// The last place of at least this kind in (begin, end].
    [[nodiscard]] std::optional<std::size_t> last_cut(std::size_t begin, std::size_t end, Cut at_least) const
    {
        for (auto place = end; place > begin; --place) {
            if (cuts_[place] >= at_least) return place;
        }
        return std::nullopt;
    }

    /// The furthest place up to which the text from `begin` weighs no more than `room`.
    [[nodiscard]] std::size_t reach(std::size_t begin, std::size_t room) const
    {
        const auto first = weight_before_.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto beyond = std::upper_bound(first, weight_before_.end(), weight_before_[begin] + room);
        return static_cast<std::size_t>(beyond - weight_before_.begin()) - 1;
    }

private:
    void mark_graphemes()
    {
        const auto utf16 =
            icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text_.data()), static_cast<std::int32_t>(text_.size()));
        UErrorCode status = U_ZERO_ERROR;
        const std::unique_ptr<icu::BreakIterator> breaks(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
        if (U_FAILURE(status)) return;
        breaks->setText(utf16);
        auto boundary = breaks->next();
        std::int32_t unit = 0; // of UTF-16, in which ICU counts
        for (std::size_t place = 0; place < text_.size(); ++place) {
            if (boundary == unit) {
                cuts_[place] = Cut::inside_word;
                boundary = breaks->next();
            }
            unit += text_[place] > 0xFFFF ? 2 : 1;
        }
    }

    void unmark(std::size_t begin, std::size_t end)
    {
        for (auto place = begin + 1; place < end; ++place) cuts_[place] = Cut::none;
    }

    void unmark_whole_things()
    {
        for (const auto& [begin, end] : urls_) unmark(begin, end);
        for (std::size_t at = 0; at < text_.size();) {
            auto end = at + 1;
            if (text_[at] == U'@' || text_[at] == U'#') {
                while (end < text_.size() && is_word_character(text_[end])) ++end;
            } else if (is_ascii_digit(text_[at])) {
                while (end < text_.size() && is_number_character(text_[end])) ++end;
                // "20GB", "50%", "30€": a unit without a blank.
                while (end < text_.size() && (is_ascii_letter(text_[end]) || text_[end] == U'%' || is_currency(text_[end]))) { ++end; }
            }
            unmark(at, end);
            at = end;
        }
    }

    void mark_blanks()
    {
        for (std::size_t at = 0; at < text_.size();) {
            if (!is_blank(text_[at])) {
                ++at;
                continue;
            }
            auto end = at;
            std::size_t line_breaks = 0;
            for (; end < text_.size() && is_blank(text_[end]); ++end) line_breaks += text_[end] == U'\n' ? 1U : 0U;
            unmark(at, end + 1);
            if (end < text_.size()) cuts_[end] = Cut::none;
            cuts_[at] = kind_of_blanks(at, end, line_breaks);
            at = end;
        }
    }

    [[nodiscard]] Cut kind_of_blanks(std::size_t begin, std::size_t end, std::size_t line_breaks) const
    {
        if (line_breaks >= 2) return Cut::paragraph;
        if (line_breaks == 1 || ends_sentence(begin, end)) return Cut::sentence;
        return joins_number_and_unit(begin, end) ? Cut::glued : Cut::word;
    }

    [[nodiscard]] bool ends_sentence(std::size_t begin, std::size_t end) const
    {
        auto last = begin;
        while (last > 0 && is_closing_mark(text_[last - 1])) --last;
        if (last == 0) return false;
        const auto mark = text_[last - 1];
        if (mark != U'.' && mark != U'!' && mark != U'?' && mark != U'…' && mark != U'。') return false;
        // "ecc. di", "n. 5": a full stop before a small letter or a digit mostly belongs to an abbreviation.
        const auto next = end < text_.size() ? text_[end] : U'\0';
        return mark != U'.' || (u_islower(static_cast<UChar32>(next)) == 0 && !is_ascii_digit(next));
    }

    static bool is_closing_mark(char32_t c) { return c == U')' || c == U'"' || c == U'»' || c == U'”' || c == U'’'; }

    /// "100 Mbit/s", "20 €", "€ 20", "06 1234": a number and what follows it, a currency sign and its number.
    [[nodiscard]] bool joins_number_and_unit(std::size_t begin, std::size_t end) const
    {
        if (begin == 0 || end >= text_.size()) return false;
        const auto before = text_[begin - 1];
        return is_ascii_digit(before) || (is_currency(before) && is_ascii_digit(text_[end]));
    }

    std::u32string_view text_;
    std::vector<PointSpan> urls_;
    std::vector<std::size_t> weight_before_;
    std::vector<Cut> cuts_;
};

/// Where the message that begins at `begin` ends. A better kind of place wins if the message is then not too short.
std::size_t choose_end(const Layout& layout, std::size_t begin, std::size_t room)
{
    const auto reach = layout.reach(begin, room);
    if (reach == layout.size()) return reach;
    const auto full_enough = layout.reach(begin, room / 3);
    if (const auto end = layout.last_cut(full_enough, reach, Cut::paragraph)) return *end;
    if (const auto end = layout.last_cut(full_enough, reach, Cut::sentence)) return *end;
    for (const auto kind : {Cut::word, Cut::glued, Cut::inside_word}) {
        if (const auto end = layout.last_cut(begin, reach, kind)) return *end;
    }
    // One link, number or cluster longer than a message: nothing is left but to cut it.
    return std::max(reach, begin + 1);
}

std::u32string_view drop_leading_blanks(std::u32string_view text)
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

/// Cuts `text` (not blank, no blanks at its ends) into pieces that weigh `room` at most.
std::vector<std::u32string> cut(std::u32string_view text, TextUnit unit, std::size_t room)
{
    std::vector<std::u32string> pieces;
    Layout layout(text, unit);
    std::size_t begin = 0;
    while (begin < layout.size()) {
        auto end = choose_end(layout, begin, room);
        const bool inside_word = end < layout.size() && layout.cut_at(end) <= Cut::inside_word;
        auto piece = layout.text().substr(begin, end - begin);
        // Half a word may become what the whole was not: "….example.it" of an overlong host is a link of 23 units.
        while (inside_word && piece.size() > 1 && weigh(piece, unit).sums.back() > room) piece.remove_suffix(1);
        pieces.emplace_back(piece);
        begin += piece.size();
        while (begin < layout.size() && is_blank(layout.text()[begin])) ++begin;
        if (inside_word) {
            layout = Layout(layout.text().substr(begin), unit);
            begin = 0;
        }
    }
    return pieces;
}

/// Units that " (k/n)" takes when n has so many digits.
std::size_t suffix_room(std::size_t digits)
{
    return 4 + 2 * digits;
}

std::vector<TextPart> number_parts(const std::vector<std::u32string>& pieces, TextUnit unit)
{
    std::vector<TextPart> parts;
    for (const auto& piece : pieces) {
        auto text = to_utf8(piece) + " (" + std::to_string(parts.size() + 1) + "/" + std::to_string(pieces.size()) + ")";
        const auto length = measure(text, unit);
        parts.push_back({std::move(text), length});
    }
    return parts;
}

std::string with_plain_line_ends(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool line_end = text[at] == '\r';
        if (line_end && at + 1 < text.size() && text[at + 1] == '\n') ++at;
        plain.push_back(line_end ? '\n' : text[at]);
    }
    return plain;
}

} // namespace

std::vector<TextPart> split(std::string_view text, const TextBudget& budget)
{
    const auto points = to_code_points(base::to_nfc(with_plain_line_ends(text)));
    auto whole = drop_leading_blanks(points);
    while (!whole.empty() && is_blank(whole.back())) whole.remove_suffix(1);
    if (whole.empty()) return {};
    if (const auto length = weigh(whole, budget.unit).sums.back(); length <= budget.limit) return {{to_utf8(whole), length}};
    std::size_t most = 9;
    for (std::size_t digits = 1;; ++digits, most = most * 10 + 9) {
        const auto pieces = cut(whole, budget.unit, budget.limit - suffix_room(digits));
        if (pieces.size() <= most) return number_parts(pieces, budget.unit);
    }
}

} // namespace sportello::domain
