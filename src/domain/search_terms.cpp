// What of a text stands in the index: its words, folded, and their stems.
#include "search_words.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/search.hpp>

#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <libstemmer.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sportello::domain {
namespace {

constexpr std::size_t longest_text = 65'536; // bytes of it that are searched
constexpr std::size_t longest_word = 60;     // bytes
constexpr std::size_t shortest_stemmed = 3;

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// Only letters and digits of ASCII remain of ASCII: a term has no blanks or signs, whatever a folding makes of a letter.
std::string term_of(std::string_view raw)
{
    std::string word =
        std::ranges::all_of(raw, [](char c) { return static_cast<unsigned char>(c) < 0x80; }) ? std::string(raw) : base::fold(raw);
    std::string term;
    for (const char c : word) {
        if (c >= 'A' && c <= 'Z') term += static_cast<char>(c - 'A' + 'a');
        else if (is_lower(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80) term += c;
    }
    if (term.size() > longest_word) { // between two characters
        std::size_t end = longest_word;
        while (end > 0 && (static_cast<unsigned char>(term[end]) & 0xC0) == 0x80) --end;
        term.resize(end);
    }
    return term;
}

/// One of Snowball's stemmers, which each thread has for itself.
class Stemmer {
public:
    explicit Stemmer(const char* language) : stemmer_(sb_stemmer_new(language, "UTF_8"), &sb_stemmer_delete)
    {
        if (!stemmer_) throw std::runtime_error(std::string("libstemmer has no stemmer for ") + language);
    }
    std::string operator()(std::string_view word) const
    {
        const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
        const sb_symbol* stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
        if (stem == nullptr) throw std::bad_alloc();
        return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
    }

private:
    std::unique_ptr<sb_stemmer, decltype(&sb_stemmer_delete)> stemmer_;
};

void append(std::string& terms, std::string_view term)
{
    if (!terms.empty()) terms += ' ';
    terms += term;
}

void append_words(std::string& terms, std::string_view text)
{
    for (const SearchWord& found : search_words(text)) {
        append(terms, found.word);
        for (const std::string& stem : search_stems(found.word)) append(terms, stem);
    }
}

} // namespace

std::vector<SearchWord> search_words(std::string_view text, std::size_t most)
{
    std::vector<SearchWord> words;
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    const auto length = static_cast<int32_t>(std::min(text.size(), longest_text));
    int32_t begin = -1;
    for (int32_t at = 0; at <= length && words.size() < most;) {
        const int32_t from = at;
        UChar32 c = -1;
        if (at < length) U8_NEXT(bytes, at, length, c);
        else ++at;
        const bool letter = c >= 0 && (u_isalnum(c) || (begin >= 0 && u_charType(c) == U_NON_SPACING_MARK));
        if (letter && begin < 0) begin = from;
        if (letter || begin < 0) continue;
        std::string word = term_of(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(from - begin)));
        if (!word.empty()) words.push_back({std::move(word), static_cast<std::size_t>(begin), static_cast<std::size_t>(from)});
        begin = -1;
    }
    return words;
}

std::vector<std::string> search_stems(std::string_view word)
{
    std::vector<std::string> stems;
    if (word.size() < shortest_stemmed || !std::ranges::all_of(word, is_lower)) return stems;
    thread_local const Stemmer stemmers[] = {Stemmer("italian"), Stemmer("english")};
    for (const Stemmer& stem_of : stemmers) {
        const std::string stem = stem_of(word);
        if (stem.empty() || stem == word) continue;
        std::string term = "_" + stem;
        if (std::ranges::find(stems, term) == stems.end()) stems.push_back(std::move(term));
    }
    return stems;
}

std::string search_mark(char kind, std::string_view value)
{
    std::string mark{'_', kind};
    for (const char c : value) {
        if (c >= 'A' && c <= 'Z') mark += static_cast<char>(c - 'A' + 'a');
        else mark += is_lower(c) || is_digit(c) ? c : '-';
    }
    return mark;
}

std::string search_terms(std::string_view text, std::string_view names, std::span<const std::string> secrets, const SearchMarks& marks)
{
    std::string terms;
    terms.reserve(text.size() * 2 + 64);
    append_words(terms, text);
    append(terms, search_mark(names_begin, ""));
    append_words(terms, names);
    for (const std::string& secret : secrets) append(terms, search_mark(secret_mark, secret));
    append(terms, search_mark(kind_mark, marks.kind));
    if (!marks.brand.empty()) append(terms, search_mark(brand_mark, marks.brand));
    if (!marks.channel.empty()) append(terms, search_mark(channel_mark, marks.channel));
    return terms;
}

} // namespace sportello::domain
