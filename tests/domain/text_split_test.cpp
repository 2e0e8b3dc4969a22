#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>

#include <gtest/gtest.h>

#include <random>

namespace sportello::domain {
namespace {

constexpr TextBudget forty{TextUnit::weighted, 40, true};

std::vector<std::string> texts(const std::vector<TextPart>& parts)
{
    std::vector<std::string> all;
    for (const auto& part : parts) all.push_back(part.text);
    return all;
}

using Texts = std::vector<std::string>;

TEST(Split, LeavesWhatFitsAlone)
{
    EXPECT_EQ(texts(split("  Buongiorno, verifichiamo.\r\nGrazie ", forty)), Texts{"Buongiorno, verifichiamo.\nGrazie"});
    EXPECT_TRUE(split(" \n ", forty).empty());
    EXPECT_EQ(split("Perche\u0301", forty)[0].length, 6U);
}

TEST(Split, CutsAfterAParagraphFirst)
{
    EXPECT_EQ(texts(split("Buongiorno Anna.\n\nIl guasto è noto. Stiamo lavorando.", forty)),
              (Texts{"Buongiorno Anna. (1/3)", "Il guasto è noto. (2/3)", "Stiamo lavorando. (3/3)"}));
}

TEST(Split, CutsAfterASentenceThen)
{
    EXPECT_EQ(texts(split("Il guasto è noto. Stiamo lavorando per voi ora.", forty)),
              (Texts{"Il guasto è noto. (1/2)", "Stiamo lavorando per voi ora. (2/2)"}));
}

TEST(Split, CutsAfterAWordElse)
{
    EXPECT_EQ(texts(split("il guasto che ci segnala è noto e lo stiamo risolvendo", forty)),
              (Texts{"il guasto che ci segnala è noto e (1/2)", "lo stiamo risolvendo (2/2)"}));
}

TEST(Split, KeepsLinksMentionsAndNumbersWithUnitsWhole)
{
    EXPECT_EQ(texts(split("la velocità minima garantita è 20 Mbit/s per lei", forty)),
              (Texts{"la velocità minima garantita è (1/2)", "20 Mbit/s per lei (2/2)"}));
    EXPECT_EQ(texts(split("il costo mensile della linea è 30 € al mese", forty)),
              (Texts{"il costo mensile della linea è (1/2)", "30 € al mese (2/2)"}));
    EXPECT_EQ(texts(split("trova tutto qui https://www.tim.it/assistenza/guasti/adsl grazie", forty)),
              (Texts{"trova tutto qui (1/2)", "https://www.tim.it/assistenza/guasti/adsl grazie (2/2)"}));
}

TEST(Split, DoesNotTakeAnAbbreviationForASentence)
{
    EXPECT_EQ(texts(split("la pratica risulta la n. 4711 del registro aperto", forty)),
              (Texts{"la pratica risulta la n. 4711 del (1/2)", "registro aperto (2/2)"}));
}

TEST(Split, CutsAWordOnlyWhenItFitsNoMessage)
{
    const auto parts = split("ecco " + std::string(60, 'x'), forty);
    EXPECT_EQ(texts(parts), (Texts{"ecco (1/3)", std::string(34, 'x') + " (2/3)", std::string(26, 'x') + " (3/3)"}));
}

TEST(Split, NeverCutsAPicture)
{
    std::string row;
    for (int i = 0; i < 30; ++i) row += "👨‍👩‍👧‍👦";
    for (const auto& part : split(row, forty)) {
        EXPECT_LE(part.length, 40U);
        EXPECT_EQ(part.text.rfind("👨", 0), 0U) << part.text;
    }
}

TEST(Split, ReservesEightUnitsFromTenParts)
{
    std::string text;
    for (int i = 0; i < 60; ++i) text += "parola ";
    const auto parts = split(text, forty);
    ASSERT_GE(parts.size(), 10U);
    EXPECT_EQ(parts[0].text, "parola parola parola parola (1/" + std::to_string(parts.size()) + ")");
}

// Random text of everything that matters to the cut.
std::string random_text(std::mt19937_64& random)
{
    static const std::vector<std::string> words{"guasto",
                                                "linea",
                                                "è",
                                                "perché",
                                                "tim.it",
                                                "https://www.tim.it/a/b?c=d",
                                                "@anna_rossi",
                                                "#adsl",
                                                "20",
                                                "Mbit/s",
                                                "30",
                                                "€",
                                                "😷",
                                                "👨‍👩‍👧‍👦",
                                                "故人西辞黄鹤楼",
                                                "fine.",
                                                "Davvero?",
                                                "n.",
                                                "06",
                                                "1234",
                                                "a",
                                                "l'operatore",
                                                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                                "e\u0301",
                                                "(1/2)",
                                                "1.234,50",
                                                "€20",
                                                "verifichiamo"};
    static const std::vector<std::string> blanks{" ", " ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\u00A0"};
    std::string text;
    for (auto count = 1 + random() % 120; count > 0; --count) {
        text += words[random() % words.size()];
        text += blanks[random() % blanks.size()];
        if (random() % 40 == 0) text += std::string(random() % 90, 'y') + ".";
    }
    return text;
}

std::string without_blanks(std::string_view text)
{
    std::string rest;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "\u00A0") {
            ++at;
        } else if (text[at] != ' ' && text[at] != '\r' && text[at] != '\n') {
            rest.push_back(text[at]);
        }
    }
    return rest;
}

