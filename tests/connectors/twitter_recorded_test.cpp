#include "twitter_account.hpp"

#include <algorithm>
#include <set>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::PublishRequest;

/// The recorded payloads of the X API, translated, and what is read beside the lists.
class TwitterRecorded : public TwitterAccount {
protected:
    /// Every text a person could want to see of a recorded row stands somewhere in its item.
    static void expect_nothing_lost(const Json& row, const Json& includes, const domain::PlatformItem& item)
    {
        std::string all = item.platform_id + "\n" + item.text + "\n" + item.author_id + "\n" + item.author_name + "\n" +
                          item.author_handle + "\n" + item.root_id + "\n" + item.parent_id;
        for (const auto& one : item.attachments) all += "\n" + one.url + "\n" + one.name;
        const auto expect_there = [&](const std::string& text) { EXPECT_NE(all.find(text), std::string::npos) << text << " in " << all; };
        for (const char* name : {"author_id", "sender_id", "conversation_id"}) {
            if (row.contains(name)) expect_there(row[name]);
        }
        for (const Json& one : row.value("referenced_tweets", Json::array())) expect_there(one["id"]);
        for (const Json& user : includes.value("users", Json::array())) {
            if (user["id"] != row.value("author_id", row.value("sender_id", ""))) continue;
            expect_there(user["name"]);
            expect_there(user["username"]);
        }
        for (const Json& media : includes.value("media", Json::array())) {
            const Json keys = row.value("attachments", Json::object()).value("media_keys", Json::array());
            if (std::find(keys.begin(), keys.end(), media["media_key"]) == keys.end()) continue;
            expect_there(media["url"]);
            if (media.contains("alt_text")) expect_there(media["alt_text"]);
        }
        const Json& shown = row.contains("note_tweet") ? row["note_tweet"] : row;
        std::string words = shown["text"];
        for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
            for (auto at = words.find(from); at != std::string::npos; at = words.find(from)) words.replace(at, 4 + (*to == '&'), to);
        }
        if (const auto link = words.find(" https://t.co/"); link != std::string::npos) words.resize(link); // expanded or attached
        if (!words.starts_with("https://t.co/")) expect_there(words);
        EXPECT_EQ(item.at, base::parse_rfc3339(row["created_at"].get<std::string>()).value());
    }
};

TEST_F(TwitterRecorded, Mentions)
{
    const auto file = recorded("x/mentions.json");
    if (!file) GTEST_SKIP() << "../shared/reference/x is not there";
    Json body = (*file)["response"];
    body["meta"].erase("next_token");
    pages[mentions] = [&](const Asked&) { return answer(body); };
    const auto result = poll();
    EXPECT_TRUE(result.rejected.empty());
    ASSERT_EQ(result.items.size(), body["data"].size()) << "the included post is ours and is read among our own";
    for (const Json& row : body["data"]) expect_nothing_lost(row, body["includes"], *find(result.items, row["id"]));
}

TEST_F(TwitterRecorded, DirectMessages)
{
    const auto file = recorded("x/dm-events.json");
    if (!file) GTEST_SKIP() << "../shared/reference/x is not there";
    for (const Json& recording : {(*file)["one_to_one"]["body"], (*file)["group_events"]}) {
        Json body = recording;
        body["meta"].erase("next_token");
        connector = connectors::make_connector(settings, transport, clock, random);
        pages[messages] = [&](const Asked&) { return answer(body); };
        const auto result = poll();
        EXPECT_TRUE(result.rejected.empty());
        for (const Json& row : body["data"]) {
            if (row["event_type"] != "MessageCreate") continue;
            const auto* item = find(result.items, row["id"]);
            ASSERT_NE(item, nullptr) << row;
            expect_nothing_lost(row, body.value("includes", Json::object()), *item);
        }
    }
}

