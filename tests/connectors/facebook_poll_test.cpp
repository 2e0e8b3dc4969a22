#include "facebook_page.hpp"
#include <sportello/base/digest.hpp>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using domain::MessageKind;
using domain::Visibility;

class FacebookPoll : public FacebookPage {
protected:
    /// Polls until there is no more; every id that came, with how often.
    std::map<std::string, int> drain(std::string& cursor)
    {
        std::map<std::string, int> seen;
        for (int polls = 0; polls < 200; ++polls) {
            auto result = poll(cursor);
            cursor = result.cursor;
            for (const auto& item : result.items) ++seen[item.platform_id];
            if (!result.more) return seen;
        }
        ADD_FAILURE() << "a poll that never ends";
        return seen;
    }

    /// The edge `rows` (newest first) in pages of `size`, with the links Facebook makes.
    static Json paged(const std::vector<Json>& rows, const std::string& path, std::size_t size, const Asked& asked)
    {
        const std::string after = asked.parameter("after");
        Json data = Json::array();
        std::size_t at = after.empty() ? 0 : std::stoul(after);
        for (; at < rows.size() && data.size() < size; ++at) data.push_back(rows[at]);
        if (at == rows.size()) return edge(data);
        return edge(data,
                    "https://graph.facebook.com/v25.0" + path + "?access_token=page-token-of-acme&pretty=0&after=" + std::to_string(at));
    }
};

TEST_F(FacebookPoll, TranslatesPostsAndCommentsOfAllLevels)
{
    const auto when = at("2026-03-02T08:00:00Z");
    Json question = post("104_900", "Is the line down?", when);
    question["permalink_url"] = "https://www.facebook.com/104/posts/900/";
    question["updated_time"] = graph_time(when + 5min);
    Json reply = comment("900_702", "Since noon", when + 2min, "241");
    reply["parent"] = {{"id", "900_701"}};
    reply["attachment"] = {
        {"type", "photo"}, {"url", "https://www.facebook.com/photo"}, {"media", {{"image", {{"src", "https://scontent.example/p.jpg"}}}}}};
    Json nameless = comment("900_703", "me too", when + 3min);
    nameless.erase("from");
    Json number = comment("x", "old capture", when + 4min);
    number["id"] = 900704;
    question["comments"] = edge(Json::array({number, nameless, reply, comment("900_701", "We look into it", when + 1min, "104")}));
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({question}))); };

    const auto result = poll();
    ASSERT_EQ(result.items.size(), 5U);
    const auto* root = find(result.items, "104_900");
    EXPECT_EQ(root->kind, MessageKind::post);
    EXPECT_EQ(root->root_id, "104_900");
    EXPECT_EQ(root->parent_id, "");
    EXPECT_EQ(root->author_id, "240");
    EXPECT_EQ(root->author_name, "Person 240");
    EXPECT_EQ(root->at, when);
    EXPECT_EQ(root->permalink, "https://www.facebook.com/104/posts/900/");
    const auto* own = find(result.items, "900_701");
    EXPECT_TRUE(own->own);
    EXPECT_EQ(own->root_id, "104_900");
    EXPECT_EQ(own->parent_id, "104_900");
    const auto* below = find(result.items, "900_702");
    EXPECT_EQ(below->parent_id, "900_701");
    EXPECT_EQ(below->kind, MessageKind::comment);
    ASSERT_EQ(below->attachments.size(), 1U);
    EXPECT_EQ(below->attachments[0].type, "image");
    EXPECT_EQ(below->attachments[0].url, "https://scontent.example/p.jpg");
    EXPECT_EQ(find(result.items, "900_703")->author_id, "");
    EXPECT_FALSE(find(result.items, "900_703")->own);
    EXPECT_NE(find(result.items, "900704"), nullptr);
    EXPECT_FALSE(result.more);
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookPoll, KeepsTheOrderOfWritingWithinASecond)
{
    const auto when = at("2026-03-02T08:00:00Z");
    Json question = post("104_900", "Is the line down?", when);
    question["comments"] =
        edge(Json::array({comment("900_703", "third", when), comment("900_702", "second", when), comment("900_701", "first", when)}));
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_901", "later", when), question}))); };
    std::vector<std::string> order;
    for (const auto& item : poll().items) order.push_back(item.platform_id);
    EXPECT_EQ(order, (std::vector<std::string>{"104_900", "104_901", "900_701", "900_702", "900_703"}));
}

