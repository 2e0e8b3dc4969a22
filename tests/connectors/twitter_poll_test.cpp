#include "twitter_account.hpp"

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using domain::MessageKind;
using domain::Visibility;

class TwitterPoll : public TwitterAccount {};

TEST_F(TwitterPoll, TranslatesTheRecordedMentions)
{
    const auto payload = recorded("x/mentions.json");
    if (!payload) GTEST_SKIP() << "../shared/reference/x/mentions.json is not there";
    Json body = payload->at("response");
    body["meta"].erase("next_token");
    pages[mentions] = [body](const Asked&) { return answer(body); };

    const auto result = poll();
    ASSERT_EQ(result.items.size(), 2U);
    EXPECT_TRUE(result.rejected.empty());

    const auto* reply = find(result.items, "2028396182971088897");
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->text, "@acme_helps still broken: <error 42> \U0001F62D see");
    EXPECT_EQ(reply->kind, MessageKind::mention);
    EXPECT_EQ(reply->visibility, Visibility::public_);
    EXPECT_FALSE(reply->own);
    EXPECT_EQ(reply->parent_id, "2028394881340145665");
    EXPECT_EQ(reply->root_id, "2028394881340145665");
    EXPECT_EQ(reply->author_name, "Example Customer");
    EXPECT_EQ(reply->author_handle, "example_user1");
    EXPECT_EQ(reply->permalink, "https://x.com/example_user1/status/2028396182971088897");
    EXPECT_EQ(reply->at, at("2026-03-02T09:05:10Z"));
    ASSERT_EQ(reply->attachments.size(), 1U);
    EXPECT_EQ(reply->attachments[0].type, "image");
    EXPECT_EQ(reply->attachments[0].url, "https://pbs.twimg.com/media/EXAMPLE.jpg");

    const auto* story = find(result.items, "2028396771570352129");
    ASSERT_NE(story, nullptr);
    EXPECT_TRUE(story->text.ends_with("the blinking lights.")) << story->text; // the note, not the cut text
    EXPECT_EQ(story->root_id, story->platform_id);
}

TEST_F(TwitterPoll, TranslatesTheRecordedDirectMessages)
{
    const auto payload = recorded("x/dm-events.json");
    if (!payload) GTEST_SKIP() << "../shared/reference/x/dm-events.json is not there";
    Json body = payload->at("one_to_one").at("body");
    body["meta"].erase("next_token");
    for (const Json& event : payload->at("group_events").at("data")) body["data"].push_back(event);
    pages[messages] = [body](const Asked&) { return answer(body); };

    const auto result = poll();
    ASSERT_EQ(result.items.size(), 4U); // joining and leaving a group are no messages
    const auto* own = find(result.items, "2028410483635126273");
    ASSERT_NE(own, nullptr);
    EXPECT_TRUE(own->own);
    EXPECT_EQ(own->recipient_id, "1205290000000000001");
    EXPECT_EQ(own->root_id, "3000000001-1205290000000000001");
    const auto* theirs = find(result.items, "2028409980318646273");
    ASSERT_NE(theirs, nullptr);
    EXPECT_EQ(theirs->visibility, Visibility::private_);
    EXPECT_EQ(theirs->kind, MessageKind::direct_message);
    EXPECT_EQ(theirs->recipient_id, "1205290000000000001");
    EXPECT_EQ(theirs->root_id, own->root_id);
    EXPECT_TRUE(theirs->permalink.empty());
    EXPECT_EQ(find(result.items, "2028410231976886273")->attachments.size(), 1U);
    EXPECT_EQ(find(result.items, "1582838499983564806")->root_id, "1578398451921985538");
}

TEST_F(TwitterPoll, ReadsBothDialects)
{
    Json newer{{"id", "2028396182971088897"},
               {"text", "short"},
               {"author_id", "9"},
               {"conversation_id", "2028394881340145665"},
               {"created_at", "2026-03-02T09:05:10.000Z"},
               {"edit_history_post_ids", {"2028396182971088890", "2028396182971088897"}},
               {"referenced_posts", {{{"type", "replied_to"}, {"id", "2028394881340145665"}}}},
               {"note_post", {{"text", "the long text"}}}};
    pages[mentions] = [&](const Asked&) { return answer(page(Json::array({newer}))); };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.items[0].text, "the long text");
    EXPECT_EQ(result.items[0].parent_id, "2028394881340145665");
    EXPECT_EQ(result.items[0].earlier_ids, std::vector<std::string>{"2028396182971088890"});
}

