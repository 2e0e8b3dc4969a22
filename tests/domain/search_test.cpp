#include <sportello/domain/search.hpp>

#include <sportello/base/text.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sportello::domain {
namespace {

std::string terms_of(std::string_view text, std::string_view names = "")
{
    return search_terms(text, names, {}, {"message", "tim", "tim-x"});
}

bool has_term(const std::string& terms, const std::string& term)
{
    return (" " + terms + " ").find(" " + term + " ") != std::string::npos;
}

/// What the database would do: every entry of `all` in one of its terms, none of `none`.
bool matches(const SearchMatch& match, const std::string& terms)
{
    const auto there = [&](const SearchTerm& term) {
        return term.prefix ? (" " + terms).find(" " + term.text) != std::string::npos : has_term(terms, term.text);
    };
    return std::ranges::all_of(match.all, [&](const auto& any) { return std::ranges::any_of(any, there); }) &&
           std::ranges::none_of(match.none, there);
}

bool finds(std::string_view typed, std::string_view text, std::string_view names = "")
{
    const auto query = parse_search(typed);
    if (query.empty()) return false;
    const std::string terms = terms_of(text, names);
    return matches(search_match(query, "message", {}, ""), terms) && search_score(query, terms).has_value();
}

TEST(Search, WordsAreFoldedAndKnowTheirPlace)
{
    const std::string text = "Perché l'ADSL non va? Ｆｉｂｒａ, È ½ #guasto_2 🙂 نص";
    std::vector<std::string> words;
    for (const auto& found : search_words(text)) {
        words.push_back(found.word);
        EXPECT_LT(found.begin, found.end);
        EXPECT_LE(found.end, text.size());
    }
    EXPECT_EQ(words, (std::vector<std::string>{"perche", "l", "adsl", "non", "va", "fibra", "e", "guasto", "2", "نص"}));
    const auto first = search_words(text).front();
    EXPECT_EQ(text.substr(first.begin, first.end - first.begin), "Perché");
}

TEST(Search, FormsOfAWordFindEachOtherInItalianAndEnglish)
{
    for (const auto& [typed, text] : std::vector<std::pair<std::string, std::string>>{
             {"guasto ", "tre guasti in via Roma"},
             {"guasti ", "c'è un guasto"},
             {"bollette ", "la bolletta è sbagliata"},
             {"citta ", "in tutta la città"},
             {"PERCHÉ ", "perche non risponde nessuno"},
             {"funzionando ", "il modem non funziona"},
             {"connections ", "my connection drops"},
             {"working ", "it has not worked since noon"},
             {"lines ", "the line is dead"},
             {"adsl ", "L'ADSL è lenta"},
             {"la fibra ", "fibra assente"}, // little words are not insisted on
             {"the ", "the end"},            // unless there are no others
         }) {
        EXPECT_TRUE(finds(typed, text)) << typed << " in " << text;
    }
    EXPECT_FALSE(finds("guasto ", "tutto gustoso"));
    EXPECT_FALSE(finds("modem rosso ", "il modem è spento"));
}

TEST(Search, BeginningsPhrasesAndWhatMustNotBeThere)
{
    EXPECT_TRUE(finds("inter*", "niente internet"));
    EXPECT_TRUE(finds("inter", "niente internet")) << "the last word may not be finished";
    EXPECT_FALSE(finds("inter ", "niente internet"));
    EXPECT_FALSE(finds("inter modem ", "internet e modem"));
    EXPECT_TRUE(finds("inter* modem ", "internet e modem"));
    EXPECT_TRUE(finds("\"luce rossa\"", "ha la luce rossa fissa"));
    EXPECT_FALSE(finds("\"luce rossa\"", "la luce non è rossa"));
    EXPECT_FALSE(finds("\"luce rossa\"", "rossa luce"));
    EXPECT_TRUE(finds("modem -fibra", "modem adsl"));
    EXPECT_FALSE(finds("modem -fibra", "modem fibra"));
    EXPECT_TRUE(finds("mara ", "la linea è morta", "Mara Rossi mara_r"));
    EXPECT_FALSE(finds("\"morta mara\"", "la linea è morta", "Mara Rossi")) << "a phrase does not go from a text into a name";
}

TEST(Search, NothingThatIsTypedIsAnError)
{
    for (const char* typed : {"",      " ",       "*",   "\"", "\"\"",    "-", "--", "-*", "AND",      "OR NOT",           "NEAR(a b)",
                              "a:b",   "col : x", "^a",  "(",  ")))",     "'", "\\", "%_", "\xff\xfe", "\xf0\x9f\x99\x82", "_1message",
                              "{a b}", "a\"b",    "\"a", "+a", "a AND (b"}) {
        const auto query = parse_search(typed);
        (void)search_score(query, terms_of("some text"));
        (void)search_snippet("some text", query);
    }
    EXPECT_TRUE(parse_search("***").empty());
    EXPECT_TRUE(parse_search("-fibra").empty()) << "only what must not be there";
    std::mt19937 engine(11);
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(engine() % limit); };
    for (int i = 0; i < 2'000; ++i) {
        std::string typed;
        for (auto n = below(40); n > 0; --n) typed += static_cast<char>(below(256));
        std::string text;
        for (auto n = below(300); n > 0; --n) text += below(4) == 0 ? ' ' : static_cast<char>('a' + below(4));
        const auto query = parse_search(typed);
        EXPECT_LE(query.wanted.size(), 12u);
        for (const auto& any : search_match(query, "message", {}, "").all) {
            for (const auto& term : any) EXPECT_EQ(term.text.find_first_of("\"' \\()*&|!:"), std::string::npos) << term.text;
        }
        const auto snippet = search_snippet(text, parse_search("a* b* \"a b\" cc"), 40);
        const auto points = base::count_code_points(snippet.text);
        EXPECT_LE(points, 42u);
        for (const auto& mark : snippet.marks) EXPECT_LE(mark.at + mark.length, points);
    }
}