TEST_F(FacebookPoll, TranslatesConversations)
{
    const auto when = at("2026-03-02T08:00:00Z");
    const Json participants{{"data", {person("240"), person("104")}}};
    Json picture{
        {"id", "m_3"},
        {"created_time", graph_time(when + 2min)},
        {"from", person("240")},
        {"message", ""},
        {"attachments",
         {{"data", {{{"mime_type", "image/jpeg"}, {"name", "router.jpg"}, {"image_data", {{"url", "https://scontent.example/r.jpg"}}}}}},
          {"paging", {{"next", "https://graph.facebook.com/v25.0/m_3/attachments?after=x"}}}}}};
    Json sticker{{"id", "m_2"},
                 {"created_time", graph_time(when + 1min)},
                 {"from", person("104")},
                 {"message", ""},
                 {"sticker", "https://scontent.example/s.png"}};
    Json text{{"id", "m_1"}, {"created_time", graph_time(when)}, {"from", person("240")}, {"message", "hello"}};
    pages[conversations] = [&](const Asked&) {
        return answer(edge(Json::array({{{"id", "t_10"},
                                         {"updated_time", graph_time(when + 2min)},
                                         {"participants", participants},
                                         {"messages", edge(Json::array({picture, sticker, text}))}}})));
    };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 3U);
    const auto* first = find(result.items, "m_1");
    EXPECT_EQ(first->visibility, Visibility::private_);
    EXPECT_EQ(first->kind, MessageKind::direct_message);
    EXPECT_EQ(first->root_id, "t_10");
    EXPECT_EQ(first->recipient_id, "240");
    EXPECT_FALSE(first->own);
    EXPECT_TRUE(find(result.items, "m_2")->own);
    EXPECT_EQ(find(result.items, "m_2")->recipient_id, "240");
    EXPECT_EQ(find(result.items, "m_2")->attachments.at(0).type, "sticker");
    EXPECT_EQ(find(result.items, "m_3")->attachments.at(0).name, "router.jpg");
    EXPECT_EQ(transport.count("/m_3/attachments"), 0U); // that link leads nowhere
    EXPECT_EQ(transport.last(conversations)->parameter("platform"), "messenger");
}

TEST_F(FacebookPoll, ReadsEverythingTheFirstTimeInSteps)
{
    const auto when = at("2026-02-01T08:00:00Z");
    std::vector<Json> posts;
    std::size_t expected = 0;
    std::vector<Json> comments;
    for (int c = 90; c > 0; --c) comments.push_back(comment("1_7" + std::to_string(c), "c", when + c * 1min));
    for (int i = 60; i > 0; --i) posts.push_back(post("104_" + std::to_string(i), "p", when - i * 1h));
    expected = posts.size() + comments.size();
    posts.front()["comments"] = paged(comments, "/104_60/comments", 25, Asked{});
    pages["/104_60/comments"] = [&](const Asked& asked) { return answer(paged(comments, "/104_60/comments", 25, asked)); };
    pages[feed] = [&](const Asked& asked) { return answer(paged(posts, feed, 4, asked)); };

    auto first = poll();
    EXPECT_TRUE(first.more);
    EXPECT_LE(transport.calls.size(), 11U);
    std::string cursor = first.cursor;
    auto seen = drain(cursor);
    for (const auto& item : first.items) ++seen[item.platform_id];
    EXPECT_EQ(seen.size(), expected);
    for (const auto& [id, times] : seen) EXPECT_EQ(times, 1) << id;
    EXPECT_TRUE(drain(cursor).empty());
}