TEST_F(TwitterPoll, KnowsItsOwnPostsAndPassesOverReposts)
{
    Json repost = post("2028396182971088897", "RT @acme_helps: hello");
    repost["referenced_tweets"] = Json::array({{{"type", "retweeted"}, {"id", "2028396182971088800"}}});
    Json own_reply = post("2028396182971088898", "We look into it", self_id);
    own_reply["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", "2028396182971088700"}}});
    own_reply["conversation_id"] = "2028396182971088700";
    pages[mentions] = [&](const Asked&) { return answer(page(Json::array({repost}))); };
    pages[own_posts] = [&](const Asked&) {
        return answer(page(Json::array({own_reply, post("2028396182971088600", "Good morning", self_id)})));
    };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 2U);
    EXPECT_TRUE(find(result.items, "2028396182971088898")->own);
    EXPECT_EQ(find(result.items, "2028396182971088898")->parent_id, "2028396182971088700");
    EXPECT_EQ(find(result.items, "2028396182971088600")->kind, MessageKind::post);
}

TEST_F(TwitterPoll, KeepsTheOrderOfWritingWithinASecond)
{
    pages[mentions] = [&](const Asked&) {
        return answer(
            page(Json::array({post("2028396182971088899", "c"), post("2028396182971088897", "b"), post("2028396182971088896", "a")})));
    };
    std::string order;
    for (const auto& item : poll().items) order += item.text;
    EXPECT_EQ(order, "abc");
}

/// Mentions as the platform keeps them, served in pages of two, since_id exclusive.
http::Exchange serve_pages(const std::vector<Json>& newest_first, const Asked& asked)
{
    const std::string since = asked.parameter("since_id");
    const std::string token = asked.parameter("pagination_token");
    Json data = Json::array();
    std::string next;
    for (std::size_t i = token.empty() ? 0 : std::stoul(token); i < newest_first.size(); ++i) {
        const std::string id = newest_first[i].at("id");
        if (!since.empty() && (id.size() < since.size() || (id.size() == since.size() && id <= since))) break;
        if (data.size() == 2) {
            next = std::to_string(i);
            break;
        }
        data.push_back(newest_first[i]);
    }
    Json meta{{"result_count", data.size()}};
    if (!next.empty()) meta["next_token"] = next;
    if (!data.empty()) meta["newest_id"] = data.front().at("id");
    return answer(Json{{"data", data}, {"meta", meta}});
}

std::string id_at(base::Instant when, int n = 0)
{
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count() - 1'288'834'974'657;
    return std::to_string((ms << 22) + n);
}

/// Polls until there is no more; every id that came, with how often.
std::map<std::string, int> drain(connectors::Connector& connector, std::string& cursor)
{
    std::map<std::string, int> seen;
    for (int polls = 0; polls < 100; ++polls) {
        auto result = run(connector.poll(cursor));
        cursor = result.cursor;
        for (const auto& item : result.items) ++seen[item.platform_id];
        if (!result.more) return seen;
    }
    ADD_FAILURE() << "a poll that never ends";
    return seen;
}

TEST_F(TwitterPoll, ReadsEverythingTheFirstTimeInSteps)
{
    std::vector<Json> all;
    for (int i = 60; i > 0; --i) all.push_back(post(id_at(at("2019-05-01T10:00:00Z") + i * 1min), "n" + std::to_string(i)));
    pages[mentions] = [&](const Asked& asked) { return serve_pages(all, asked); };

    auto first = poll();
    EXPECT_TRUE(first.more);
    EXPECT_LE(transport.calls.size(), 11U); // ten and the question who we are
    std::string cursor = first.cursor;
    auto seen = drain(*connector, cursor);
    for (const auto& item : first.items) ++seen[item.platform_id];
    EXPECT_EQ(seen.size(), 60U);
    for (const auto& [id, times] : seen) EXPECT_EQ(times, 1) << id;
}

