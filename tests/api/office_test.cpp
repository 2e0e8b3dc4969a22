#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::json;

struct Office : testing::Test {
    Desk desk{{.office_always_open = false, .automatic_assignment = false}};
    test::Person anna = desk.person(domain::Role::agent, "anna");
};

TEST_F(Office, AnswersTheFourQuestionsOfTheCalendar)
{
    // Monday 2026-03-02, 09:00-18:00 in Rome is 08:00-17:00 UTC.
    const auto hours = body_of(desk.get("/v1/office-hours?brand=tim&at=2026-03-02T16:30:00Z&plus=90m&until=2026-03-03T09:00:00Z", anna));
    EXPECT_EQ(hours.at("open"), true);
    EXPECT_EQ(hours.at("next_open"), "2026-03-03T08:00:00Z");
    EXPECT_EQ(hours.at("next_close"), "2026-03-02T17:00:00Z");
    EXPECT_EQ(hours.at("due"), "2026-03-03T09:00:00Z");
    EXPECT_EQ(hours.at("office_seconds_until"), 5400.0);
    EXPECT_EQ(hours.at("calendar").at("weekly").at("monday"), json::array({"09:00-18:00"}));
    EXPECT_EQ(hours.at("calendar").at("weekly").at("sunday"), json::array());
    const auto plain = body_of(desk.get("/v1/office-hours", anna));
    EXPECT_TRUE(plain.at("due").is_null());
    EXPECT_TRUE(plain.at("office_seconds_until").is_null());
}

TEST_F(Office, RefusesWhatItCannotRead)
{
    EXPECT_EQ(desk.get("/v1/office-hours?brand=nobody", anna).status, 404);
    for (const auto* query : {"at=yesterday", "plus=1x", "until=2026", "day=1"}) {
        EXPECT_EQ(desk.get("/v1/office-hours?" + std::string(query), anna).status, 400) << query;
    }
}

TEST_F(Office, TheQueueCountsWhoWaitsAndTodaysMean)
{
    const auto empty = body_of(desk.get("/v1/queue", anna));
    EXPECT_EQ(empty.at("waiting"), 0);
    EXPECT_TRUE(empty.at("mean_first_response_today_seconds").is_null());
    EXPECT_EQ(empty.at("promised").at("seconds"), 3600);

    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    const auto waiting = body_of(desk.get("/v1/queue", anna));
    EXPECT_EQ(waiting.at("waiting"), 1);
    EXPECT_EQ(waiting.at("brands").at(0).at("waiting"), 1);
    EXPECT_FALSE(waiting.at("oldest_at").is_null());

    desk.house.start();
    desk.house.run_for(10min);
    ASSERT_EQ(
        desk.post("/v1/tickets/" + std::to_string(ticket) + "/replies", anna, {{"text", "We look."}, {"visibility", "public"}}).status,
        202);
    desk.house.run_for(1min);
    const auto answered = body_of(desk.get("/v1/queue", anna));
    EXPECT_EQ(answered.at("waiting"), 0);
    EXPECT_EQ(answered.at("answered_today"), 1);
    EXPECT_NEAR(answered.at("mean_first_response_today_seconds").get<double>(), 600, 90);
}

TEST_F(Office, ASupervisorPausesAChannel)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    EXPECT_EQ(body_of(desk.post("/v1/channels/tim-x/pause", chief)).at("paused"), true);
    EXPECT_EQ(body_of(desk.get("/v1/channels", anna)).at("items").at(1).at("paused"), true);
    EXPECT_EQ(body_of(desk.post("/v1/channels/tim-x/resume", chief)).at("paused"), false);
    EXPECT_EQ(desk.post("/v1/channels/nowhere/pause", chief).status, 404);
}