TEST_F(FacebookPoll, FollowsLinksWithItsOwnHostTokenAndProof)
{
    settings.credentials.app_secret = "example-app-secret";
    settings.credentials.access_token = "EXAMPLE_PAGE_TOKEN";
    const auto proving = connectors::make_connector(settings, transport, clock, random);
    pages[feed] = [&](const Asked& asked) {
        if (!asked.parameter("after").empty()) return answer(edge(Json::array()));
        return answer(
            edge(Json::array(), "https://evil.example/v25.0/104/feed?access_token=STOLEN&pretty=0&fields=id%2Cmessage&until&after=QVFI"));
    };
    run(proving->poll(""));
    const auto& next = *transport.last(feed);
    EXPECT_EQ(next.parameter("after"), "QVFI");
    EXPECT_EQ(next.parameter("fields"), "id,message");
    EXPECT_FALSE(next.query.find("access_token"));
    for (const auto& call : transport.calls) {
        EXPECT_EQ(call.parameter("appsecret_proof"), "4e3725925a25ae54c50e5434b8b5bdf7f54919c8c55d209098380b96983cd007");
        EXPECT_EQ(call.request.headers.find("Authorization"), "Bearer EXAMPLE_PAGE_TOKEN");
        EXPECT_EQ(call.request.url.find("EXAMPLE_PAGE_TOKEN"), std::string::npos);
    }
}

TEST_F(FacebookPoll, EndsWhenALinkLeadsToItself)
{
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array(), "https://graph.facebook.com/v25.0/104/feed?after=same")); };
    EXPECT_FALSE(poll().more);
    EXPECT_EQ(transport.count(feed), 2U);
}

TEST_F(FacebookPoll, ReadsOnOnlyAsFarAsTheMarkLessTheOverlap)
{
    const auto when = clock.now();
    std::vector<Json> posts;
    for (int i = 0; i < 40; ++i) posts.push_back(post("104_" + std::to_string(1000 - i), "p", when - i * 1h));
    pages[feed] = [&](const Asked& asked) { return answer(paged(posts, feed, 4, asked)); };
    std::string cursor;
    drain(cursor);
    clock.set(clock.now() + 1s);
    drain(cursor); // looks at old posts as well, the first time
    transport.calls.clear();
    EXPECT_TRUE(drain(cursor).empty());
    EXPECT_EQ(transport.count(feed), 2U); // the page with the mark, and one that is all old

    posts.insert(posts.begin(), post("104_2000", "new", when + 1min));
    posts.insert(posts.begin() + 2, post("104_1999", "showed up late", when - 10min));
    EXPECT_EQ(drain(cursor), (std::map<std::string, int>{{"104_1999", 1}, {"104_2000", 1}}));
    for (const auto& [id, times] : drain(cursor)) ADD_FAILURE() << id << times;
}

TEST_F(FacebookPoll, FindsANewCommentUnderAnOldPost)
{
    const auto when = clock.now();
    std::vector<Json> posts;
    for (int i = 0; i < 40; ++i) posts.push_back(post("104_" + std::to_string(1000 - i), "p", when - i * 24h));
    pages[feed] = [&](const Asked& asked) { return answer(paged(posts, feed, 4, asked)); };
    std::string cursor;
    drain(cursor);
    drain(cursor);
    clock.set(when + 6min);
    Json& old = posts[30];
    old["updated_time"] = graph_time(when + 5min);
    old["comments"] = edge(Json::array({comment("970_1", "again down", when + 5min)}));
    pages["/104/published_posts"] = [&](const Asked&) {
        Json rows = Json::array();
        for (const Json& one : posts) {
            rows.push_back({{"id", one["id"]}, {"created_time", one["created_time"]}, {"updated_time", one["updated_time"]}});
        }
        return answer(edge(rows));
    };
    pages["/"] = [&](const Asked& asked) {
        EXPECT_EQ(asked.parameter("ids"), "104_970");
        return answer(Json{{"104_970", posts[30]}});
    };
    EXPECT_EQ(drain(cursor), (std::map<std::string, int>{{"970_1", 1}}));
}

TEST_F(FacebookPoll, NoticesAnEditedComment)
{
    Json one = post("104_900", "p", clock.now());
    one["comments"] = edge(Json::array({comment("900_1", "befor", clock.now())}));
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({one}))); };
    std::string cursor;
    drain(cursor);
    one["comments"]["data"][0]["message"] = "before";
    const auto result = poll(cursor);
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.items[0].text, "before");
}

