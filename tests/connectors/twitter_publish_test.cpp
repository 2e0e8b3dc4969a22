#include "twitter_account.hpp"

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::PublishRequest;
using connectors::ReadBackRequest;
using Class = PublishOutcome::Class;
using domain::Visibility;

class TwitterPublish : public TwitterAccount {
protected:
    PublishOutcome publish(PublishRequest request) { return run(connector->publish(std::move(request))); }
    static PublishRequest reply()
    {
        PublishRequest request;
        request.target_id = "2028396182971088897";
        request.root_id = "2028394881340145665";
        request.text = "We are on it \U0001F527";
        request.attempt_key = "attempt-1";
        return request;
    }
    static PublishRequest direct_message()
    {
        PublishRequest request = reply();
        request.visibility = Visibility::private_;
        request.target_id = request.root_id = "3000000001-1205290000000000001";
        request.recipient_id = "1205290000000000001";
        return request;
    }
    [[nodiscard]] std::size_t sends() const
    {
        return static_cast<std::size_t>(std::count_if(transport.calls.begin(), transport.calls.end(),
                                                      [](const Asked& a) { return a.request.method == http::Method::post; }));
    }
};

/// One row of the table in reliability 2.6, as X answers it.
struct Row {
    const char* name;
    http::Exchange exchange;
    Class outcome;
    State trouble = State::ok;
    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};
