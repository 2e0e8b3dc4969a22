#include "delivered.hpp"
#include "json.hpp"

#include <sportello/base/log.hpp>

#include <gtest/gtest.h>

#include <string>

namespace sportello::connectors {
namespace {

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(ParseJson, RefusesWhatIsNoJson)
{
    for (const char* text :
         {"", "<html>Bad Gateway</html>", "{\"a\":1", "{'a':1}", "[1,]", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "nul", "1e999"}) {
        EXPECT_FALSE(parse_json(text)) << text;
    }
}

TEST(ParseJson, LeavesOutWhatLiesTooDeepAndKeepsTheRest)
{
    const auto value = parse_json("{\"before\":1,\"deep\":" + nested(100'000) + ",\"after\":2}");
    ASSERT_TRUE(value);
    EXPECT_EQ(integer_of(member(*value, "before")), 1);
    EXPECT_EQ(integer_of(member(*value, "after")), 2);
}

TEST(ParseJson, KeepsAPageWhoseTextsAreDamaged)
{
    const auto value = parse_json("[\"cut \\ud83d\",\"\\ude00 "
                                  "rest\",\"\\ud83d\\ude00\",\"a\\u0000b\",\"\xff\xfe\",\"\\\\ud83d\",\"\\ud83d\\u0041\"]");
    ASSERT_TRUE(value);
    const char* expected[] = {"cut \uFFFD", "\uFFFD rest", "\U0001F600", "a\uFFFDb", "\uFFFD\uFFFD", "\\ud83d", "\uFFFDA"};
    ASSERT_EQ(elements(*value).size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(text_of((*value)[i]), expected[i]) << i;
}

TEST(Json, LooksIntoAnyShapeWithoutThrowing)
{
    for (const char* text : {"null", "1", "\"x\"", "[]", "{}", "true", "[[{}]]"}) {
        const auto value = parse_json(text);
        ASSERT_TRUE(value) << text;
        EXPECT_TRUE(member(*value, "a").is_null());
        EXPECT_TRUE(member(member(*value, "a"), "b").is_null());
        EXPECT_EQ(text_of(member(*value, "a")), "");
        EXPECT_EQ(id_of(member(*value, "a")), "");
        EXPECT_FALSE(instant_of(member(*value, "a")));
        EXPECT_FALSE(integer_of(member(*value, "a")));
    }
    EXPECT_TRUE(elements(Json(3)).empty());
}

TEST(Json, ReadsIdsAsStringsOrNumbers)
{
    EXPECT_EQ(id_of(*parse_json("\"900_700\"")), "900_700");
    EXPECT_EQ(id_of(*parse_json("1207623566338560001")), "1207623566338560001");
    EXPECT_EQ(id_of(*parse_json("18446744073709551615")), "18446744073709551615");
    for (const char* bad : {"1.5", "-3", "\"\"", "\"a b\"", "\"a\\u0000\"", "\"\\u00e9\"", "true", "null", "{}"})
        EXPECT_EQ(id_of(*parse_json(bad)), "") << bad;
    EXPECT_EQ(id_of(Json(std::string(513, '1'))), "");
}

TEST(Json, ReadsTheTimesOfBothPlatforms)
{
    const auto expected = base::parse_rfc3339("2026-01-31T10:00:00Z").value();
    EXPECT_EQ(instant_of(Json("2026-01-31T10:00:00+0000")), expected);
    EXPECT_EQ(instant_of(Json("2026-01-31T10:00:00.000Z")), expected);
    EXPECT_EQ(instant_of(Json(1769853600)), expected);
    for (const Json& bad : {Json("yesterday"), Json(-1), Json(1e30), Json(nullptr), Json(INT64_MAX)}) EXPECT_FALSE(instant_of(bad)) << bad;
}

TEST(Scrubbed, HoldsNeitherRegisteredSecretsNorTokensInLinks)
{
    base::hide_in_logs("a-very-secret-token");
    const Json value{{"text", "a-very-secret-token"},
                     {"next", "https://graph.facebook.com/v25.0/1/feed?access_token=EAAB1&pretty=0&appsecret_proof=abc"}};
    const std::string text = scrubbed(value);
    for (const char* secret : {"a-very-secret-token", "EAAB1", "=abc"}) EXPECT_EQ(text.find(secret), std::string::npos) << text;
    EXPECT_NE(text.find("pretty=0"), std::string::npos);
    EXPECT_LE(scrubbed(Json(std::string(1'000'000, 'x'))).size(), 64U * 1024U);
}

/// Two nodes take turns at a channel. What one of them read and could not store is news to it when it comes back.
TEST(DeliveredNews, WhatAnotherNodeStoredIsNotWhatThisOneRead)
{
    const auto news = [](Delivered& node, std::uint64_t cursor, const char* id) {
        std::vector<domain::PlatformItem> items(1);
        items[0].platform_id = id;
        node.begin(cursor);
        node.keep_news(items);
        return !items.empty();
    };
    const base::Instant noon = base::from_micros(1'800'000'000'000'000);
    Delivered here, there;
    EXPECT_TRUE(news(here, 0, "a"));
    (void)here.finish(noon); // refused: another node had taken over
    EXPECT_TRUE(news(there, 0, "b"));
    const auto stored = there.finish(noon + std::chrono::microseconds(1));
    EXPECT_FALSE(news(there, stored, "b"));
    EXPECT_TRUE(news(here, stored, "a"));

    Delivered restarted; // within the same tick of the clock
    EXPECT_TRUE(news(restarted, stored, "c"));
    EXPECT_NE(restarted.finish(noon + std::chrono::microseconds(1)), stored);
}

} // namespace
} // namespace sportello::connectors