TEST_F(FacebookPoll, ReadsRankedCommentsToTheirEnd)
{
    const auto when = clock.now();
    std::vector<Json> ranked{comment("900_1", "old but popular", when - 48h), comment("900_2", "newer", when - 1h),
                             comment("900_3", "older", when - 30h), comment("900_4", "newest", when)};
    Json one = post("104_900", "p", when - 50h);
    one["updated_time"] = graph_time(when);
    one["comments"] = paged(ranked, "/104_900/comments", 2, Asked{});
    pages["/104_900/comments"] = [&](const Asked& asked) { return answer(paged(ranked, "/104_900/comments", 2, asked)); };
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({one}))); };
    std::string cursor;
    drain(cursor);
    ranked.push_back(comment("900_5", "a late one", when + 1min));
    ranked.push_back(comment("900_6", "and one more", when + 2min));
    one["updated_time"] = graph_time(when + 2min);
    EXPECT_EQ(drain(cursor).count("900_6"), 1U);
}

TEST_F(FacebookPoll, RepeatsWhatWasNotStored)
{
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_900", "p", clock.now())}))); };
    EXPECT_EQ(poll().items.size(), 1U);
    const auto again = poll();
    EXPECT_EQ(again.items.size(), 1U);
    const auto quiet = poll(again.cursor);
    EXPECT_TRUE(quiet.items.empty());
    EXPECT_EQ(poll(quiet.cursor).cursor, quiet.cursor); // no news, no write
    const auto other = connectors::make_connector(settings, transport, clock, random);
    EXPECT_EQ(run(other->poll(again.cursor)).items.size(), 1U);
}

TEST_F(FacebookPoll, KeepsItsMarksWhenARoundBreaks)
{
    const auto when = clock.now();
    std::vector<Json> posts;
    for (int i = 0; i < 12; ++i) posts.push_back(post("104_" + std::to_string(1000 - i), "p", when - i * 1h));
    int calls = 0;
    pages[feed] = [&](const Asked& asked) {
        return ++calls == 2 ? answer(502, "<html>Bad Gateway</html>") : answer(paged(posts, feed, 4, asked));
    };
    auto result = poll();
    EXPECT_EQ(result.items.size(), 4U);
    EXPECT_EQ(result.trouble.state, State::unavailable);
    EXPECT_FALSE(result.more);
    std::string cursor = result.cursor;
    EXPECT_EQ(drain(cursor).size(), 8U); // goes on where it broke
    const auto other = connectors::make_connector(settings, transport, clock, random);
    EXPECT_EQ(run(other->poll(result.cursor)).items.size(), 12U); // and a new process begins at the old marks
}

TEST_F(FacebookPoll, AsksForLessWhenToldTo)
{
    pages[feed] = [&](const Asked& asked) {
        if (std::stoi(asked.parameter("limit")) > 7)
            return error(500, 1, 0, "Please reduce the amount of data you're asking for, then retry your request");
        return answer(edge(Json::array({post("104_900", "p", clock.now())})));
    };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookPoll, PassesOverAPostThatVanishesBetweenTwoCalls)
{
    Json one = post("104_900", "p", clock.now());
    one["comments"] = edge(Json::array({comment("900_1", "c", clock.now())}), "https://graph.facebook.com/v25.0/104_900/comments?after=x");
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({one, post("104_899", "q", clock.now() - 1h)}))); };
    pages["/104_900/comments"] = [](const Asked&) {
        return error(400, 100, 33, "Unsupported get request. Object with ID '104_900' does not exist");
    };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 3U);
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookPoll, ReadsPostsWithoutTheMessengerPermission)
{
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_900", "p", clock.now())}))); };
    pages[conversations] = [](const Asked&) { return error(403, 200, 0, "(#200) Permissions error"); };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::misconfigured);
    EXPECT_TRUE(result.trouble.reason.starts_with("Messenger conversations:"));
    poll(result.cursor);
    EXPECT_EQ(transport.count(conversations), 1U);
    clock.set(clock.now() + 6min);
    pages.erase(conversations);
    EXPECT_EQ(poll(result.cursor).trouble.state, State::ok);
}