std::string problem(const char* detail, const char* type = "about:blank", const char* title = "Forbidden")
{
    return Json{{"detail", detail}, {"type", type}, {"title", title}}.dump();
}
class TwitterSendClass : public TwitterPublish, public testing::WithParamInterface<Row> {};
TEST_P(TwitterSendClass, FollowsTheTable)
{
    transport.script = [this](const Asked& asked) { return asked.path == "/tweets" ? GetParam().exchange : serve(asked); };
    const auto outcome = publish(reply());
    EXPECT_EQ(outcome.outcome, GetParam().outcome) << outcome.reason;
    EXPECT_EQ(outcome.trouble.state, GetParam().trouble) << outcome.trouble.reason;
    EXPECT_EQ(outcome.reason.empty(), outcome.outcome == Class::published);
    EXPECT_EQ(outcome.platform_id.empty(), outcome.outcome != Class::published);
    EXPECT_EQ(sends(), 1U); // never twice
}
INSTANTIATE_TEST_SUITE_P(
    Table, TwitterSendClass,
    testing::Values(
        Row{"Published", answer(201, R"({"data":{"id":"2028399913989046273","text":"x","edit_history_tweet_ids":[""]}})"),
            Class::published},
        Row{"NoByteLeft", broken(false), Class::not_sent, State::unavailable},
        Row{"BrokenAfterBytesLeft", broken(true), Class::unknown, State::unavailable},
        Row{"SuccessWithoutBody", answer(201, ""), Class::unknown}, Row{"SuccessWithHtml", answer(200, "<html>"), Class::unknown},
        Row{"SuccessCut", answer(201, R"({"data":{"id":"20283)"), Class::unknown},
        Row{"SuccessWithoutId", answer(200, R"({"errors":[{"title":"Not Found Error"}]})"), Class::unknown},
        Row{"SuccessWithAnOddId", answer(201, R"({"data":{"id":"me<script>"}})"), Class::unknown},
        Row{"ServerError", answer(500, problem("oops")), Class::unknown, State::unavailable},
        Row{"BadGateway", answer(502, "<html>Bad Gateway</html>"), Class::unknown, State::unavailable},
        Row{"Unavailable", answer(503, ""), Class::unknown, State::unavailable},
        Row{"RateLimited", answer(429, problem("Too Many Requests"), limits(100, 0, base::from_micros(1'772'442'600'000'000))),
            Class::not_sent_probably, State::rate_limited},
        Row{"Unauthorized", answer(401, problem("Unauthorized")), Class::not_sent_probably, State::needs_authorisation},
        Row{"DuplicateContent", answer(403, problem("You are not allowed to create a Tweet with duplicate content.")), Class::unknown},
        Row{"DuplicateByCode", answer(403, R"({"errors":[{"code":187,"message":"Status is a duplicate."}]})"), Class::unknown},
        Row{"ReplyRule",
            answer(403, problem("Reply to this conversation is not allowed because you have not been mentioned or "
                                "otherwise engaged by the author of the post you are replying to.")),
            Class::failed},
        Row{"ReplyRuleInNewerWords",
            answer(403, problem("You can only reply to or quote posts where you are mentioned or are the author.")), Class::failed},
        Row{"ParentGone", answer(403, problem("You attempted to reply to a Tweet that is deleted or not visible to you.")), Class::failed},
        Row{"TooLong", answer(400, problem("Your Tweet text is too long. For more information ...", "about:blank", "Bad Request")),
            Class::failed},
        Row{"TooLongAs403", answer(403, problem("Your Tweet text is too long.")), Class::failed},
        Row{"BadRequest", answer(400, "not even JSON"), Class::failed},
        Row{"OtherForbidden", answer(403, problem("Something new")), Class::unknown},
        Row{"AppNotEnrolled",
            answer(403, Json{{"reason", "client-not-enrolled"}, {"type", "https://api.twitter.com/2/problems/client-forbidden"}}.dump()),
            Class::unknown, State::misconfigured},
        Row{"NoCredits", answer(402, problem("no credits")), Class::unknown, State::misconfigured},
        Row{"LooksAutomated", answer(403, R"({"errors":[{"code":226,"message":"This request looks like it might be automated."}]})"),
            Class::unknown, State::rate_limited},
        Row{"Teapot", answer(418, ""), Class::unknown}, Row{"Redirect", answer(302, ""), Class::unknown}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(TwitterPublish, AnswersThePostOnceOverAConnectionOfItsOwn)
{
    pages["/tweets"] = [](const Asked&) { return answer(201, R"({"data":{"id":"2028399913989046273","text":"x"}})"); };
    auto request = reply();
    request.deadline = 12s;
    const auto outcome = publish(request);
    EXPECT_EQ(outcome.platform_id, "2028399913989046273");
    const auto& sent = transport.last("/tweets")->request;
    EXPECT_TRUE(sent.fresh_connection);
    EXPECT_LE(sent.deadline, 12s);
    EXPECT_GT(sent.deadline, 10s);
    EXPECT_EQ(Json::parse(sent.body),
              (Json{{"text", "We are on it \U0001F527"}, {"reply", {{"in_reply_to_tweet_id", "2028396182971088897"}}}}));
}

TEST_F(TwitterPublish, SendsDirectMessagesToThePersonOrTheGroup)
{
    const auto sent = [](const Asked&) {
        return answer(201, R"({"data":{"dm_conversation_id":"3000000001-1205290000000000001","dm_event_id":"2028411238609846273"}})");
    };
    pages["/dm_conversations/with/1205290000000000001/messages"] = sent;
    pages["/dm_conversations/1578398451921985538/messages"] = sent;
    auto outcome = publish(direct_message());
    EXPECT_EQ(outcome.outcome, Class::published);
    EXPECT_EQ(outcome.platform_id, "2028411238609846273");
    auto group = direct_message();
    group.root_id = "1578398451921985538";
    EXPECT_EQ(publish(group).outcome, Class::published);
}

TEST_F(TwitterPublish, TellsThatAPersonTakesNoMessages)
{
    pages["/dm_conversations/with/1205290000000000001/messages"] = [](const Asked&) {
        return answer(403, problem("You do not have permission to DM one or more participants."));
    };
    EXPECT_EQ(publish(direct_message()).outcome, Class::failed);
}

TEST_F(TwitterPublish, SendsNothingWithoutATarget)
{
    auto request = reply();
    request.target_id = "../users";
    EXPECT_EQ(publish(request).outcome, Class::failed);
    auto message = direct_message();
    message.recipient_id = "";
    EXPECT_EQ(publish(message).outcome, Class::failed);
    EXPECT_EQ(sends(), 0U);
}

TEST_F(TwitterPublish, LeavesTheOutcomeUnknownWhenTheTransportThrows)
{
    transport.script = [this](const Asked& asked) -> http::Exchange {
        if (asked.path == "/tweets") throw std::runtime_error("boom");
        return serve(asked);
    };
    EXPECT_EQ(publish(reply()).outcome, Class::unknown);
}

ReadBackRequest window(Visibility visibility = Visibility::public_)
{
    ReadBackRequest request;
    request.visibility = visibility;
    request.target_id = "2028396182971088897";
    request.root_id = visibility == Visibility::public_ ? "2028394881340145665" : "3000000001-1205290000000000001";
    request.recipient_id = "1205290000000000001";
    request.since = at("2026-03-02T09:00:00.500Z");
    return request;
}
Json written(Json post, const char* when)
{
    post["created_at"] = when;
    return post;
}

TEST_F(TwitterPublish, ReadsItsTimelineBackByTimeAndNotById)
{
    pages[own_posts] = [&](const Asked& asked) {
        if (asked.parameter("pagination_token").empty())
            return answer(page(Json::array({written(post("3", "later", self_id), "2026-03-02T09:04:00.000Z")}), "p2"));
        return answer(page(Json::array({written(post("2", "in time", self_id), "2026-03-02T09:00:00.000Z"),
                                        written(post("1", "before", self_id), "2026-03-02T08:59:59.000Z")})));
    };
    const auto result = run(connector->read_back(window()));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.canary_seen);
    EXPECT_FALSE(result.parent_gone);
    ASSERT_EQ(result.own.size(), 2U);
    EXPECT_EQ(transport.last(own_posts)->parameter("start_time"), "2026-03-02T09:00:00Z");
    EXPECT_EQ(transport.last(own_posts)->parameter("since_id"), "");
    EXPECT_EQ(transport.last(own_posts)->parameter("exclude"), "");
}

TEST_F(TwitterPublish, TakesANewerMentionForACanary)
{
    auto result = run(connector->read_back(window()));
    EXPECT_TRUE(result.complete);
    EXPECT_FALSE(result.canary_seen);
    pages[mentions] = [&](const Asked&) {
        return answer(page(Json::array({written(post("9", "hello", "77"), "2026-03-02T09:02:30.000Z")})));
    };
    result = run(connector->read_back(window()));
    EXPECT_TRUE(result.canary_seen);
    EXPECT_TRUE(result.own.empty());
}

TEST_F(TwitterPublish, IsIncompleteWhenAPageFails)
{
    pages[own_posts] = [&](const Asked& asked) {
        if (asked.parameter("pagination_token").empty())
            return answer(page(Json::array({written(post("3", "later", self_id), "2026-03-02T09:04:00.000Z")}), "p2"));
        return answer(503, "");
    };
    const auto result = run(connector->read_back(window()));
    EXPECT_FALSE(result.complete);
    EXPECT_EQ(result.trouble.state, State::unavailable);
}

TEST_F(TwitterPublish, ReadsAConversationBack)
{
    const auto event = [](const char* id, const char* sender, const char* when) {
        return Json{{"id", id},
                    {"event_type", "MessageCreate"},
                    {"text", "t"},
                    {"sender_id", sender},
                    {"dm_conversation_id", "1205290000000000001-3000000001"},
                    {"created_at", when}};
    };
    pages["/dm_conversations/with/1205290000000000001/dm_events"] = [&](const Asked&) {
        return answer(page(Json::array({event("3", "1205290000000000001", "2026-03-02T09:05:00.000Z"),
                                        event("2", self_id, "2026-03-02T09:02:00.000Z"), event("1", self_id, "2026-03-02T08:00:00.000Z")}),
                           "older"));
    };
    const auto result = run(connector->read_back(window(Visibility::private_)));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.canary_seen);
    ASSERT_EQ(result.own.size(), 1U);
    EXPECT_EQ(result.own[0].platform_id, "2");
}

TEST_F(TwitterPublish, LooksAgainAndSeesWhatIsGoneAndWhatWasEdited)
{
    pages["/tweets"] = [&](const Asked& asked) {
        Json old = post("100", "old words");
        old["edit_history_tweet_ids"] = {"100", "200"};
        Json edited = post("200", "new words");
        edited["edit_history_tweet_ids"] = {"100", "200"};
        if (asked.parameter("ids") == "200") return answer(Json{{"data", {edited}}});
        return answer(
            Json{{"data", {old, post("300", "still there")}},
                 {"errors",
                  {{{"resource_id", "400"}, {"parameter", "ids"}, {"type", "https://api.twitter.com/2/problems/resource-not-found"}},
                   {{"resource_id", "500"}, {"parameter", "ids"}, {"type", "https://api.x.com/2/problems/not-authorized-for-resource"}},
                   {{"resource_id", "999"},
                    {"parameter", "referenced_tweets.id"},
                    {"type", "https://api.twitter.com/2/problems/resource-not-found"}}}}});
    };
    const auto result = run(connector->recheck({"100", "300", "400", "500", "m_not-ours"}));
    EXPECT_EQ(result.trouble.state, State::ok);
    std::map<std::string, connectors::Rechecked> by_id;
    for (const auto& one : result.items) by_id.emplace(one.platform_id, one);
    ASSERT_EQ(by_id.size(), 3U);
    EXPECT_EQ(by_id.at("100").item->text, "new words");
    EXPECT_EQ(by_id.at("100").item->platform_id, "200");
    EXPECT_EQ(by_id.at("100").item->earlier_ids, std::vector<std::string>{"100"});
    EXPECT_FALSE(by_id.at("300").gone);
    EXPECT_TRUE(by_id.at("400").gone);
}

} // namespace
} // namespace sportello::test
