// What a person asks for, and how well a document answers.
#include "search_words.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/search.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace sportello::domain {
namespace {

constexpr std::size_t most_words = 12;
constexpr std::size_t shortest_prefix = 2; // bytes; a shorter one would be half of all documents

// What people type without meaning it. Sorted.
constexpr std::array<std::string_view, 108> common_words{
    "a",   "ad",   "agli",  "ai",    "al",  "alla",  "alle",  "allo", "am",   "an",     "anche",  "and",   "are",  "as",
    "at",  "be",   "but",   "by",    "c",   "che",   "chi",   "ci",   "come", "con",    "cui",    "d",     "da",   "dagli",
    "dai", "dal",  "dalla", "dalle", "de",  "degli", "dei",   "del",  "dell", "della",  "delle",  "dello", "di",   "do",
    "e",   "ed",   "for",   "from",  "gli", "ha",    "has",   "have", "ho",   "i",      "il",     "in",    "is",   "it",
    "its", "l",    "la",    "le",    "li",  "lo",    "ma",    "me",   "mi",   "mia",    "mio",    "my",    "ne",   "negli",
    "nei", "nel",  "nella", "nelle", "o",   "of",    "on",    "or",   "per",  "quella", "quello", "s",     "se",   "si",
    "so",  "sono", "su",    "sua",   "sui", "sul",   "sulla", "suo",  "t",    "that",   "the",    "their", "this", "ti",
    "to",  "tra",  "tu",    "un",    "una", "uno",   "vi",    "was",  "we",   "with"};

bool is_common(std::string_view word)
{
    return std::ranges::binary_search(common_words, word);
}

void add_term(std::vector<SearchTerm>& any, std::string text, bool prefix = false)
{
    SearchTerm term{std::move(text), prefix};
    if (std::ranges::find(any, term) == any.end()) any.push_back(std::move(term));
}

/// A word in all its forms. A word that is its own stem stands in the index only once: so the bare stem is asked for too.
SearchWanted wanted_of(const std::string& word, bool prefix)
{
    SearchWanted wanted;
    wanted.word = word;
    wanted.prefix = prefix && word.size() >= shortest_prefix;
    wanted.common = is_common(word) && !wanted.prefix;
    add_term(wanted.any, word, wanted.prefix);
    for (const std::string& stem : search_stems(word)) {
        add_term(wanted.any, stem);
        add_term(wanted.any, stem.substr(1));
    }
    if (std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; }) && word.size() > 2) add_term(wanted.any, "_" + word);
    return wanted;
}

/// Reads a query piece by piece.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    SearchQuery read()
    {
        while (at_ < text_.size()) {
            if (text_[at_] == '"') quoted();
            else if (is_blank(text_[at_])) ++at_;
            else plain();
        }
        finish_last();
        return std::move(query_);
    }

private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    [[nodiscard]] bool full() const { return query_.wanted.size() + query_.excluded.size() >= most_words; }

    void quoted()
    {
        const auto end = std::min(text_.find('"', at_ + 1), text_.size());
        std::vector<std::size_t> phrase;
        for (const SearchWord& found : search_words(text_.substr(at_ + 1, end - at_ - 1), most_words)) {
            if (full()) break;
            phrase.push_back(query_.wanted.size());
            query_.wanted.push_back(wanted_of(found.word, false));
        }
        if (phrase.size() > 1) query_.phrases.push_back(std::move(phrase));
        last_.reset();
        at_ = std::min(end + 1, text_.size());
    }

    void plain()
    {
        std::size_t end = at_;
        while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '"') ++end;
        std::string_view piece = text_.substr(at_, end - at_);
        at_ = end;
        const bool excluded = piece.size() > 1 && piece.front() == '-';
        const bool prefix = piece.back() == '*';
        const auto words = search_words(piece, most_words);
        for (std::size_t i = 0; i < words.size() && !full(); ++i) {
            const bool is_last = i + 1 == words.size();
            auto& into = excluded ? query_.excluded : query_.wanted;
            into.push_back(wanted_of(words[i].word, prefix && is_last));
            last_ = excluded ? std::nullopt : std::optional(query_.wanted.size() - 1);
        }
    }

    /// What is being typed may not be finished.
    void finish_last()
    {
        if (!last_ || query_.wanted[*last_].prefix || is_blank_at_end()) return;
        query_.wanted[*last_] = wanted_of(query_.wanted[*last_].word, true);
    }
    [[nodiscard]] bool is_blank_at_end() const { return !text_.empty() && is_blank(text_.back()); }

    std::string_view text_;
    std::size_t at_ = 0;
    SearchQuery query_;
    std::optional<std::size_t> last_;
};

