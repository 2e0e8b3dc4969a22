#include <sportello/domain/text_budget.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace sportello::domain {
namespace {

std::string repeat(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

struct Case {
    const char* name;
    std::string text;
    std::size_t length;
    friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};
class WeightedLength : public testing::TestWithParam<Case> {};
TEST_P(WeightedLength, IsThatOfX)
{
    EXPECT_EQ(weighted_length(GetParam().text), GetParam().length);
}
INSTANTIATE_TEST_SUITE_P(
    Table, WeightedLength,
    testing::Values(Case{"Nothing", "", 0}, Case{"Letters", "Buongiorno", 10}, Case{"AccentsAreLight", "perché così", 11},
                    Case{"NormalizedFirst", "perche\u0301", 6}, Case{"EuroIsHeavy", "20 €", 5}, Case{"QuotesAreLight", "“ciao”…", 8},
                    Case{"Chinese", "故人西辞", 8}, Case{"Url", "vedi https://www.tim.it/assistenza/linea-fissa?x=1 ora", 32},
                    Case{"ShortUrlCostsMore", "http://a.it", 23}, Case{"UrlWithoutScheme", "vai su tim.it", 30},
                    Case{"UrlWithPathWithoutScheme", "tim.it/assistenza", 23}, Case{"HostInCapitals", "WWW.TIM.IT", 23},
                    Case{"NotATopLevelDomain", "linea.assistenza", 16}, Case{"FullStopWithoutBlank", "Salve.Grazie", 12},
                    Case{"MailIsNoUrl", "a@tim.it", 8}, Case{"AfterAtSign", "@tim.it", 7}, Case{"AfterDash", "-tim.it", 7},
                    Case{"CommaAfterUrl", "tim.it, grazie", 31}, Case{"FullStopAfterUrl", "Vada su https://tim.it/a.", 32},
                    Case{"ParenthesesInPath", "https://it.wikipedia.org/wiki/Telecom_(azienda)", 23},
                    Case{"ParenthesisAroundUrl", "(https://tim.it/a)", 25}, Case{"Port", "http://tim.it:8080/x", 23},
                    Case{"QueryOfSchemeless", "tim.it?x=1", 27}, Case{"NextLabelIsNoDomain", "tim.it-altro", 12},
                    Case{"UnderscoreInSubdomain", "http://a_b.tim.it", 23}, Case{"UnderscoreInDomain", "http://a_b.it", 13},
                    Case{"LabelOf63", "https://" + repeat("a", 63) + ".it", 23},
                    Case{"LabelOf64", "https://" + repeat("a", 64) + ".it", 75}, Case{"Punycode", "http://xn--80ak6aa92e.xn--p1ai", 23},
                    Case{"CyrillicHost", "http://пример.рф", 23}, Case{"ChineseBeforeHost", "网站example.com", 27},
                    Case{"ShortLink", "https://t.co/abcDEF123/xyz", 27}, Case{"ShortLinkTooLong", "https://t.co/" + repeat("a", 41), 54},
                    Case{"TwoUrls", "tim.it telecomitalia.com", 47}, Case{"Emoji", "😷", 2}, Case{"SkinTone", "🙋🏽", 2},
                    Case{"Family", "👨‍👩‍👧‍👦", 2}, Case{"HeartWithStyle", "❤️", 2}, Case{"HeartAsText", "❤︎", 4},
                    Case{"Keycap", "1️⃣", 2}, Case{"Flag", "🇮🇹", 2}, Case{"NoFlag", "🇮🇮", 4},
                    Case{"Scotland", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2}, Case{"Copyright", "©", 1}, Case{"CopyrightAsPicture", "©️", 2},
                    Case{"TradeMark", "™", 2}, Case{"Digit", "1", 1}, Case{"NotJoinedByAnybody", "📱‍📱", 5}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(WeightedLengthOfReplies, LeavesLeadingMentionsOutWhenTheyAreFree)
{
    EXPECT_EQ(weighted_length("@anna @tim_official ciao", LeadingMentions::free), 4U);
    EXPECT_EQ(weighted_length("@anna @tim_official ciao", LeadingMentions::count), 24U);
    EXPECT_EQ(weighted_length("ciao @anna", LeadingMentions::free), 10U);
    EXPECT_EQ(weighted_length("@anna, ciao", LeadingMentions::free), 11U);
}

TEST(WeightedLength, StaysFastOnHostileText)
{
    for (const auto* piece : {"a.", "a_b.", "a.com_", "a.网.", "http://a.", "http://", "(", "x.com/((", "👩‍", "é.é", "a-.", "1.it?"}) {
        const auto text = repeat(piece, 12'000);
        EXPECT_GT(weighted_length(text), 0U) << piece;
    }
}

TEST(FindUrls, GivesBytes)
{
    const std::string text = "Più info: https://tim.it/a, o “tim.it”";
    const auto urls = find_urls(text);
    ASSERT_EQ(urls.size(), 2U);
    EXPECT_EQ(text.substr(urls[0].begin, urls[0].end - urls[0].begin), "https://tim.it/a");
    EXPECT_EQ(text.substr(urls[1].begin, urls[1].end - urls[1].begin), "tim.it");
}

std::filesystem::path published_vectors()
{
    const auto* given = std::getenv("SPORTELLO_SHARED");
    const auto shared = given != nullptr ? std::filesystem::path(given) : std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared";
    return shared / "reference/x/twitter-text-v3.json";
}

TEST(WeightedLength, AgreesWithThePublishedVectors)
{
    std::ifstream file(published_vectors());
    if (!file) GTEST_SKIP() << "no published vectors at " << published_vectors();
    const auto vectors = nlohmann::json::parse(file).at("v3");
    ASSERT_GE(vectors.size(), 20U);
    for (const auto& vector : vectors) {
        const auto text = vector.at("text").get<std::string>();
        EXPECT_EQ(weighted_length(text), vector.at("weightedLength").get<std::size_t>()) << vector.at("description");
    }
}

TEST(Budget, IsThatOfThePlatform)
{
    EXPECT_EQ(budget_for(Platform::twitter, Visibility::public_), (TextBudget{TextUnit::weighted, 280, true}));
    EXPECT_EQ(budget_for(Platform::twitter, Visibility::public_, 4'000).limit, 4'000U);
    EXPECT_EQ(budget_for(Platform::twitter, Visibility::public_, 99'000).limit, 25'000U);
    EXPECT_EQ(budget_for(Platform::twitter, Visibility::private_), (TextBudget{TextUnit::code_points, 10'000, true}));
    EXPECT_EQ(budget_for(Platform::facebook, Visibility::public_), (TextBudget{TextUnit::code_points, 8'000, false}));
    EXPECT_EQ(budget_for(Platform::facebook, Visibility::private_), (TextBudget{TextUnit::code_points, 1'999, true}));
}

TEST(Measure, CountsCodePointsAfterNormalizing)
{
    EXPECT_EQ(measure("perche\u0301 😷", TextUnit::code_points), 8U);
    EXPECT_EQ(measure("tim.it", TextUnit::code_points), 6U);
    EXPECT_EQ(measure("tim.it", TextUnit::weighted), 23U);
}

} // namespace
} // namespace sportello::domain