TEST_F(TwitterRecorded, PartialAnswersBesideTheirErrors)
{
    const auto file = recorded("x/lookups.json");
    if (!file) GTEST_SKIP() << "../shared/reference/x is not there";
    pages["/tweets"] = [&](const Asked&) { return answer((*file)["tweets_partial"]["body"]); };
    const auto partial = run(connector->recheck({"123", "456"}));
    ASSERT_EQ(partial.items.size(), 1U) << "the one without a time cannot be taken in";
    EXPECT_EQ(partial.items[0].platform_id, "456");
    EXPECT_TRUE(partial.items[0].gone);
    pages["/tweets"] = [&](const Asked&) { return answer((*file)["tweet_protected"]["body"]); };
    EXPECT_TRUE(run(connector->recheck({"789"})).items.empty()) << "protected is not gone";
}

TEST_F(TwitterRecorded, EveryErrorHasAMeaning)
{
    const auto file = recorded("x/errors.json");
    if (!file) GTEST_SKIP() << "../shared/reference/x is not there";
    for (const Json& entry : (*file)["errors"]) {
        const int status = entry["status"].is_number() ? entry["status"].get<int>() : 403;
        const std::string body = entry["body"].is_string() ? entry["body"].get<std::string>() : entry["body"].dump();
        transport.script = [&](const Asked& asked) {
            return asked.path == "/users/me" ? answer(Json{{"data", {{"id", self_id}, {"username", "acme_helps"}}}}) : answer(status, body);
        };
        connector = connectors::make_connector(settings, transport, clock, random);
        PublishRequest request;
        request.target_id = "1928396182971088897"; // long ago
        request.text = "t";
        const auto sent = run(connector->publish(request));
        const std::string name = entry.value("name", "");
        EXPECT_NE(sent.outcome, PublishOutcome::Class::published) << name;
        EXPECT_FALSE(sent.reason.empty()) << name;
        if (name == "duplicate_content") { EXPECT_EQ(sent.outcome, PublishOutcome::Class::unknown); }
        if (status >= 500) { EXPECT_EQ(sent.outcome, PublishOutcome::Class::unknown) << name; }
        const auto read = poll();
        if (status >= 400) { EXPECT_NE(read.trouble.state, State::ok) << name; }
    }
}

TEST_F(TwitterRecorded, SearchFindsWhatMentionsMiss)
{
    std::vector<std::string> floors;
    Json found = Json::array({post("2028396182971088897", "so bad, these people")});
    pages["/tweets/search/recent"] = [&](const Asked& asked) {
        floors.push_back(asked.parameter("since_id"));
        EXPECT_NE(asked.parameter("query").find("@acme_helps OR to:acme_helps"), std::string::npos);
        EXPECT_NE(asked.parameter("query").find("-is:retweet"), std::string::npos);
        return answer(page(found));
    };
    auto result = poll();
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.items[0].text, "so bad, these people");
    result = poll(result.cursor);
    EXPECT_EQ(floors.size(), 1U) << "a search is dear: not at every poll";
    clock.set(clock.now() + 11min);
    result = poll(result.cursor);
    ASSERT_EQ(floors.size(), 2U);
    EXPECT_LT(floors[1], "2028396182971088897") << "with an overlap";
    // Down for a month: X refuses ids older than seven days, so it is asked from there on.
    clock.set(clock.now() + 24h * 30);
    result = poll(result.cursor);
    ASSERT_EQ(floors.size(), 3U);
    EXPECT_GT(floors[2], "2028396182971088897");
}

TEST_F(TwitterRecorded, ASearchThatIsRefusedForItsAgeBeginsWhereXSays)
{
    int refused = 0;
    pages["/tweets/search/recent"] = [&](const Asked& asked) {
        if (asked.parameter("since_id") <= "2028390000000000000") {
            ++refused;
            return answer(400, Json{{"errors",
                                     {{{"message", "'since_id' must be a tweet id created after 2026-03-02T08:40Z. Please use a "
                                                   "'since_id' that is larger than 2028390000000000000"}}}},
                                    {"title", "Invalid Request"}}
                                   .dump());
        }
        return answer(page(Json::array({post("2028396182971088897", "found")})));
    };
    auto result = poll();
    for (int polls = 0; polls < 3; ++polls) {
        if (find(result.items, "2028396182971088897") != nullptr) break;
        result = poll(result.cursor);
    }
    EXPECT_NE(find(result.items, "2028396182971088897"), nullptr);
    EXPECT_EQ(refused, 1);
}