enum class Fit { none, prefix, stem, exact };

/// How a term of a document fits what is wanted.
Fit fit_of(const SearchWanted& wanted, std::string_view term)
{
    if (term == wanted.word) return Fit::exact;
    if (wanted.prefix && term.starts_with(wanted.word)) return Fit::prefix;
    const auto same = [&](const SearchTerm& one) { return one.text == term; };
    return std::ranges::any_of(wanted.any, same) ? Fit::stem : Fit::none;
}

int points_of(Fit fit)
{
    switch (fit) {
    case Fit::exact:
        return 100;
    case Fit::stem:
        return 70;
    case Fit::prefix:
        return 50;
    case Fit::none:
        break;
    }
    return 0;
}

/// Where in a document something that is wanted stands.
struct Found {
    Fit best = Fit::none;
    std::vector<std::size_t> places;
    void see(Fit fit, std::size_t place)
    {
        if (fit == Fit::none) return;
        best = std::max(best, fit);
        if (places.empty() || places.back() != place) places.push_back(place);
    }
    [[nodiscard]] bool stands_at(std::size_t place) const { return std::ranges::binary_search(places, place); }
};

struct Read {
    std::vector<Found> found; ///< by place in `wanted`
    std::size_t words = 0;
};

/// The words of the text are counted from 0; the names begin far behind them, so that no phrase goes over.
Read read_terms(const SearchQuery& query, std::string_view terms)
{
    Read read;
    read.found.resize(query.wanted.size());
    const std::string names = search_mark(names_begin, "");
    std::size_t place = 0;
    std::size_t shift = 0;
    bool first = true;
    while (!terms.empty()) {
        const auto end = std::min(terms.find(' '), terms.size());
        const std::string_view term = terms.substr(0, end);
        terms.remove_prefix(std::min(end + 1, terms.size()));
        if (term == names) {
            shift = 1'000'000;
            continue;
        }
        if (term.empty()) continue;
        if (term.front() != '_') {
            if (!first) ++place;
            first = false;
            read.words += shift == 0;
        }
        for (std::size_t i = 0; i < query.wanted.size(); ++i) read.found[i].see(fit_of(query.wanted[i], term), place + shift);
    }
    return read;
}

bool holds_phrase(const Read& read, const std::vector<std::size_t>& phrase)
{
    return std::ranges::any_of(read.found[phrase.front()].places, [&](std::size_t begin) {
        for (std::size_t i = 1; i < phrase.size(); ++i) {
            if (!read.found[phrase[i]].stands_at(begin + i)) return false;
        }
        return true;
    });
}

bool side_by_side(const Found& a, const Found& b)
{
    return std::ranges::any_of(a.places, [&](std::size_t place) { return b.stands_at(place + 1); });
}

} // namespace

bool SearchQuery::has_secret() const
{
    return std::ranges::any_of(wanted, [](const SearchWanted& one) { return one.secret; });
}

SearchQuery parse_search(std::string_view text, std::span<const std::string> secrets)
{
    SearchQuery query = Reader(text).read();
    for (const std::string& secret : secrets) {
        SearchWanted wanted;
        wanted.secret = true;
        wanted.any.push_back({search_mark(secret_mark, secret), false});
        query.wanted.push_back(std::move(wanted));
    }
    if (std::ranges::all_of(query.wanted, [](const SearchWanted& one) { return one.common; })) {
        for (SearchWanted& one : query.wanted) one.common = false;
    }
    return query;
}