std::string without_number(const std::string& part, std::size_t number, std::size_t count)
{
    const auto suffix = " (" + std::to_string(number) + "/" + std::to_string(count) + ")";
    EXPECT_TRUE(part.ends_with(suffix)) << part;
    return part.substr(0, part.size() - suffix.size());
}

TEST(Split, NoPartIsOverNoWordIsLostAndTheAnswerIsStable)
{
    std::mt19937_64 random(1);
    for (int round = 0; round < 400; ++round) {
        const auto text = random_text(random);
        const auto unit = round % 2 == 0 ? TextUnit::weighted : TextUnit::code_points;
        const TextBudget budget{unit, 40 + random() % 250, true};
        const auto parts = split(text, budget);
        ASSERT_EQ(texts(split(text, budget)), texts(parts));
        std::string joined;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            ASSERT_LE(parts[i].length, budget.limit) << parts[i].text;
            ASSERT_EQ(parts[i].length, measure(parts[i].text, unit)) << parts[i].text;
            joined += parts.size() == 1 ? parts[i].text : without_number(parts[i].text, i + 1, parts.size());
        }
        ASSERT_EQ(without_blanks(joined), without_blanks(base::to_nfc(text)));
        if (parts.size() > 1) { ASSERT_GT(measure(text, unit), budget.limit) << text; }
    }
}

TEST(Split, EveryLinkOfTheTextStandsWholeInOnePart)
{
    std::mt19937_64 random(2);
    for (int round = 0; round < 200; ++round) {
        const auto text = base::to_nfc(random_text(random));
        std::size_t links = 0;
        for (const auto& part : split(text, TextBudget{TextUnit::weighted, 120, true})) {
            for (auto at = part.text.find("https://"); at != std::string::npos; at = part.text.find("https://", at + 1)) {
                ASSERT_EQ(part.text.substr(at, 26), "https://www.tim.it/a/b?c=d");
                ++links;
            }
        }
        std::size_t expected = 0;
        for (auto at = text.find("https://"); at != std::string::npos; at = text.find("https://", at + 1)) ++expected;
        ASSERT_EQ(links, expected);
    }
}

TEST(Split, ALongTextIsQuick)
{
    std::string text;
    while (text.size() < 25'000) text += "Il guasto è noto e lo risolviamo, vedi tim.it per 20 Mbit/s. ";
    const auto parts = split(text, budget_for(Platform::twitter, Visibility::public_));
    EXPECT_GT(parts.size(), 80U);
    EXPECT_GT(split(std::string(25'000, 'x'), budget_for(Platform::twitter, Visibility::public_)).size(), 80U);
}

} // namespace
} // namespace sportello::domain
