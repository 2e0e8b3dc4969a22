#include "platforms.hpp"

namespace sportello::test {
namespace {

class XWrite : public Platforms {
protected:
    using Platforms::Platforms;
    http::Response tweets(const std::string& text, const std::string& answers = "")
    {
        json body{{"text", text}};
        if (!answers.empty()) body["reply"] = {{"in_reply_to_tweet_id", answers}};
        return post("/x/2/tweets", body, bearer);
    }
};

TEST_F(XWrite, AnAnswerIsCreatedAndReadWithTheAuthorsNameInFront)
{
    const auto asked = mentions("@TIM_Sportello guasto", "mario");
    const auto response = tweets("Ci guardiamo & rispondiamo", asked);
    EXPECT_EQ(response.status, 201);
    const auto data = json::parse(response.body)["data"];
    EXPECT_EQ(data["text"], "@mario Ci guardiamo &amp; rispondiamo");
    EXPECT_EQ(data["edit_history_tweet_ids"], json({data["id"]}));
    const auto row = x("/users/" + std::string(user) + "/tweets?tweet.fields=referenced_tweets,conversation_id")["data"][0];
    EXPECT_EQ(row["id"], data["id"]);
    EXPECT_EQ(row["referenced_tweets"][0]["id"], asked);
    EXPECT_EQ(simulator.world().find(Platform::twitter, data["id"].get<std::string>())->now().text, "Ci guardiamo & rispondiamo")
        << "the truth is what was sent";
}

TEST_F(XWrite, TheSameTextTwiceToTheSamePostIsRefused)
{
    const auto asked = mentions("@TIM_Sportello guasto");
    const auto other = mentions("@TIM_Sportello guasto anche qui", "anna");
    EXPECT_EQ(tweets("Ci guardiamo", asked).status, 201);
    const auto refused = tweets("Ci guardiamo", asked);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(json::parse(refused.body)["detail"], "You are not allowed to create a Tweet with duplicate content.");
    EXPECT_EQ(tweets("Ci guardiamo", other).status, 201);
    clock.set(clock.now() + 25h);
    EXPECT_EQ(tweets("Ci guardiamo", asked).status, 201);
}

struct Refusal {
    const char* name;
    json body;
    int status;
};
void PrintTo(const Refusal& refusal, std::ostream* out)
{
    *out << refusal.name;
}
class XRefuses : public Platforms, public testing::WithParamInterface<Refusal> {};
TEST_P(XRefuses, WithItsStatus)
{
    EXPECT_EQ(post("/2/tweets", GetParam().body, bearer).status, GetParam().status);
    EXPECT_TRUE(simulator.world().posts(*simulator.world().find_account(Platform::twitter, handle)).empty());
}
INSTANTIATE_TEST_SUITE_P(Table, XRefuses,
                         testing::Values(Refusal{"TooLong", {{"text", std::string(281, 'x')}}, 400},
                                         Refusal{"NoText", {{"reply", json::object()}}, 400},
                                         Refusal{"UnknownMember", {{"text", "a"}, {"colour", 1}}, 400},
                                         Refusal{"UnknownParent", {{"text", "a"}, {"reply", {{"in_reply_to_tweet_id", "17"}}}}, 403}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(XWrite, LinksAndEmojiCountAsXCountsThem)
{
    EXPECT_EQ(tweets(std::string(256, 'x') + " https://example.com/" + std::string(200, 'y')).status, 201) << "257 + 23";
    EXPECT_EQ(tweets(std::string(258, 'x') + " https://example.com/" + std::string(200, 'y')).status, 400);
    std::string families;
    for (int i = 0; i < 140; ++i) families += "👨‍👩‍👧‍👦";
    EXPECT_EQ(tweets(families).status, 201) << "140 emoji of 2 each";
    std::string ideographs;
    for (int i = 0; i < 141; ++i) ideographs += "漢";
    EXPECT_EQ(tweets(ideographs).status, 400);
    const auto asked = mentions("@TIM_Sportello guasto", "mario");
    EXPECT_EQ(tweets("@mario " + std::string(280, 'z'), asked).status, 201) << "the mention in front of an answer is free";
}

TEST_F(XWrite, OwnPostsMayBeDeletedOthersNot)
{
    const auto theirs = mentions("@TIM_Sportello guasto");
    const auto ours = json::parse(tweets("Buongiorno").body)["data"]["id"].get<std::string>();
    const auto erase = [&](const std::string& id) {
        http::ClientRequest request;
        request.method = http::Method::del;
        request.url = "http://simulator.test/2/tweets/" + id;
        request.headers.set("Authorization", std::string("Bearer ") + bearer);
        return call(request).status;
    };
    EXPECT_EQ(erase(theirs), 403);
    EXPECT_EQ(erase(ours), 200);
    EXPECT_TRUE(simulator.world().find(Platform::twitter, ours)->deleted);
}

class XReplyRule : public XWrite {
protected:
    XReplyRule()
        : XWrite([] {
              simulator::SimulatorOptions options;
              options.reply_rule = simulator::ReplyRule::mentioned;
              return options;
          }())
    {
    }
};

TEST_F(XReplyRule, OnlyPostsThatMentionTheAccountMayBeAnswered)
{
    const auto named = mentions("@TIM_Sportello guasto");
    const auto ours = json::parse(tweets("Dove?", named).body)["data"]["id"].get<std::string>();
    simulator::NewItem item;
    item.platform = Platform::twitter;
    item.account = "TelecomItalia";
    item.kind = Kind::mention;
    item.author = "mario";
    item.text = "A Bari";
    item.in_reply_to = ours;
    const auto unnamed = *simulator.write(item);
    EXPECT_EQ(tweets("Grazie", unnamed).status, 403);
    EXPECT_EQ(tweets("E poi", ours).status, 201) << "one's own posts may be continued";
}

} // namespace
} // namespace sportello::test
