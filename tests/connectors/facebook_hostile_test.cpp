#include "facebook_page.hpp"
#include "support/test_seed.hpp"

#include <algorithm>
#include <random>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;

/// Answers that no client expects: each item is read as far as it can be and kept as it came; nothing stops the channel.
class FacebookHostile : public FacebookPage {
protected:
    FacebookHostile()
    {
        Json root = post("104_900", "Is the line down?", clock.now());
        root["permalink_url"] = "https://www.facebook.com/104/posts/900/";
        root["attachments"] = edge(Json::array({{{"type", "photo"}, {"media", {{"image", {{"src", "https://scontent.example/1.jpg"}}}}}}}));
        Json reply = comment("900_702", "Since noon", clock.now(), "241");
        reply["parent"] = {{"id", "900_701"}};
        reply["is_hidden"] = false;
        root["comments"] = edge(Json::array({reply, comment("900_701", "Same here", clock.now())}));
        rows = Json::array({root, post("104_899", "neighbour", clock.now() - 1min)});
        Json picture = comment("m_2", "", clock.now());
        picture["attachments"] =
            edge(Json::array({{{"mime_type", "image/jpeg"}, {"image_data", {{"url", "https://scontent.example/2.jpg"}}}}}));
        threads = Json::array({{{"id", "t_1"},
                                {"updated_time", graph_time(clock.now())},
                                {"participants", {{"data", {person("240"), person("104")}}}},
                                {"messages", edge(Json::array({picture, comment("m_1", "hello", clock.now())}))}}});
        pages[feed] = [this](const Asked&) { return answer(200, feed_body.empty() ? edge(rows).dump() : feed_body); };
        pages[conversations] = [this](const Asked&) { return answer(edge(threads)); };
    }

    static std::size_t count(const connectors::PollResult& result) { return result.items.size(); }
    static constexpr std::size_t everything = 6;

    Json rows, threads;
    std::string feed_body; ///< instead of `rows`
};

TEST_F(FacebookHostile, TheHealthyPageIsReadWhole)
{
    const auto result = poll();
    EXPECT_EQ(count(result), everything);
    EXPECT_TRUE(result.rejected.empty());
}

TEST_F(FacebookHostile, ATruncatedAnswerIsKeptAndTheOthersAreRead)
{
    const std::string whole = edge(rows).dump();
    for (std::size_t length = 1; length < whole.size(); length += 97) {
        connector = connectors::make_connector(settings, transport, clock, random);
        feed_body = whole.substr(0, length);
        std::string cursor;
        std::size_t messages = 0;
        std::size_t rejected = 0;
        connectors::PollResult result;
        for (int polls = 0; polls < 4; ++polls) {
            result = poll(cursor);
            cursor = result.cursor;
            messages += result.items.size();
            rejected += result.rejected.size();
        }
        EXPECT_EQ(messages, 2U) << length;
        EXPECT_GE(rejected, 1U) << length;
        EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
        feed_body.clear();
        result = poll(cursor);
        EXPECT_EQ(count(result), 4U) << "all of it comes once the answer is whole again";
    }
}

/// Each member of a row in turn, as each type that JSON has.
TEST_F(FacebookHostile, ARetypedMemberIsKeptAndItsItemComesAsFarAsItCan)
{
    const Json shapes[] = {nullptr, true, 7, -3.5, "x", Json::array(), Json::array({1, nullptr}), Json::object(), {{"data", 7}}};
    const std::vector<Json::json_pointer> places{"/0"_json_pointer, "/0/comments/data/0"_json_pointer};
    for (const auto& place : places) {
        const Json healthy = rows;
        for (const auto& [name, value] : healthy[place].items()) {
            for (const Json& shape : shapes) {
                if (shape.type() == value.type() && !shape.is_object()) continue;
                rows = healthy;
                rows[place][name] = shape;
                connector = connectors::make_connector(settings, transport, clock, random);
                const auto result = poll();
                const std::string what = place.to_string() + "/" + name + " as " + shape.dump();
                EXPECT_EQ(result.trouble.state, State::ok) << what;
                EXPECT_NE(find(result.items, "104_899"), nullptr) << what;
                EXPECT_NE(find(result.items, "m_1"), nullptr) << what;
                const bool needed = name == "id" || name == "created_time";
                // A text is a text, whatever it says, and null is the same as not there.
                const bool readable = shape.is_null() || (name == "permalink_url" && shape.is_string()) ||
                                      (shape.is_object() && !shape.contains("data")) || (name == "id" && shape == 7) ||
                                      (name == "id" && shape == "x") || (name == "created_time" && shape == 7) || name == "updated_time";
                if (needed && !(readable && !shape.is_null() && !shape.is_object())) {
                    EXPECT_GE(result.rejected.size(), 1U) << what;
                } else if (!readable && value.type() != shape.type()) {
                    EXPECT_EQ(result.rejected.size(), 1U) << what;
                    EXPECT_GE(count(result), everything - 2) << what;
                }
            }
        }
        rows = healthy;
    }
}