TEST_F(FacebookPoll, KeepsAsideWhatItCannotUnderstand)
{
    Json mine = post("104_900", "p", clock.now());
    mine["comments"] = edge(Json::array({nullptr, 3, Json::object(), Json{{"id", "900_1"}}, comment("900_2", "fine", clock.now())}));
    pages[feed] = [&](const Asked&) {
        return answer(edge(Json::array({nullptr, "x", Json{{"id", 104.5}}, Json{{"id", "104_1"}, {"created_time", "yesterday"}},
                                        Json{{"id", "104_2"},
                                             {"created_time", graph_time(clock.now())},
                                             {"comments", 7},
                                             {"from", "me"},
                                             {"attachments", Json::array()}},
                                        mine})));
    };
    pages[conversations] = [&](const Asked&) {
        return answer(
            edge(Json::array({nullptr, Json{{"id", "t_1"}, {"participants", 3}, {"messages", {{"data", {nullptr, Json::object()}}}}}})));
    };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 3U);
    EXPECT_EQ(result.rejected.size(), 4U + 1U + 4U + 1U + 2U); // the one with flaws came through, and is kept as it was
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(FacebookPoll, SlowsDownByTheUsageHeaders)
{
    http::Headers headers;
    headers.add("X-Business-Use-Case-Usage",
                R"({"104":[{"type":"pages","call_count":97,"total_cputime":23,"total_time":23,"estimated_time_to_regain_access":7}]})");
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_900", "p", clock.now())})), headers); };
    auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    transport.calls.clear();
    result = poll(result.cursor);
    EXPECT_TRUE(transport.calls.empty());
    EXPECT_EQ(result.trouble.state, State::ok); // our own pace, not a refusal
    clock.set(clock.now() + 7min);
    poll(result.cursor);
    EXPECT_FALSE(transport.calls.empty());
}

TEST_F(FacebookPoll, ObeysRetryAfterAndNeverForLongerThanAnHour)
{
    http::Headers headers;
    headers.add("Retry-After", "86400");
    pages[feed] = [&](const Asked&) { return error(403, 4, 0, "(#4) Application request limit reached", headers); };
    auto result = poll();
    EXPECT_EQ(result.trouble.state, State::rate_limited);
    EXPECT_EQ(result.trouble.not_before, clock.now() + 1h);
    transport.calls.clear();
    EXPECT_EQ(poll(result.cursor).trouble.state, State::rate_limited);
    EXPECT_TRUE(transport.calls.empty());
}

TEST_F(FacebookPoll, TellsWhatStandsInTheWay)
{
    struct Case {
        const char* name;
        http::Exchange exchange;
        State state;
    };
    const Case cases[] = {
        {"expired", error(400, 190, 463), State::needs_authorisation},
        {"password changed", error(400, 190, 460), State::needs_authorisation},
        {"session", error(400, 102), State::needs_authorisation},
        {"no token", error(400, 2500, 0, "An active access token must be used to query information"), State::needs_authorisation},
        {"hidden permission", error(400, 1, 99), State::needs_authorisation},
        {"permission withdrawn", error(400, 230), State::needs_authorisation},
        {"proof missing", error(400, 100, 0, "API calls from the server require an appsecret_proof argument"), State::misconfigured},
        {"bad proof", error(400, 104), State::misconfigured},
        {"permission", error(403, 10), State::misconfigured},
        {"capability", error(400, 3), State::misconfigured},
        {"bad path", error(400, 2500, 0, "Unknown path components"), State::misconfigured},
        {"app limit", error(403, 4), State::rate_limited},
        {"user limit", error(400, 17), State::rate_limited},
        {"page limit", error(400, 32), State::rate_limited},
        {"custom limit", error(400, 613), State::rate_limited},
        {"page limit of 80001", error(400, 80001), State::rate_limited},
        {"blocked", error(400, 368), State::rate_limited},
        {"unknown", error(500, 1), State::unavailable},
        {"service", error(503, 2), State::unavailable},
        {"html", answer(502, "<html>"), State::unavailable},
        {"empty", answer(200, ""), State::unavailable},
        {"no connection", broken(false), State::unavailable},
    };
    for (const auto& c : cases) {
        const auto fresh = connectors::make_connector(settings, transport, clock, random);
        transport.script = [&](const Asked& asked) { return asked.path == "/me" ? serve(asked) : c.exchange; };
        const auto result = run(fresh->poll(""));
        EXPECT_EQ(result.trouble.state, c.state) << c.name << ": " << result.trouble.reason;
        EXPECT_FALSE(result.trouble.reason.empty()) << c.name;
    }
}