TEST(Search, TheBetterAnswerHasMorePoints)
{
    const auto score = [](std::string_view typed, std::string_view text) {
        return search_score(parse_search(typed), terms_of(text)).value_or(-1);
    };
    EXPECT_GT(score("guasto ", "un guasto"), score("guasto ", "tre guasti")) << "the word itself before another form";
    EXPECT_GT(score("guasto ", "tre guasti"), score("gua", "il guado")) << "a form before a beginning";
    EXPECT_GT(score("luce rossa ", "la luce rossa"), score("luce rossa ", "rossa è la sola luce")) << "side by side before apart";
    EXPECT_GT(score("modem ", "modem modem"), score("modem ", "modem"));
}

TEST(Search, ASnippetShowsWhatWasFoundAndMarksIt)
{
    const std::string text =
        "Buongiorno, " + std::string(300, 'x') + " e adesso il modem ha la luce rossa è così da ieri, perché? " + std::string(300, 'y');
    const auto snippet = search_snippet(text, parse_search("luce rossa "));
    ASSERT_EQ(snippet.marks.size(), 2u);
    EXPECT_TRUE(snippet.text.starts_with("…") && snippet.text.ends_with("…")) << snippet.text;
    const auto marked = [&](const SearchSnippet::Mark& mark) { // all of ASCII but the first sign
        return snippet.text.substr(std::string("…").size() + mark.at - 1, mark.length);
    };
    EXPECT_EQ(marked(snippet.marks[0]), "luce");
    EXPECT_EQ(marked(snippet.marks[1]), "rossa");
    const auto whole = search_snippet("Perché è così", parse_search("cosi "));
    EXPECT_EQ(whole.text, "Perché è così");
    EXPECT_EQ(whole.marks, (std::vector<SearchSnippet::Mark>{{9, 4}}));
    EXPECT_TRUE(search_snippet("niente", parse_search("altro ")).marks.empty());
}

TEST(Search, WhatIsMaskedIsFoundAsAWholeOnly)
{
    const std::vector<std::string> secrets{"abc123"};
    const std::string terms = search_terms("chiamatemi al •••••", "", secrets, {"message", "tim", ""});
    const auto whole = parse_search("", secrets);
    EXPECT_TRUE(whole.has_secret());
    EXPECT_TRUE(matches(search_match(whole, "message", {}, ""), terms));
    for (const char* typed : {"abc", "abc123", "4abc", "_4abc123", "_4"}) {
        EXPECT_FALSE(matches(search_match(parse_search(typed), "message", {}, ""), terms)) << typed;
    }
}

TEST(Search, MarksKeepBrandsAndKindsApart)
{
    const std::string terms = terms_of("modem");
    const std::vector<std::string> ours{"tim"};
    const std::vector<std::string> others{"impresa"};
    EXPECT_TRUE(matches(search_match(parse_search("modem "), "message", ours, ""), terms));
    EXPECT_FALSE(matches(search_match(parse_search("modem "), "message", others, ""), terms));
    EXPECT_FALSE(matches(search_match(parse_search("modem "), "note", ours, ""), terms));
    EXPECT_TRUE(matches(search_match(parse_search("modem "), "message", ours, "tim-x"), terms));
    EXPECT_FALSE(matches(search_match(parse_search("modem "), "message", ours, "tim-facebook"), terms));
}

} // namespace
} // namespace sportello::domain