TEST_F(TwitterRecorded, WhatSomebodyAnswersComesAlongAsContext)
{
    Json row = post("2028396771570352129", "@acme_helps same here");
    row["conversation_id"] = "2028394000000000000";
    row["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", "2028395000000000000"}}});
    Json included = post("2028395000000000000", "My line is dead", "1205290000000000002");
    included["conversation_id"] = "2028394000000000000";
    included["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", "2028394000000000000"}}});
    pages[mentions] = [&](const Asked&) {
        Json body = page(Json::array({row}));
        body["includes"]["tweets"] = {included};
        return answer(body);
    };
    std::vector<std::string> asked_for;
    pages["/tweets"] = [&](const Asked& asked) {
        asked_for.push_back(asked.parameter("ids"));
        return answer(Json{{"data", {post("2028394000000000000", "Who else?", "1205290000000000003")}}});
    };
    auto result = poll();
    ASSERT_EQ(result.items.size(), 3U);
    EXPECT_FALSE(find(result.items, "2028396771570352129")->context);
    EXPECT_TRUE(find(result.items, "2028395000000000000")->context);
    EXPECT_TRUE(find(result.items, "2028394000000000000")->context) << "its parent in turn was asked for";
    EXPECT_EQ(asked_for, std::vector<std::string>{"2028394000000000000"});
    clock.set(clock.now() + 1min);
    result = poll(result.cursor);
    EXPECT_EQ(asked_for.size(), 1U) << "each once";
}

TEST_F(TwitterRecorded, AParentThatNamesUsIsNoContext)
{
    Json row = post("2028396771570352129", "@acme_helps +1");
    row["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", "2028395000000000000"}}});
    Json included = post("2028395000000000000", "@acme_helps my line is dead", "1205290000000000002");
    included["entities"] = {{"mentions", {{{"start", 0}, {"end", 11}, {"username", "acme_helps"}, {"id", self_id}}}}};
    pages[mentions] = [&](const Asked& asked) {
        Json body = asked.parameter("pagination_token").empty() ? page(Json::array({row}), "more") : page(Json::array({included}));
        body["includes"]["tweets"] = {included};
        return answer(body);
    };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 2U);
    for (const auto& item : result.items) EXPECT_FALSE(item.context) << "it has to open a ticket of its own";
}

TEST_F(TwitterRecorded, AQuoteBringsWhatItQuotesAndAPollItsChoices)
{
    Json row = post("2028396771570352129", "@acme_helps really?");
    row["referenced_tweets"] = Json::array({{{"type", "quoted"}, {"id", "2028395000000000000"}}});
    row["attachments"] = {{"poll_ids", {"7"}}};
    pages[mentions] = [&](const Asked&) {
        Json body = page(Json::array({row}));
        body["includes"] = {{"posts", {post("2028395000000000000", "All is &lt;fine&gt;", self_id)}},
                            {"users", {{{"id", self_id}, {"username", "acme_helps"}, {"name", "Acme"}}}},
                            {"polls", {{{"id", "7"}, {"options", {{{"label", "Yes"}}, {{"label", "No"}}}}}}}};
        return answer(body);
    };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.items[0].text, "@acme_helps really?\n- Yes\n- No");
    ASSERT_EQ(result.items[0].attachments.size(), 1U);
    EXPECT_EQ(result.items[0].attachments[0].url, "https://x.com/acme_helps/status/2028395000000000000");
    EXPECT_EQ(result.items[0].attachments[0].name, "All is <fine>");
}

} // namespace
} // namespace sportello::test