TEST_F(Office, AChannelShowsWhatItSpendsAndWhatIsLeft)
{
    desk.house.start();
    desk.house.run_for(2min);
    const auto channel = body_of(desk.get("/v1/channels", anna)).at("items").at(1);
    EXPECT_TRUE(channel.at("quiet").is_null());
    EXPECT_TRUE(channel.at("behind").is_null());
    const auto& budget = channel.at("budget");
    EXPECT_GT(budget.at("calls_today"), 5);
    EXPECT_EQ(budget.at("usd_today"), 0.01) << "it asked who it is";
    EXPECT_TRUE(budget.at("usd_a_day").is_null());
    bool mentions = false;
    for (const auto& quota : budget.at("quotas"))
        mentions |= quota.at("endpoint") == "GET /2/users/:id/mentions" && quota.at("limit") == 300;
    EXPECT_TRUE(mentions) << budget;

    const auto metrics = desk.get("/metrics", anna).body;
    EXPECT_NE(metrics.find("sportello_channel_spent_usd{channel=\"tim-x\",in=\"day\"} 0.01"), std::string::npos) << metrics;
    EXPECT_NE(metrics.find("sportello_channel_quota_remaining{channel=\"tim-x\""), std::string::npos);
    EXPECT_NE(metrics.find("sportello_channel_flag{channel=\"tim-x\",flag=\"behind\"} 0"), std::string::npos);
}

TEST_F(Office, ReadingAndPublishingArePausedApart)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto shown = [](const http::Response& response) {
        const auto channel = body_of(response);
        EXPECT_EQ(channel.at("paused"), channel.at("reading_paused") == true || channel.at("publishing_paused") == true);
        return std::pair(channel.at("reading_paused").get<bool>(), channel.at("publishing_paused").get<bool>());
    };
    EXPECT_EQ(shown(desk.post("/v1/channels/tim-x/pause", chief, {{"what", "reading"}})), std::pair(true, false));
    EXPECT_EQ(shown(desk.post("/v1/channels/tim-x/pause", chief, {{"what", "publishing"}})), std::pair(true, true));
    EXPECT_EQ(shown(desk.post("/v1/channels/tim-x/resume", chief, {{"what", "reading"}})), std::pair(false, true));
    EXPECT_EQ(shown(desk.post("/v1/channels/tim-x/resume", chief, {{"what", "all"}})), std::pair(false, false));
    EXPECT_EQ(desk.post("/v1/channels/tim-x/pause", chief, {{"what", "everything"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/channels/tim-x/pause", chief, {{"wat", "reading"}}).status, 400);
}

TEST_F(Office, OneActionPausesEveryChannelThatTheSupervisorSees)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto other = desk.person(domain::Role::supervisor, "other", {"impresa"});
    EXPECT_TRUE(body_of(desk.post("/v1/channels/pause", other)).at("items").empty());
    for (const auto& channel : body_of(desk.get("/v1/channels", chief)).at("items")) EXPECT_EQ(channel.at("paused"), false);
    const auto paused = body_of(desk.post("/v1/channels/pause", chief, {{"what", "publishing"}}));
    EXPECT_EQ(paused.at("items").size(), 2u);
    for (const auto& channel : paused.at("items")) {
        EXPECT_EQ(channel.at("publishing_paused"), true);
        EXPECT_EQ(channel.at("reading_paused"), false);
    }
    for (const auto& channel : body_of(desk.post("/v1/channels/resume", chief)).at("items")) EXPECT_EQ(channel.at("paused"), false);
}

TEST_F(Office, AReplyThatWaitsForPublishingIsInSight)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    desk.house.start();
    ASSERT_EQ(desk.post("/v1/channels/pause", chief, {{"what", "publishing"}}).status, 200);
    const auto accepted =
        desk.post("/v1/tickets/" + std::to_string(ticket) + "/replies", anna, {{"text", "We look."}, {"visibility", "public"}});
    ASSERT_EQ(accepted.status, 202);
    desk.house.run_for(10min);
    const auto reply = body_of(desk.get("/v1/replies/" + body_of(accepted).at("id").dump(), anna));
    EXPECT_EQ(reply.at("delivery").at("state"), "queued");
    EXPECT_NE(reply.at("delivery").at("reason").get<std::string>().find("paused"), std::string::npos);
    EXPECT_EQ(body_of(desk.get("/v1/channels", anna)).at("items").at(1).at("replies_held"), 1);
    EXPECT_NE(
        desk.send(test::Desk::request(http::Method::get, "/metrics")).body.find("sportello_channel_replies_held{channel=\"tim-x\"} 1"),
        std::string::npos);
    ASSERT_EQ(desk.post("/v1/channels/resume", chief).status, 200);
    desk.house.run_for(1min);
    EXPECT_EQ(body_of(desk.get("/v1/replies/" + body_of(accepted).at("id").dump(), anna)).at("delivery").at("state"), "published");
    EXPECT_EQ(body_of(desk.get("/v1/channels", anna)).at("items").at(1).at("replies_held"), 0);
}

} // namespace
} // namespace sportello
