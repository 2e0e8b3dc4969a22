#include "support/test_seed.hpp"
#include "twitter_account.hpp"

#include <random>
#include <set>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;

/// Answers that no client expects: each item is read as far as it can be and kept as it came; nothing stops the channel.
class TwitterHostile : public TwitterAccount {
protected:
    TwitterHostile()
    {
        Json whole = post("2028396182971088897", "@acme_helps still &lt;broken&gt; https://t.co/AAAAAAAAAA");
        whole["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", "2028394881340145665"}}});
        whole["attachments"] = {{"media_keys", {"3_1"}}};
        whole["entities"] = {
            {"urls", {{{"start", 30}, {"end", 53}, {"url", "https://t.co/AAAAAAAAAA"}, {"expanded_url", "https://example.org/"}}}}};
        rows = Json::array({post("2028396771570352129", "@acme_helps neighbour"), whole});
        pages[mentions] = [this](const Asked&) { return answer(200, body.empty() ? page(rows).dump() : body); };
        pages[own_posts] = [](const Asked&) {
            return answer(page(Json::array({post("2028394881340145665", "We look into it", self_id)})));
        };
        pages[messages] = [](const Asked&) {
            return answer(page(Json::array({{{"id", "2028409980318646273"},
                                             {"event_type", "MessageCreate"},
                                             {"text", "hello"},
                                             {"sender_id", "1205290000000000001"},
                                             {"dm_conversation_id", "3000000001-1205290000000000001"},
                                             {"created_at", "2026-03-02T10:00:00.000Z"}}})));
        };
    }
    void start_anew() { connector = connectors::make_connector(settings, transport, clock, random); }
    static constexpr std::size_t everything = 4;

    Json rows;
    std::string body; ///< instead of `rows`
};

TEST_F(TwitterHostile, TheHealthyListsAreReadWhole)
{
    const auto result = poll();
    EXPECT_EQ(result.items.size(), everything);
    EXPECT_TRUE(result.rejected.empty());
}

TEST_F(TwitterHostile, ATruncatedAnswerIsKeptAndTheOtherListsAreRead)
{
    const std::string whole = page(rows).dump();
    for (std::size_t length = 1; length < whole.size(); length += 61) {
        start_anew();
        body = whole.substr(0, length);
        std::string cursor;
        std::set<std::string> seen;
        std::size_t rejected = 0;
        for (int polls = 0; polls < 4; ++polls) {
            const auto result = poll(cursor);
            cursor = result.cursor;
            for (const auto& item : result.items) seen.insert(item.platform_id);
            rejected += result.rejected.size();
        }
        EXPECT_EQ(seen, (std::set<std::string>{"2028394881340145665", "2028409980318646273"})) << length;
        EXPECT_GE(rejected, 1U) << length;
        body.clear();
        const auto result = poll(cursor);
        EXPECT_EQ(result.items.size(), 2U) << "all of it comes once the answer is whole again";
        EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
    }
}

/// Each member of a row in turn, as each type that JSON has.
TEST_F(TwitterHostile, ARetypedMemberIsKeptAndItsItemComesAsFarAsItCan)
{
    const Json shapes[] = {true, 7, -3.5, "x", Json::array(), Json::array({1, nullptr}), Json::object(), {{"data", 7}}};
    const Json healthy = rows;
    for (const auto& [name, value] : healthy[1].items()) {
        for (const Json& shape : shapes) {
            if (shape.type() == value.type()) continue;
            rows = healthy;
            rows[1][name] = shape;
            start_anew();
            const auto result = poll();
            const std::string what = name + " as " + shape.dump();
            EXPECT_EQ(result.trouble.state, State::ok) << what;
            EXPECT_NE(find(result.items, "2028396771570352129"), nullptr) << what;
            EXPECT_NE(find(result.items, "2028409980318646273"), nullptr) << what;
            EXPECT_GE(result.rejected.size(), 1U) << what;
            if (name != "id") { EXPECT_NE(find(result.items, "2028396182971088897"), nullptr) << what; }
        }
    }
}

