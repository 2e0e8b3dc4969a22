#include "scripted_transport.hpp"
#include "twitter/ids.hpp"
#include "twitter/oauth1.hpp"
#include "twitter/text.hpp"

namespace sportello::connectors::twitter {
namespace {

using test::at;

struct TextCase {
    const char* name;
    const char* text;
    Json urls;
    const char* readable;
    friend void PrintTo(const TextCase& c, std::ostream* out) { *out << c.name; }
};
class ReadableText : public testing::TestWithParam<TextCase> {};
TEST_P(ReadableText, IsWhatThePersonWrote)
{
    const auto& c = GetParam();
    const auto attached = [](const std::string& key) { return key == "3_1"; };
    EXPECT_EQ(readable_text(Json(c.text), Json{{"urls", c.urls}}, attached), c.readable);
}

Json link(int start, const char* url, const char* expanded, const char* media_key = nullptr)
{
    Json entity{
        {"start", start}, {"end", start + static_cast<int>(std::string_view(url).size())}, {"url", url}, {"expanded_url", expanded}};
    if (media_key != nullptr) entity["media_key"] = media_key;
    return entity;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReadableText,
    testing::Values(
        TextCase{"Plain", "The line is down", Json::array(), "The line is down"},
        TextCase{"EntitiesAreDecodedOnce", "a &lt;b&gt; &amp;lt; c", Json::array(), "a <b> &lt; c"},
        TextCase{"AShortLinkIsExpanded", "see https://t.co/AAAAAAAAAA now",
                 Json::array({link(4, "https://t.co/AAAAAAAAAA", "https://tim.it/a?b=1&c=2")}), "see https://tim.it/a?b=1&c=2 now"},
        TextCase{"OffsetsCountCodePointsOfTheEscapedText", "\U0001F62D &lt; https://t.co/AAAAAAAAAA",
                 Json::array({link(7, "https://t.co/AAAAAAAAAA", "https://tim.it")}), "\U0001F62D < https://tim.it"},
        TextCase{"AWrongOffsetIsMended", "see https://t.co/AAAAAAAAAA",
                 Json::array({link(900, "https://t.co/AAAAAAAAAA", "https://tim.it")}), "see https://tim.it"},
        TextCase{"ANegativeOffsetIsMended", "see https://t.co/AAAAAAAAAA",
                 Json::array({link(-5, "https://t.co/AAAAAAAAAA", "https://tim.it")}), "see https://tim.it"},
        TextCase{"ALinkThatIsNotThereIsLeftAlone", "nothing", Json::array({link(0, "https://t.co/AAAAAAAAAA", "https://tim.it")}),
                 "nothing"},
        TextCase{"TwoOnOnePlaceCountOnce", "https://t.co/AAAAAAAAAA",
                 Json::array({link(0, "https://t.co/AAAAAAAAAA", "https://a.it"), link(0, "https://t.co/AAAAAAAAAA", "https://b.it")}),
                 "https://a.it"},
        TextCase{"TheLinkOfAnAttachedPhotoGoes", "look https://t.co/AAAAAAAAAA",
                 Json::array({link(5, "https://t.co/AAAAAAAAAA", "https://x.com/photo/1", "3_1")}), "look"},
        TextCase{"TheLinkOfAnUnknownPhotoStays", "look https://t.co/AAAAAAAAAA",
                 Json::array({link(5, "https://t.co/AAAAAAAAAA", "https://x.com/photo/1", "3_2")}), "look https://x.com/photo/1"},
        TextCase{"EntitiesOfAnyShapeDoNoHarm", "text",
                 Json::array({Json(nullptr), Json(3), Json::array(), Json{{"url", 3}}, Json{{"start", "x"}}}), "text"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Snowflake, HoldsItsMillisecond)
{
    EXPECT_EQ(time_of_id("1209097192912982018"), at("2019-12-23T13:03:29.387Z"));
    EXPECT_FALSE(time_of_id("20"));
    EXPECT_FALSE(time_of_id("x"));
    EXPECT_FALSE(time_of_id("99999999999999999999"));
    EXPECT_EQ(first_id_at(at("2006-03-21T00:00:00Z")), "");
    for (const char* id : {"1209097192912982018", "2028396182971088897", "991712597505445888"}) {
        const auto first = first_id_at(*time_of_id(id));
        EXPECT_EQ(time_of_id(first), time_of_id(id));
        EXPECT_FALSE(id_less(id, first));
    }
}

TEST(Ids, CompareAsNumbers)
{
    EXPECT_TRUE(id_less("999999999999999999", "1000000000000000000"));
    EXPECT_TRUE(id_less("1000000000000000000", "1000000000000000001"));
    EXPECT_FALSE(id_less("5", "5"));
}

TEST(Conversation, HasOneNameWhicheverMemberStandsFirst)
{
    EXPECT_EQ(normal_conversation("3000000001-1205290000000000001"), "3000000001-1205290000000000001");
    EXPECT_EQ(normal_conversation("1205290000000000001-3000000001"), "3000000001-1205290000000000001");
    EXPECT_EQ(normal_conversation("1578398451921985538"), "1578398451921985538");
    EXPECT_EQ(other_member("3000000001-1205290000000000001", "3000000001"), "1205290000000000001");
    EXPECT_EQ(other_member("3000000001-1205290000000000001", "1205290000000000001"), "3000000001");
    EXPECT_EQ(other_member("1578398451921985538", "3000000001"), "");
}

http::Parameters parameters(const Json& pairs)
{
    http::Parameters result;
    for (const Json& pair : pairs) result.add(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
    return result;
}

const OAuth1Keys sample_keys{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                             "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
const OAuth1Stamp sample_stamp{"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", "1318622958"};

TEST(OAuth1, SignsTheDocumentationsExample)
{
    http::Parameters form;
    form.add("include_entities", "true");
    form.add("status", "Hello Ladies + Gentlemen, a signed OAuth request!");
    EXPECT_EQ(oauth1_signature("POST", "https://api.x.com/1.1/statuses/update.json", form, sample_keys, sample_stamp),
              "Ls93hJiZbQ3akF3HF3x1Bz8/zU4=");
    const std::string header = oauth1_header("POST", "https://api.x.com/1.1/statuses/update.json", form, sample_keys, sample_stamp);
    EXPECT_TRUE(header.starts_with("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", ")) << header;
    EXPECT_NE(header.find("oauth_signature=\"Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D\""), std::string::npos) << header;
}

TEST(OAuth1, SignsEveryRecordedVector)
{
    const auto vectors = test::recorded("x/auth-vectors.json");
    if (!vectors) GTEST_SKIP() << "../shared/reference/x/auth-vectors.json is not there";
    std::size_t signatures = 0;
    const std::function<void(const Json&)> walk = [&](const Json& value) {
        if (value.is_object() && value.contains("signature") && value.contains("parameter_string")) {
            http::Parameters all = parameters(value.value("query", Json::array()));
            const Json form = value.value("form_body", Json::array());
            for (const Json& pair : form) all.add(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
            OAuth1Keys keys = sample_keys;
            const std::string signed_text = value.at("parameter_string").get<std::string>();
            if (signed_text.find("oauth_token=") == std::string::npos) keys.token.clear();
            const std::string key = value.at("signing_key").get<std::string>();
            if (key.ends_with('&')) keys.token_secret.clear();
            EXPECT_EQ(oauth1_signature(value.at("method").get<std::string>(), value.at("url").get<std::string>(), all, keys, sample_stamp),
                      value.at("signature").get<std::string>())
                << value.dump();
            ++signatures;
        }
        if (value.is_structured()) {
            for (const Json& child : value) walk(child);
        }
    };
    walk(*vectors);
    EXPECT_GE(signatures, 6U);
}

} // namespace
} // namespace sportello::connectors::twitter
