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

struct BudgetCase {
    const char* name;
    std::string text;
    std::size_t length;
    friend void PrintTo(const BudgetCase& c, std::ostream* out) { *out << c.name; }
};
class WeightedLength : public testing::TestWithParam<BudgetCase> {};
TEST_P(WeightedLength, IsThatOfX)
{
    EXPECT_EQ(weighted_length(GetParam().text), GetParam().length);
}
INSTANTIATE_TEST_SUITE_P(
    Table, WeightedLength,
    testing::Values(
        BudgetCase{"Nothing", "", 0}, BudgetCase{"Letters", "Buongiorno", 10}, BudgetCase{"AccentsAreLight", "perché così", 11},
        BudgetCase{"NormalizedFirst", "perche\u0301", 6}, BudgetCase{"EuroIsHeavy", "20 €", 5}, BudgetCase{"QuotesAreLight", "“ciao”…", 8},
        BudgetCase{"Chinese", "故人西辞", 8}, BudgetCase{"Url", "vedi https://www.tim.it/assistenza/linea-fissa?x=1 ora", 32},
        BudgetCase{"ShortUrlCostsMore", "http://a.it", 23}, BudgetCase{"UrlWithoutScheme", "vai su tim.it", 30},
        BudgetCase{"UrlWithPathWithoutScheme", "tim.it/assistenza", 23}, BudgetCase{"HostInCapitals", "WWW.TIM.IT", 23},
        BudgetCase{"NotATopLevelDomain", "linea.assistenza", 16}, BudgetCase{"FullStopWithoutBlank", "Salve.Grazie", 12},
        BudgetCase{"MailIsNoUrl", "a@tim.it", 8}, BudgetCase{"AfterAtSign", "@tim.it", 7}, BudgetCase{"AfterDash", "-tim.it", 7},
        BudgetCase{"CommaAfterUrl", "tim.it, grazie", 31}, BudgetCase{"FullStopAfterUrl", "Vada su https://tim.it/a.", 32},
        BudgetCase{"ParenthesesInPath", "https://it.wikipedia.org/wiki/Telecom_(azienda)", 23},
        BudgetCase{"ParenthesisAroundUrl", "(https://tim.it/a)", 25}, BudgetCase{"Port", "http://tim.it:8080/x", 23},
        BudgetCase{"QueryOfSchemeless", "tim.it?x=1", 27}, BudgetCase{"NextLabelIsNoDomain", "tim.it-altro", 12},
        BudgetCase{"UnderscoreInSubdomain", "http://a_b.tim.it", 23}, BudgetCase{"UnderscoreInDomain", "http://a_b.it", 13},
        BudgetCase{"LabelOf63", "https://" + repeat("a", 63) + ".it", 23},
        BudgetCase{"LabelOf64", "https://" + repeat("a", 64) + ".it", 75}, BudgetCase{"Punycode", "http://xn--80ak6aa92e.xn--p1ai", 23},
        BudgetCase{"CyrillicHost", "http://пример.рф", 23}, BudgetCase{"ChineseBeforeHost", "网站example.com", 27},
        BudgetCase{"ShortLink", "https://t.co/abcDEF123/xyz", 27}, BudgetCase{"ShortLinkTooLong", "https://t.co/" + repeat("a", 41), 54},
        BudgetCase{"TwoUrls", "tim.it telecomitalia.com", 47}, BudgetCase{"Emoji", "😷", 2}, BudgetCase{"SkinTone", "🙋🏽", 2},
        BudgetCase{"Family", "👨‍👩‍👧‍👦", 2}, BudgetCase{"HeartWithStyle", "❤️", 2},
        BudgetCase{"HeartAsText", "❤︎", 4}, BudgetCase{"Keycap", "1️⃣", 2}, BudgetCase{"Flag", "🇮🇹", 2},
        BudgetCase{"NoFlag", "🇮🇮", 4}, BudgetCase{"Scotland", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2}, BudgetCase{"Copyright", "©", 1},
        BudgetCase{"CopyrightAsPicture", "©️", 2}, BudgetCase{"TradeMark", "™", 2}, BudgetCase{"Digit", "1", 1},
        BudgetCase{"NotJoinedByAnybody", "📱‍📱", 5}),
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