TEST_F(TwitterPoll, FindsWhatComesWhileItWalksAndWhatShowsUpLate)
{
    const auto start = at("2026-03-02T08:00:00Z");
    std::vector<Json> all;
    for (int i = 40; i > 0; --i) all.push_back(post(id_at(start + i * 1min), "n"));
    pages[mentions] = [&](const Asked& asked) { return serve_pages(all, asked); };
    auto result = poll();
    ASSERT_TRUE(result.more);
    all.insert(all.begin(), post(id_at(start + 50min), "came while walking"));
    std::string cursor = result.cursor;
    auto seen = drain(*connector, cursor);
    for (const auto& [id, times] : drain(*connector, cursor)) seen[id] += times;
    EXPECT_TRUE(seen.contains(id_at(start + 50min)));

    // Below the newest id already read, but within the overlap.
    const std::string late = id_at(start + 45min, 3);
    all.insert(all.begin() + 1, post(late, "showed up late"));
    EXPECT_EQ(drain(*connector, cursor), (std::map<std::string, int>{{late, 1}}));
}

TEST_F(TwitterPoll, ReadsAListToItsEndOnceADay)
{
    const auto start = at("2026-03-02T08:00:00Z");
    std::vector<Json> all{post(id_at(start + 50min), "new"), post(id_at(start), "old")};
    pages[mentions] = [&](const Asked& asked) { return serve_pages(all, asked); };
    std::string cursor;
    drain(*connector, cursor);
    const std::string forgotten = id_at(start - 24h);
    all.push_back(post(forgotten, "never shown before"));
    EXPECT_TRUE(drain(*connector, cursor).empty());
    clock.set(clock.now() + 25h);
    EXPECT_EQ(drain(*connector, cursor), (std::map<std::string, int>{{forgotten, 1}}));
}

TEST_F(TwitterPoll, RepeatsWhatWasNotStored)
{
    pages[mentions] = [&](const Asked& asked) { return serve_pages({post(id_at(clock.now()), "hello")}, asked); };
    const auto first = poll();
    ASSERT_EQ(first.items.size(), 1U);
    EXPECT_EQ(poll().items.size(), 1U); // the transaction failed: the old cursor comes back
    const auto again = poll();
    EXPECT_TRUE(poll(again.cursor).items.empty()); // it was stored: the overlap costs nothing
    const auto other = connectors::make_connector(settings, transport, clock, random);
    EXPECT_EQ(run(other->poll(again.cursor)).items.size(), 1U); // a new process knows only the cursor
}

TEST_F(TwitterPoll, HandsOutTheSameCursorWhenThereIsNoNews)
{
    pages[mentions] = [&](const Asked& asked) { return serve_pages({post(id_at(clock.now()), "hello")}, asked); };
    std::string cursor;
    drain(*connector, cursor);
    const std::string before = cursor;
    drain(*connector, cursor);
    EXPECT_EQ(cursor, before);
}

TEST_F(TwitterPoll, EndsWhenATokenRepeatsOrPagesNeverEnd)
{
    pages[mentions] = [](const Asked&) { return answer(Json{{"meta", {{"result_count", 0}, {"next_token", "same"}}}}); };
    int n = 0;
    pages[own_posts] = [&](const Asked&) {
        return answer(Json{{"meta", {{"result_count", 0}, {"next_token", "t" + std::to_string(++n)}}}});
    };
    std::string cursor;
    drain(*connector, cursor);
    EXPECT_EQ(transport.count(mentions) % 2, 0U);
    EXPECT_LE(n, 100); // and messages had their turn
    EXPECT_GE(transport.count(messages), 1U);
}

TEST_F(TwitterPoll, BeginsAgainWhenATokenOrASinceIdIsRefused)
{
    std::string cursor;
    pages[mentions] = [&](const Asked& asked) { return serve_pages({post(id_at(clock.now()), "hello")}, asked); };
    drain(*connector, cursor);
    pages[mentions] = [&](const Asked& asked) {
        if (!asked.parameter("since_id").empty())
            return answer(400, R"({"title":"Invalid Request","detail":"'since_id' must be larger than 5"})");
        return answer(page(Json::array({post(id_at(clock.now(), 2), "again")})));
    };
    EXPECT_EQ(drain(*connector, cursor).size(), 1U);
}