TEST_F(FacebookPoll, RefusesATokenOfAnotherPage)
{
    transport.script = [](const Asked&) { return answer(Json{{"id", "105"}, {"name", "Another brand"}}); };
    EXPECT_EQ(poll().trouble.state, State::misconfigured);
    EXPECT_EQ(transport.calls.size(), 1U);
}

TEST_F(FacebookPoll, ReadsWhatTheFeedLeavesOut)
{
    const auto when = clock.now();
    Json tagged = post("999_50", "@Acme your shop is closed", when - 1h, "999");
    tagged["comments"] = edge(Json::array({comment("50_1", "same here", when - 30min)}));
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_3", "in the feed", when)}))); };
    pages["/104/published_posts"] = [&](const Asked&) { return answer(edge(Json::array({post("104_2", "ours", when - 2h, "104")}))); };
    pages["/104/visitor_posts"] = [&](const Asked&) {
        return answer(edge(Json::array({post("104_3", "in the feed", when), post("104_1", "a visitor's", when - 3h)})));
    };
    pages["/104/tagged"] = [&](const Asked&) { return answer(edge(Json::array({tagged}))); };
    pages["/"] = [&](const Asked& asked) {
        Json found = Json::object();
        if (asked.parameter("ids").find("104_2") != std::string::npos) found["104_2"] = post("104_2", "ours", when - 2h, "104");
        if (asked.parameter("ids").find("104_1") != std::string::npos) found["104_1"] = post("104_1", "a visitor's", when - 3h);
        return answer(found);
    };
    std::string cursor;
    EXPECT_EQ(drain(cursor), (std::map<std::string, int>{{"104_1", 1}, {"104_2", 1}, {"104_3", 1}, {"50_1", 1}, {"999_50", 1}}));
    EXPECT_EQ(transport.count("/"), 2U) << "one call for each list, not one for each post";
    transport.calls.clear();
    drain(cursor);
    EXPECT_EQ(transport.count("/104/tagged"), 0U) << "not before five minutes are over";
    clock.set(clock.now() + 5min);
    drain(cursor);
    EXPECT_EQ(transport.count("/104/tagged"), 1U);
}

TEST_F(FacebookPoll, ReadsManyPostsInOneCallAndGoesAroundABadOne)
{
    const auto when = clock.now();
    std::vector<Json> listed;
    for (int i = 1; i <= 20; ++i) listed.push_back(post("104_" + std::to_string(i), "p", when - i * 1h));
    pages["/104/visitor_posts"] = [&](const Asked&) { return answer(edge(Json(listed))); };
    pages["/"] = [&](const Asked& asked) {
        Json found = Json::object();
        std::string ids = asked.parameter("ids") + ",";
        for (auto comma = ids.find(','); comma != std::string::npos; ids = ids.substr(comma + 1), comma = ids.find(',')) {
            const std::string id = ids.substr(0, comma);
            if (id == "104_13") return error(400, 100, 33, "Unsupported get request. Object with ID '104_13' does not exist");
            found[id] = listed[std::stoul(id.substr(4)) - 1];
        }
        return answer(found);
    };
    std::string cursor;
    EXPECT_EQ(drain(cursor).size(), 19U);
    EXPECT_LE(transport.count("/"), 11U);
}

