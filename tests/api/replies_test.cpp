#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

class Replies : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    std::int64_t ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    std::string address = "/v1/tickets/" + std::to_string(ticket);

    json newest_message()
    {
        json newest;
        for (const auto& item : items_of(desk.get(address + "/timeline", anna))) {
            if (item.at("kind") == "message") newest = item;
        }
        return newest;
    }
};

TEST_F(Replies, AreAcceptedOnceAndShownInTheTimeline)
{
    const json body{{"text", "We are on it."}, {"visibility", "public"}};
    const auto accepted = desk.post(address + "/replies", anna, body, "r-1");
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    EXPECT_EQ(body_of(accepted).at("delivery").at("state"), "queued");
    EXPECT_EQ(body_of(accepted).at("author").at("id"), anna.id);
    const auto again = desk.post(address + "/replies", anna, body, "r-1");
    EXPECT_EQ(again.status, 202);
    EXPECT_EQ(body_of(again).at("id"), body_of(accepted).at("id"));
    const auto other = desk.post(address + "/replies", anna, {{"text", "Other."}, {"visibility", "public"}}, "r-1");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(body_of(other).at("code"), "idempotency_mismatch");

    std::size_t replies = 0;
    for (const auto& item : items_of(desk.get(address + "/timeline", anna))) {
        if (item.at("kind") != "reply") continue;
        ++replies;
        EXPECT_EQ(item.at("text"), "We are on it.");
        EXPECT_EQ(item.at("delivery").at("state"), "queued");
        EXPECT_EQ(item.at("author").at("kind"), "agent");
    }
    EXPECT_EQ(replies, 1U);
}

TEST_F(Replies, ReachThePlatform)
{
    const auto accepted = body_of(desk.post(address + "/replies", anna, {{"text", "We are on it."}, {"visibility", "public"}}));
    desk.house.start();
    desk.house.run_for(1min);
    const auto reply = body_of(desk.get("/v1/replies/" + accepted.at("id").dump(), anna));
    EXPECT_EQ(reply.at("delivery").at("state"), "published") << reply;
    EXPECT_TRUE(reply.at("delivery").contains("platform_id"));
    EXPECT_EQ(desk.house.copies_on_platform("We are on it."), 1U);
}

TEST_F(Replies, OfSomebodyWhoHasNotSeenTheNewestMessageAreRefusedWithWhatWasMissed)
{
    const auto seen = newest_message();
    desk.house.run_for(1s);
    desk.house.customer_writes(test::House::handle, simulator::Kind::mention, "mara", "@TIM_Sportello it works again",
                               seen.at("platform_id").get<std::string>());
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto newest = newest_message();
    ASSERT_NE(newest.at("id"), seen.at("id"));
    for (const auto& last_seen : {seen.at("id"), seen.at("platform_id")}) {
        const auto stale = desk.post(address + "/replies", anna, {{"text", "Sorry!"}, {"visibility", "public"}, {"last_seen", last_seen}});
        EXPECT_EQ(stale.status, 409) << stale.body;
        EXPECT_EQ(body_of(stale).at("code"), "stale_reply");
        ASSERT_EQ(body_of(stale).at("missed").size(), 1U);
        EXPECT_EQ(body_of(stale).at("missed").at(0).at("id"), newest.at("id"));
    }
    const auto fresh = desk.post(address + "/replies", anna, {{"text", "Good!"}, {"visibility", "public"}, {"last_seen", newest.at("id")}});
    EXPECT_EQ(fresh.status, 202) << fresh.body;
}

TEST_F(Replies, AreTakenBackInTheUndoWindow)
{
    const auto accepted = body_of(desk.post(address + "/replies", anna, {{"text", "Wait"}, {"visibility", "public"}, {"undo_seconds", 8}}));
    const auto undone = desk.del("/v1/replies/" + accepted.at("id").dump(), anna);
    EXPECT_EQ(undone.status, 200) << undone.body;
    EXPECT_EQ(body_of(undone).at("delivery").at("state"), "cancelled");
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(desk.house.copies_on_platform("Wait"), 0U);
}

TEST_F(Replies, PublishedOnesCannotBeTakenBackNorDecided)
{
    const auto id = body_of(desk.post(address + "/replies", anna, {{"text", "Done"}, {"visibility", "public"}})).at("id").dump();
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(desk.del("/v1/replies/" + id, anna).status, 409);
    EXPECT_EQ(desk.post("/v1/replies/" + id + "/decision", anna, {{"decision", "resend"}}).status, 409);
}

TEST_F(Replies, AreCheckedFieldByField)
{
    const std::tuple<json, int, const char*> wrong[] = {
        {{{"visibility", "public"}}, 400, "/text"},
        {{{"text", "x"}}, 400, "/visibility"},
        {{{"text", "x"}, {"visibility", "secret"}}, 422, "/visibility"},
        {{{"text", ""}, {"visibility", "public"}}, 422, "/text"},
        {{{"text", "x"}, {"visibility", "public"}, {"undo_seconds", 61}}, 422, "/undo_seconds"},
        {{{"text", "x"}, {"visibility", "public"}, {"last_seen", "nowhere"}}, 422, "/last_seen"},
        {{{"text", "x"}, {"visibility", "public"}, {"channel", "tim-facebook"}}, 400, "/channel"}};
    for (const auto& [body, status, pointer] : wrong) {
        const auto response = desk.post(address + "/replies", anna, body);
        EXPECT_EQ(response.status, status) << body << response.body;
        EXPECT_EQ(body_of(response).at("errors").at(0).at("pointer"), pointer) << body;
    }
    EXPECT_EQ(desk.post("/v1/replies/1/decision", anna, {{"decision", "published"}}).status, 400) << "needs the platform_id";
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply"), 0);
}

TEST_F(Replies, ThePreviewShowsThePartsAsTheyWouldBePosted)
{
    const auto one = body_of(desk.post("/v1/compose/preview", anna, {{"platform", "twitter"}, {"text", "Ciao"}}));
    EXPECT_EQ(one.at("weighted_length"), 4);
    EXPECT_EQ(one.at("limit"), 280);
    EXPECT_EQ(one.at("parts").size(), 1U);
    std::string text;
    while (text.size() < 600) text += "parola ";
    const auto many = body_of(desk.post("/v1/compose/preview", anna, {{"platform", "twitter"}, {"text", text}}));
    EXPECT_GE(many.at("parts").size(), 3U);
    for (const auto& part : many.at("parts")) EXPECT_LE(part.at("weighted_length").get<int>(), 280);
    EXPECT_TRUE(body_of(desk.post("/v1/compose/preview", anna, {{"platform", "facebook"}, {"text", ""}})).at("parts").empty());
}

} // namespace
} // namespace sportello