TEST_F(TwitterPoll, WalksDirectMessagesBackToWhatItKnows)
{
    const auto start = at("2026-03-02T08:00:00Z");
    std::vector<Json> all;
    const auto event = [&](base::Instant when) {
        return Json{{"id", id_at(when)}, {"event_type", "MessageCreate"},         {"text", "hi"},
                    {"sender_id", "77"}, {"dm_conversation_id", "77-3000000001"}, {"created_at", base::to_rfc3339(when)}};
    };
    for (int i = 10; i > 0; --i) all.push_back(event(start + i * 1h));
    pages[messages] = [&](const Asked& asked) { return serve_pages(all, asked); };
    std::string cursor;
    EXPECT_EQ(drain(*connector, cursor).size(), 10U);
    transport.calls.clear();
    all.insert(all.begin(), event(start + 11h));
    EXPECT_EQ(drain(*connector, cursor).size(), 1U);
    EXPECT_EQ(transport.count(messages), 2U); // the second page of two reaches below the overlap
    EXPECT_EQ(transport.last(messages)->parameter("since_id"), "");
}

TEST_F(TwitterPoll, KeepsAsideWhatItCannotUnderstand)
{
    Json long_id = post("2028396182971088896", "x");
    long_id["id"] = 2028396182971088896;
    const Json odd = Json::array({nullptr, 3, "x", Json::array(), Json::object(), Json{{"id", "abc"}}, Json{{"id", "5"}, {"text", 7}},
                                  Json{{"id", "6"}, {"created_at", 5.5}}, long_id, post("2028396182971088897", "fine")});
    pages[mentions] = [&](const Asked&) {
        return answer(Json{{"data", odd}, {"meta", {{"result_count", 10}}}, {"includes", 5}, {"errors", Json::array({nullptr, 3})}});
    };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 2U);
    EXPECT_EQ(result.rejected.size(), 9U); // the id that is a number is read, and kept as it came besides
    for (const auto& rejected : result.rejected) EXPECT_FALSE(rejected.reason.empty());
    EXPECT_EQ(result.trouble.state, State::ok);
}

TEST_F(TwitterPoll, MakesTextsClean)
{
    pages[mentions] = [](const Asked&) {
        return answer(
            200,
            R"({"data":[{"id":"2028396182971088897","text":"a\u0000b \ud83d","author_id":"9"}],"includes":{"users":[{"id":"9","name":"N\u0000"}]},"meta":{"result_count":1}})");
    };
    const auto result = poll();
    ASSERT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.items[0].text, "a\uFFFDb \uFFFD");
    EXPECT_EQ(result.items[0].author_name, "N\uFFFD");
    EXPECT_EQ(result.items[0].at, at("2026-03-02T09:05:10.456Z")); // no created_at: the id tells
}

TEST_F(TwitterPoll, RefusesATokenOfAnotherAccount)
{
    transport.script = [](const Asked&) { return answer(Json{{"data", {{"id", "42"}, {"username", "another_brand"}}}}); };
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::misconfigured);
    EXPECT_NE(result.trouble.reason.find("@another_brand"), std::string::npos);
    connectors::PublishRequest request;
    request.target_id = "5";
    EXPECT_EQ(run(connector->publish(request)).outcome, PublishOutcome::Class::not_sent);
    for (const auto& call : transport.calls) EXPECT_EQ(call.request.method, http::Method::get);
}

TEST_F(TwitterPoll, AsksWhoItIsOnceForEachToken)
{
    const auto first = poll();
    connector = connectors::make_connector(settings, transport, clock, random);
    EXPECT_EQ(poll(first.cursor).trouble.state, State::ok);
    EXPECT_EQ(transport.count("/users/me"), 1U);
    EXPECT_EQ(transport.count(mentions), 2U);
    EXPECT_EQ(first.cursor.find("bearer-of-acme"), std::string::npos);

    settings.credentials.access_token = "another-bearer";
    connector = connectors::make_connector(settings, transport, clock, random);
    poll(first.cursor);
    EXPECT_EQ(transport.count("/users/me"), 2U);
}

TEST_F(TwitterPoll, ReadsWithATokenOfTheAppAlone)
{
    transport.script = [this](const Asked& asked) {
        if (asked.path == "/users/me")
            return answer(
                403,
                R"({"title":"Unsupported Authentication","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403})");
        if (asked.path == "/users/by/username/acme_helps") return answer(Json{{"data", {{"id", self_id}, {"username", "acme_helps"}}}});
        if (asked.path == messages)
            return answer(
                403,
                R"({"title":"Unsupported Authentication","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403})");
        return answer(page(Json::array({post("2028396182971088897", "hello")})));
    };
    const auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::misconfigured); // direct messages cannot be read, the rest can
    EXPECT_NE(result.trouble.reason.find("direct messages"), std::string::npos);
    transport.calls.clear();
    poll(result.cursor);
    EXPECT_EQ(transport.count(messages), 0U); // not asked again at once
}

