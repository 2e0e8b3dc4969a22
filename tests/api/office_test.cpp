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

} // namespace
} // namespace sportello