TEST_F(FacebookPoll, EndsOnPagesThatRepeatOrBringNothing)
{
    int made = 0;
    pages[feed] = [&](const Asked&) { // the same rows for ever, each time under another cursor
        return answer(edge(Json::array({post("104_900", "p", clock.now())}),
                           "https://graph.facebook.com/v25.0/104/feed?after=" + std::to_string(++made)));
    };
    pages[conversations] = [&](const Asked&) { // empty pages that go on
        return answer(edge(Json::array(), "https://graph.facebook.com/v25.0/104/conversations?after=" + std::to_string(++made)));
    };
    pages["/104/visitor_posts"] = [&](const Asked& asked) { // a circle of two
        return answer(
            edge(Json::array({post("104_" + std::to_string(++made), "p", clock.now())}),
                 "https://graph.facebook.com/v25.0/104/visitor_posts?after=" + std::string(asked.parameter("after") == "a" ? "b" : "a")));
    };
    std::string cursor;
    EXPECT_EQ(drain(cursor).size(), 1U);
    EXPECT_LE(transport.count(feed), 25U);
    EXPECT_LE(transport.count(conversations), 25U);
    EXPECT_LE(transport.count("/104/visitor_posts"), 3U);
}

TEST_F(FacebookPoll, GoesOnAfterAnEmptyPageWithANextOne)
{
    pages[feed] = [&](const Asked& asked) {
        const std::string after = asked.parameter("after");
        if (after == "2") return answer(edge(Json::array({post("104_900", "p", clock.now())})));
        return answer(edge(Json::array(), "https://graph.facebook.com/v25.0/104/feed?after=" + std::string(after.empty() ? "1" : "2")));
    };
    EXPECT_EQ(poll().items.size(), 1U);
}

TEST_F(FacebookPoll, FollowsTimePagingWithItsEmptyParameters)
{
    pages["/104/visitor_posts"] = [&](const Asked& asked) {
        if (asked.query.find("__paging_token")) {
            EXPECT_EQ(asked.parameter("until"), "1624385168");
            EXPECT_TRUE(asked.query.find("since"));
            return answer(edge(Json::array({post("104_1", "older", clock.now() - 1h)})));
        }
        return answer(edge(Json::array({post("104_2", "newer", clock.now())}),
                           "https://graph.facebook.com/v25.0/104/visitor_posts?access_token=T&pretty=0&until=1624385168&since&"
                           "__paging_token=x&__previous"));
    };
    pages["/"] = [&](const Asked& asked) {
        const std::string id = asked.parameter("ids");
        return answer(Json{{id, post(id, "p", clock.now())}});
    };
    std::string cursor;
    EXPECT_EQ(drain(cursor).size(), 2U);
}

TEST_F(FacebookPoll, TellsAHiddenCommentAndWhenItIsShownAgain)
{
    Json one = post("104_900", "p", clock.now());
    Json hidden = comment("900_1", "rude", clock.now());
    hidden["is_hidden"] = true;
    one["comments"] = edge(Json::array({hidden}));
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({one}))); };
    auto result = poll();
    EXPECT_TRUE(find(result.items, "900_1")->hidden);
    EXPECT_FALSE(find(result.items, "104_900")->hidden);
    one["comments"]["data"][0]["is_hidden"] = false;
    result = poll(result.cursor);
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_FALSE(result.items[0].hidden);
}

TEST_F(FacebookPoll, ReadsOnWhenOneListIsRefused)
{
    pages[feed] = [&](const Asked&) { return answer(edge(Json::array({post("104_900", "p", clock.now())}))); };
    pages["/104/tagged"] = [](const Asked&) { return error(403, 10, 0, "(#10) needs a permission"); };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::misconfigured);
    EXPECT_TRUE(result.trouble.reason.starts_with("The list of posts that name the Page:")) << result.trouble.reason;
    EXPECT_FALSE(result.more);
}

TEST_F(FacebookPoll, AsksForLessWhenAnswersBreakOffAgainAndAgain)
{
    pages[feed] = [&](const Asked& asked) {
        if (std::stoi(asked.parameter("limit")) > 6) return broken(true); // larger than the client takes, or too slow
        return answer(edge(Json::array({post("104_900", "p", clock.now())})));
    };
    auto result = poll();
    int polls = 1;
    for (; polls < 20 && result.items.empty(); ++polls) result = poll(result.cursor);
    EXPECT_LT(polls, 10);
}

} // namespace
} // namespace sportello::test