TEST_F(FacebookHostile, ARetypedListIsKept)
{
    for (const Json& shape : {Json(7), Json("x"), Json(nullptr), Json::object()}) {
        connector = connectors::make_connector(settings, transport, clock, random);
        feed_body = Json{{"data", shape}}.dump();
        const auto result = poll();
        EXPECT_EQ(result.rejected.size(), 1U) << shape;
        EXPECT_EQ(count(result), 2U);
        EXPECT_EQ(result.trouble.state, State::ok);
    }
}

TEST_F(FacebookHostile, AHugeTextIsCutAndKept)
{
    rows[0]["message"] = std::string(2'000'000, 'x');
    rows[0]["from"]["name"] = std::string(100'000, 'n');
    const auto result = poll();
    EXPECT_EQ(count(result), everything);
    const auto* item = find(result.items, "104_900");
    EXPECT_LE(item->text.size(), 64U * 1024U);
    EXPECT_LE(item->author_name.size(), 1024U);
    ASSERT_EQ(result.rejected.size(), 1U);
    EXPECT_EQ(result.rejected[0].platform_id, "104_900");
    EXPECT_LE(result.rejected[0].raw.size(), 64U * 1024U);
}

TEST_F(FacebookHostile, ManyAttachmentsAreCutAndKept)
{
    Json many = Json::array();
    for (int i = 0; i < 5000; ++i) many.push_back({{"type", "photo"}, {"url", "https://scontent.example/" + std::to_string(i)}});
    rows[0]["attachments"] = edge(many);
    const auto result = poll();
    EXPECT_LE(find(result.items, "104_900")->attachments.size(), 100U);
    EXPECT_EQ(result.rejected.size(), 1U);
}

TEST_F(FacebookHostile, WhatLiesTooDeepIsLeftOutAndKept)
{
    const std::string healthy = edge(rows).dump();
    std::string deep = healthy;
    const std::string place = "\"is_hidden\":false";
    deep.replace(deep.find(place), place.size(), "\"attachment\":" + std::string(50'000, '[') + std::string(50'000, ']'));
    feed_body = deep;
    const auto result = poll();
    EXPECT_EQ(count(result), everything);
    EXPECT_EQ(find(result.items, "900_702")->text, "Since noon");
    ASSERT_EQ(result.rejected.size(), 1U);
    EXPECT_EQ(result.rejected[0].platform_id, "900_702");
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookHostile, BytesAndCharactersThatAreNoneAreReplacedAndKept)
{
    for (const std::string& bad : {std::string("\xff\xfe"), std::string("\xc3"), std::string("\xed\xa0\x80"), std::string("\\u0000"),
                                   std::string("\\ud83d"), std::string("\\ude00x")}) {
        connector = connectors::make_connector(settings, transport, clock, random);
        feed_body = edge(rows).dump();
        const std::string place = "Since noon";
        feed_body.replace(feed_body.find(place), place.size(), "Since " + bad + "noon");
        const auto result = poll();
        ASSERT_EQ(count(result), everything) << bad;
        const auto* item = find(result.items, "900_702");
        EXPECT_TRUE(item->text.starts_with("Since \uFFFD")) << item->text;
        EXPECT_TRUE(item->text.ends_with("noon")) << item->text;
        EXPECT_EQ(item->text.find('\0'), std::string::npos);
        ASSERT_EQ(result.rejected.size(), 1U) << bad;
        EXPECT_EQ(result.rejected[0].platform_id, "900_702");
    }
}

TEST_F(FacebookHostile, AMemberNamedTwiceIsKeptAndTheOthersAreRead)
{
    feed_body = edge(rows).dump();
    feed_body.replace(feed_body.find("\"is_hidden\":false"), 17, "\"message\":\"a\",\"message\":\"b\",");
    auto result = poll();
    for (int polls = 0; polls < 3 && result.rejected.empty(); ++polls) result = poll(result.cursor);
    EXPECT_FALSE(result.rejected.empty());
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookHostile, APostThatIsTooMuchWorkHidesOnlyItself)
{
    pages[feed] = [&](const Asked&) {
        return error(500, 1, 0, "Please reduce the amount of data you're asking for, then retry your request");
    };
    pages["/104/visitor_posts"] = [&](const Asked&) {
        return answer(
            edge(Json::array({post("104_1", "a", clock.now()), post("104_2", "b", clock.now()), post("104_3", "c", clock.now())})));
    };
    pages["/"] = [&](const Asked& asked) {
        const std::string ids = asked.parameter("ids");
        if (ids.find("104_2") != std::string::npos) {
            return error(500, 1, 0, "Please reduce the amount of data you're asking for, then retry your request");
        }
        Json found = Json::object();
        for (const char* id : {"104_1", "104_3"}) {
            if (ids.find(id) != std::string::npos) found[id] = post(id, "p", clock.now());
        }
        return answer(found);
    };
    std::string cursor;
    std::map<std::string, int> seen;
    std::size_t rejected = 0;
    for (int polls = 0; polls < 10; ++polls) {
        const auto result = poll(cursor);
        cursor = result.cursor;
        for (const auto& item : result.items) ++seen[item.platform_id];
        rejected += result.rejected.size();
        EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
    }
    EXPECT_EQ(seen, (std::map<std::string, int>{{"104_1", 1}, {"104_3", 1}, {"m_1", 1}, {"m_2", 1}}));
    EXPECT_GE(rejected, 2U);
}

/// Any byte anywhere: never an exception, never an endless round, never a word of what was read lost for good.
TEST_F(FacebookHostile, AnyDamageIsSurvived)
{
    const std::string healthy = edge(rows).dump();
    const auto seed = test_seed(20261127);
    std::mt19937_64 chance(seed);
    for (int variant = 0; variant < 300; ++variant) {
        feed_body = healthy;
        for (auto hits = 1 + chance() % 4; hits > 0; --hits) {
            const auto place = chance() % feed_body.size();
            switch (chance() % 4) {
            case 0:
                feed_body[place] = static_cast<char>(chance() & 0xff);
                break;
            case 1:
                feed_body.erase(place, chance() % 20);
                break;
            case 2:
                feed_body.insert(place, feed_body.substr(chance() % feed_body.size(), chance() % 40));
                break;
            default:
                feed_body.insert(place, 1, static_cast<char>(chance() & 0xff));
            }
        }
        connector = connectors::make_connector(settings, transport, clock, random);
        std::string cursor;
        bool again = true;
        for (int polls = 0; polls < 30 && again; ++polls) {
            const auto result = poll(cursor);
            cursor = result.cursor;
            again = result.more || result.trouble.state == State::unavailable;
            for (const auto& item : result.items) {
                EXPECT_FALSE(item.platform_id.empty());
                EXPECT_FALSE(item.root_id.empty());
                EXPECT_EQ(item.text.find('\0'), std::string::npos);
            }
        }
        EXPECT_FALSE(again) << "seed " << seed << ", variant " << variant << ": " << feed_body;
        feed_body.clear();
        std::map<std::string, std::string> seen;
        connector = connectors::make_connector(settings, transport, clock, random);
        for (const auto& item : poll(cursor).items) seen[item.platform_id] = item.text;
        EXPECT_EQ(seen["104_900"], "Is the line down?") << "seed " << seed << ", variant " << variant;
        EXPECT_EQ(seen["900_702"], "Since noon") << "seed " << seed << ", variant " << variant;
    }
}

} // namespace
} // namespace sportello::test