TEST_F(TwitterPoll, SignsWithOAuth1WhenThereIsAConsumerKey)
{
    settings.credentials.consumer_key = "consumer-key";
    settings.credentials.consumer_secret = "consumer-secret";
    const auto signing = connectors::make_connector(settings, transport, clock, random);
    run(signing->poll(""));
    EXPECT_TRUE(transport.calls.front().request.headers.find("Authorization")->starts_with("OAuth oauth_consumer_key=\"consumer-key\""));
    poll();
    EXPECT_EQ(transport.calls.back().request.headers.find("Authorization"), "Bearer bearer-of-acme");
}

TEST_F(TwitterPoll, ObeysTheLatestResetAmongTheSpentLimits)
{
    auto headers = limits(40'000, 39'999, clock.now() + 5min);
    headers.add("x-user-limit-24hour-remaining", "0");
    headers.add("x-user-limit-24hour-reset", std::to_string(base::to_micros(clock.now() + 30min) / 1'000'000));
    headers.add("x-app-limit-24hour-remaining", "0");
    headers.add("x-app-limit-24hour-reset", std::to_string(base::to_micros(clock.now() + 20h) / 1'000'000));
    transport.script = [&](const Asked& asked) {
        return asked.path == "/users/me" ? serve(asked) : answer(429, R"({"title":"Too Many Requests","status":429})", headers);
    };
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::rate_limited);
    EXPECT_EQ(result.trouble.not_before, clock.now() + 1h); // never later than an hour
    transport.calls.clear();
    EXPECT_EQ(poll(result.cursor).trouble.state, State::rate_limited);
    EXPECT_TRUE(transport.calls.empty());
    clock.set(clock.now() + 61min);
    poll(result.cursor);
    EXPECT_EQ(transport.calls.size(), 4U);
}

TEST_F(TwitterPoll, LimitsOfOneListLeaveTheOthersAlone)
{
    pages[messages] = [&](const Asked&) { return answer(429, "{}", limits(15, 0, clock.now() + 10min)); };
    pages[mentions] = [&](const Asked&) { return answer(page(Json::array({post("2028396182971088897", "hello")}))); };
    auto result = poll();
    EXPECT_EQ(result.items.size(), 1U);
    EXPECT_EQ(result.trouble.state, State::rate_limited);
    EXPECT_FALSE(result.trouble.not_before); // the channel as a whole may go on
    result = poll(result.cursor);
    EXPECT_EQ(transport.count(mentions), 2U);
    EXPECT_EQ(transport.count(messages), 1U);
}

TEST_F(TwitterPoll, SpreadsTheLastHalfOfALimitOverItsWindow)
{
    int left = 15;
    const auto reset = clock.now() + 15min;
    pages[messages] = [&](const Asked&) { return answer(page(Json::array()), limits(15, --left, reset)); };
    std::string cursor;
    for (auto end = clock.now() + 14min; clock.now() < end; clock.set(clock.now() + 1s)) cursor = poll(cursor).cursor;
    EXPECT_GE(left, 3) << "a fifth is kept for answers";
    EXPECT_LE(left, 5);
    EXPECT_EQ(transport.count(messages) + static_cast<std::size_t>(left), 15U);
}

TEST_F(TwitterPoll, TellsWhatStandsInTheWay)
{
    struct Case {
        int status;
        const char* body;
        State state;
    };
    const Case cases[] = {
        {401, R"({"title":"Unauthorized","status":401})", State::needs_authorisation},
        {401, R"({"errors":[{"code":135,"message":"Timestamp out of bounds."}]})", State::misconfigured},
        {401, R"({"errors":[{"code":32,"message":"Could not authenticate you."}]})", State::misconfigured},
        {402, R"({"title":"CreditsDepleted"})", State::misconfigured},
        {403, R"({"title":"Client Forbidden","reason":"client-not-enrolled","type":"https://api.x.com/2/problems/client-forbidden"})",
         State::misconfigured},
        {403, R"({"errors":[{"code":326,"message":"locked"}]})", State::needs_authorisation},
        {500, "<html>", State::unavailable},
        {503, "", State::unavailable},
        {200, "<html>maintenance</html>", State::unavailable},
    };
    for (const auto& c : cases) {
        const auto fresh = connectors::make_connector(settings, transport, clock, random);
        transport.script = [&](const Asked& asked) { return asked.path == "/users/me" ? serve(asked) : answer(c.status, c.body); };
        const auto result = run(fresh->poll("the cursor"));
        EXPECT_EQ(result.trouble.state, c.state) << c.status << c.body << result.trouble.reason;
        EXPECT_FALSE(result.trouble.reason.empty());
        EXPECT_TRUE(result.items.empty());
    }
    transport.script = [](const Asked&) { return broken(false); };
    EXPECT_EQ(poll("c").trouble.state, State::unavailable);
    EXPECT_EQ(poll("c").cursor, "c");
}

