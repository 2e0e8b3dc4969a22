#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Full-text search, as far as it is the same for every database: what of a text stands in the index, what a person's
/// words ask for, how well a text answers them, and what of it is shown. The database only finds the newest documents that
/// hold certain terms.
namespace sportello::domain {

/// A word of a text: runs of letters and digits, in lower case and without accents ("Perché" is "perche").
struct SearchWord {
    std::string word;
    std::size_t begin = 0; ///< first byte in the text
    std::size_t end = 0;   ///< behind its last byte
};
/// The first `most` words of any text; what is not UTF-8 separates words.
[[nodiscard]] std::vector<SearchWord> search_words(std::string_view text, std::size_t most = 2'000);

/// Italian and English stems of a folded word that differ from it, each with "_" in front. None for what has digits.
[[nodiscard]] std::vector<std::string> search_stems(std::string_view word);

/// What a document is besides its words.
struct SearchMarks {
    std::string_view kind;    ///< "message"
    std::string_view brand;   ///< empty: of none
    std::string_view channel; ///< empty: of none
};
/// The document as the index has it: terms with a blank between, each word followed by its stems, then the names (of who
/// wrote it), then `secrets` (digests of the personal data in it, which are found as a whole only), then marks. `text` is
/// the masked one: what is masked cannot be guessed letter by letter.
[[nodiscard]] std::string search_terms(std::string_view text, std::string_view names, std::span<const std::string> secrets,
                                       const SearchMarks& marks);

struct SearchTerm {
    std::string text;
    bool prefix = false; ///< also what begins so
    friend bool operator==(const SearchTerm&, const SearchTerm&) = default;
};
/// One thing asked for: a word in one of its forms.
struct SearchWanted {
    std::string word; ///< folded; empty for a secret
    std::vector<SearchTerm> any;
    bool prefix = false;
    bool common = false; ///< a little word ("la", "the"): counts, but is not insisted on
    bool secret = false; ///< personal data: only for who may see it
};
struct SearchQuery {
    std::vector<SearchWanted> wanted;
    std::vector<SearchWanted> excluded;
    std::vector<std::vector<std::size_t>> phrases; ///< places in `wanted` that stand side by side
    /// Nothing that could be found.
    [[nodiscard]] bool empty() const { return wanted.empty(); }
    [[nodiscard]] bool has_secret() const;
};
/// Reads what a person typed. Words are all to be there, in any form; "several words" in quotes stand side by side; -word
/// must not be there; word* is a beginning, and so is the last word of two letters or more. Everything else separates
/// words: no text is an error. The first 12 words count.
/// @param secrets  digests of the personal data that was typed, which is no longer in `text`
[[nodiscard]] SearchQuery parse_search(std::string_view text, std::span<const std::string> secrets = {});

/// What the database is asked for: every entry of `all` in one of its terms, none of `none`.
struct SearchMatch {
    std::vector<std::vector<SearchTerm>> all;
    std::vector<SearchTerm> none;
};
/// @param channel  empty: any
/// @param brands   none: any
[[nodiscard]] SearchMatch search_match(const SearchQuery& query, std::string_view kind, std::span<const std::string> brands,
                                       std::string_view channel);

/// How well a document answers, from its terms; more is better. Nothing when a phrase is not in it.
[[nodiscard]] std::optional<int> search_score(const SearchQuery& query, std::string_view terms);

/// A piece of a text with what was found in it.
struct SearchSnippet {
    struct Mark {
        std::size_t at = 0;     ///< in code points of `text`
        std::size_t length = 0; ///< in code points
        friend bool operator==(const Mark&, const Mark&) = default;
    };
    std::string text; ///< plain text, with "…" where something was cut
    std::vector<Mark> marks;
};
/// About `length` code points around the most words that were asked for.
/// @param text  as the reader may see it
[[nodiscard]] SearchSnippet search_snippet(std::string_view text, const SearchQuery& query, std::size_t length = 160);

} // namespace sportello::domain