TEST_F(TwitterHostile, ARetypedListIsKept)
{
    for (const Json& shape : {Json(7), Json("x"), Json(true)}) {
        start_anew();
        body = Json{{"data", shape}, {"meta", {{"result_count", 1}}}}.dump();
        const auto result = poll();
        EXPECT_EQ(result.rejected.size(), 1U) << shape;
        EXPECT_EQ(result.items.size(), 2U);
        EXPECT_EQ(result.trouble.state, State::ok);
    }
}

TEST_F(TwitterHostile, AHugeTextIsCutAndKept)
{
    rows[1]["text"] = std::string(2'000'000, 'x');
    const auto result = poll();
    EXPECT_EQ(result.items.size(), everything);
    EXPECT_LE(find(result.items, "2028396182971088897")->text.size(), 64U * 1024U);
    ASSERT_EQ(result.rejected.size(), 1U);
    EXPECT_EQ(result.rejected[0].platform_id, "2028396182971088897");
    EXPECT_LE(result.rejected[0].raw.size(), 64U * 1024U);
}

TEST_F(TwitterHostile, WhatLiesTooDeepIsLeftOutAndKept)
{
    body = page(rows).dump();
    const std::string place = "\"author_id\":\"1205290000000000001\"";
    body.insert(body.rfind(place), "\"geo\":" + std::string(50'000, '[') + std::string(50'000, ']') + ",");
    const auto result = poll();
    EXPECT_EQ(result.items.size(), everything);
    ASSERT_EQ(result.rejected.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(TwitterHostile, BytesAndCharactersThatAreNoneAreReplacedAndKept)
{
    for (const std::string& bad : {std::string("\xff\xfe"), std::string("\xc3"), std::string("\xed\xa0\x80"), std::string("\\u0000"),
                                   std::string("\\ud83d"), std::string("\\ude00x")}) {
        start_anew();
        body = page(rows).dump();
        body.insert(body.find("neighbour"), bad);
        const auto result = poll();
        ASSERT_EQ(result.items.size(), everything) << bad;
        const auto* item = find(result.items, "2028396771570352129");
        EXPECT_TRUE(item->text.starts_with("@acme_helps \uFFFD")) << item->text;
        EXPECT_TRUE(item->text.ends_with("neighbour")) << item->text;
        EXPECT_EQ(item->text.find('\0'), std::string::npos);
        ASSERT_EQ(result.rejected.size(), 1U) << bad;
        EXPECT_EQ(result.rejected[0].platform_id, "2028396771570352129");
    }
}

/// Any byte anywhere: never an exception, never an endless round, never a word of what was read lost for good.
TEST_F(TwitterHostile, AnyDamageIsSurvived)
{
    const std::string healthy = page(rows).dump();
    const auto seed = test_seed(20261127);
    std::mt19937_64 chance(seed);
    for (int variant = 0; variant < 300; ++variant) {
        body = healthy;
        for (auto hits = 1 + chance() % 4; hits > 0; --hits) {
            const auto place = chance() % body.size();
            switch (chance() % 4) {
            case 0:
                body[place] = static_cast<char>(chance() & 0xff);
                break;
            case 1:
                body.erase(place, chance() % 20);
                break;
            case 2:
                body.insert(place, body.substr(chance() % body.size(), chance() % 40));
                break;
            default:
                body.insert(place, 1, static_cast<char>(chance() & 0xff));
            }
        }
        start_anew();
        std::string cursor;
        bool again = true;
        for (int polls = 0; polls < 60 && again; ++polls) {
            const auto result = poll(cursor);
            cursor = result.cursor;
            again = result.more;
            for (const auto& item : result.items) {
                EXPECT_FALSE(item.platform_id.empty());
                EXPECT_FALSE(item.root_id.empty());
                EXPECT_EQ(item.text.find('\0'), std::string::npos);
            }
        }
        EXPECT_FALSE(again) << "seed " << seed << ", variant " << variant << ": " << body;
        body.clear();
        clock.set(clock.now() + 25h); // the daily reading to the end
        std::set<std::string> seen;
        start_anew();
        for (const auto& item : poll(cursor).items) seen.insert(item.text);
        EXPECT_TRUE(seen.contains("@acme_helps neighbour")) << "seed " << seed << ", variant " << variant;
        EXPECT_TRUE(seen.contains("@acme_helps still <broken> https://example.org/")) << "seed " << seed << ", variant " << variant;
    }
}

} // namespace
} // namespace sportello::test