TEST_F(TwitterPoll, SurvivesATransportThatThrows)
{
    transport.script = [](const Asked&) -> http::Exchange { throw std::runtime_error("bearer-of-acme leaked"); };
    const auto result = poll("c");
    EXPECT_EQ(result.trouble.state, State::unavailable);
    EXPECT_EQ(result.cursor, "c");
    EXPECT_EQ(result.trouble.reason.find("bearer-of-acme"), std::string::npos);
}

/// Whether X itself put our name there, or the author did: only the author's word counts for the reply rule.
TEST_F(TwitterPoll, TellsAnAuthorsMentionFromOneThatXPutInFront)
{
    const auto mention = [](int start, int end, const char* name = "Acme_Helps") {
        return Json{{"start", start}, {"end", end}, {"username", name}};
    };
    const auto answering = [](Json post, const std::string& to, const std::string& author) {
        post["referenced_tweets"] = Json::array({{{"type", "replied_to"}, {"id", to}}});
        post["in_reply_to_user_id"] = author;
        return post;
    };
    struct Case {
        const char* name;
        Json post;
        bool implicit;
    };
    const std::string stranger = "1205290000000000009";
    std::vector<Case> cases;
    Json root = post("1900000000000000001", "@acme_helps no line");
    root["entities"]["mentions"] = Json::array({mention(0, 11)});
    cases.push_back({"a post of its own", root, false});
    cases.push_back({"without our name", post("1900000000000000002", "no line"), true});
    Json second = answering(post("1900000000000000003", "@acme_helps still none"), "1900000000000000100", self_id);
    second["entities"]["mentions"] = Json::array({mention(0, 11)});
    cases.push_back({"an answer to us", second, true});
    Json again = answering(post("1900000000000000004", "@acme_helps hello @acme_helps"), "1900000000000000100", self_id);
    again["entities"]["mentions"] = Json::array({mention(0, 11), mention(18, 29)});
    cases.push_back({"an answer to us that names us once more", again, false});
    Json third = answering(post("1900000000000000005", "@other @acme_helps can you?"), "1900000000000000101", stranger);
    third["entities"]["mentions"] = Json::array({mention(0, 6, "other"), mention(7, 18)});
    cases.push_back({"an answer to somebody who did not name us", third, false});
    Json carried = answering(post("1900000000000000006", "@other @acme_helps me too"), "1900000000000000102", stranger);
    carried["entities"]["mentions"] = Json::array({mention(0, 6, "other"), mention(7, 18)});
    cases.push_back({"an answer to somebody who named us", carried, true});
    Json quoting = post("1900000000000000007", "look at this");
    quoting["referenced_tweets"] = Json::array({{{"type", "quoted"}, {"id", "1900000000000000100"}}});
    cases.push_back({"a quotation of ours", quoting, false});
    Json hostile = root;
    hostile["id"] = "1900000000000000008";
    hostile["entities"]["mentions"] = Json::array({{{"start", "x"}, {"end", -1}, {"username", 7}}, 3, nullptr});
    cases.push_back({"mentions without sense", hostile, true});

    Json all = Json::array();
    for (const auto& one : cases) all.push_back(one.post);
    Json body = page(all);
    Json named = post("1900000000000000102", "@acme_helps hello", stranger);
    named["entities"]["mentions"] = Json::array({mention(0, 11)});
    body["includes"]["tweets"] =
        Json::array({post("1900000000000000100", "We are on it", self_id), post("1900000000000000101", "hello", stranger), named});
    pages[mentions] = [body](const Asked&) { return answer(body); };
    const auto result = poll();
    for (const auto& one : cases) {
        const auto* item = find(result.items, one.post.at("id").get<std::string>());
        ASSERT_NE(item, nullptr) << one.name;
        EXPECT_EQ(item->implicit_mention, one.implicit) << one.name;
    }
}

} // namespace
} // namespace sportello::test