SearchMatch search_match(const SearchQuery& query, std::string_view kind, std::span<const std::string> brands, std::string_view channel)
{
    SearchMatch match;
    for (const SearchWanted& wanted : query.wanted) {
        if (!wanted.common) match.all.push_back(wanted.any);
    }
    for (const SearchWanted& excluded : query.excluded) match.none.insert(match.none.end(), excluded.any.begin(), excluded.any.end());
    match.all.push_back({{search_mark(kind_mark, kind), false}});
    if (!channel.empty()) {
        match.all.push_back({{search_mark(channel_mark, channel), false}});
    } else if (!brands.empty()) {
        std::vector<SearchTerm> any;
        for (const std::string& brand : brands) any.push_back({search_mark(brand_mark, brand), false});
        match.all.push_back(std::move(any));
    }
    return match;
}

std::optional<int> search_score(const SearchQuery& query, std::string_view terms)
{
    const Read read = read_terms(query, terms);
    for (const auto& phrase : query.phrases) {
        if (!holds_phrase(read, phrase)) return std::nullopt;
    }
    int score = 0;
    for (std::size_t i = 0; i < query.wanted.size(); ++i) {
        const Found& found = read.found[i];
        const int repeats = static_cast<int>(std::min<std::size_t>(found.places.size(), 4));
        int points = points_of(found.best) + 10 * std::max(0, repeats - 1);
        if (query.wanted[i].common) points /= 10;
        score += points;
        if (i > 0 && side_by_side(read.found[i - 1], found)) score += 40;
    }
    return score + 40 / (1 + static_cast<int>(read.words) / 20); // a short text is about what it says
}

SearchSnippet search_snippet(std::string_view text, const SearchQuery& query, std::size_t length)
{
    struct Hit {
        std::size_t begin, end, wanted;
    };
    std::vector<Hit> hits;
    for (const SearchWord& word : search_words(text)) {
        for (std::size_t i = 0; i < query.wanted.size(); ++i) {
            if (query.wanted[i].secret || query.wanted[i].common) continue;
            bool fits = fit_of(query.wanted[i], word.word) != Fit::none;
            for (const std::string& stem : search_stems(word.word)) fits = fits || fit_of(query.wanted[i], stem) != Fit::none;
            if (!fits) continue;
            hits.push_back({word.begin, word.end, i});
            break;
        }
    }
    const auto is_lead = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80; };
    // The window: from a little before the hit after which the most different words follow.
    std::size_t start = 0;
    std::size_t best = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        std::vector<std::size_t> seen;
        for (std::size_t j = i; j < hits.size() && hits[j].end - hits[i].begin < length; ++j) {
            if (std::ranges::find(seen, hits[j].wanted) == seen.end()) seen.push_back(hits[j].wanted);
        }
        if (seen.size() > best) {
            best = seen.size();
            start = hits[i].begin;
        }
    }
    const std::size_t points = base::count_code_points(text);
    std::size_t lead = points > length ? length / 4 : points;
    while (start > 0 && lead > 0) {
        --start;
        if (is_lead(start)) --lead;
    }
    if (start > 0) { // at a word's beginning
        const auto blank = text.find(' ', start);
        const std::size_t limit = hits.empty() ? text.size() : hits.front().begin;
        if (blank != std::string_view::npos && blank < std::max(limit, start) + length / 4) {
            const bool over_hit = std::ranges::any_of(hits, [&](const Hit& hit) { return hit.begin >= start && hit.begin <= blank; });
            if (!over_hit) start = blank + 1;
        }
        while (start < text.size() && !is_lead(start)) ++start;
    }
    std::size_t end = start;
    for (std::size_t count = 0; end < text.size(); ++end) {
        if (is_lead(end) && count++ == length) break;
    }
    SearchSnippet snippet;
    if (start > 0) snippet.text = "…";
    const std::size_t before = start > 0 ? 1 : 0;
    snippet.text += text.substr(start, end - start);
    if (end < text.size()) snippet.text += "…";
    for (const Hit& hit : hits) {
        if (hit.begin < start || hit.end > end) continue;
        snippet.marks.push_back({before + base::count_code_points(text.substr(start, hit.begin - start)),
                                 base::count_code_points(text.substr(hit.begin, hit.end - hit.begin))});
    }
    return snippet;
}

} // namespace sportello::domain
