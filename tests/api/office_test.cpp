#include "desk.hpp"

#include <algorithm>
#include <set>

#include <algorithm>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
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
    for (const auto* query : {"at=yesterday", "plus=1x", "until=2026", "day=1", "until=9999-01-01T00:00:00Z"}) {
        EXPECT_EQ(desk.get("/v1/office-hours?" + std::string(query), anna).status, 400) << query;
    }
}

TEST_F(Office, ASupervisorClosesADateAndItHoldsAtOnce)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line"); // Monday 09:00:xx UTC, due an hour later
    desk.house.start();
    const auto before = body_of(desk.get("/v1/tickets/" + std::to_string(ticket), anna)).at("due_at");
    const auto made =
        desk.post("/v1/office-hours/exceptions", chief, {{"date", "2026-03-02"}, {"hours", json::array()}, {"note", "strike"}});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto entered = items_of(made).at(0);
    EXPECT_EQ(entered.at("brand"), "tim");
    EXPECT_EQ(entered.at("author"), chief.id);
    const auto hours = body_of(desk.get("/v1/office-hours", anna));
    EXPECT_EQ(hours.at("open"), false);
    EXPECT_EQ(hours.at("next_open"), "2026-03-03T08:00:00Z");
    EXPECT_EQ(hours.at("calendar").at("closed_dates"), json::array({"2026-03-02"}));
    EXPECT_EQ(hours.at("calendar").at("entered"), json::array({entered}));
    EXPECT_EQ(items_of(desk.get("/v1/brands", anna)).at(0).at("calendar").at("entered"), json::array({entered}));

    desk.house.run_for(1min);
    const auto moved = body_of(desk.get("/v1/tickets/" + std::to_string(ticket), anna)).at("due_at");
    EXPECT_EQ(moved, "2026-03-03T09:00:00Z") << "an hour after the next opening, not " << before;
    const auto events = items_of(desk.get("/v1/events", chief));
    const auto told = [&](std::string_view type) {
        return std::any_of(events.begin(), events.end(), [&](const json& event) { return event.at("type") == type; });
    };
    EXPECT_TRUE(told("office.exception_added"));
    EXPECT_TRUE(told("ticket.replanned"));

    const auto place = "/v1/office-hours/exceptions/" + entered.at("id").dump();
    ASSERT_EQ(desk.del(place, chief).status, 204);
    EXPECT_EQ(body_of(desk.get("/v1/office-hours", anna)).at("open"), true);
    desk.house.run_for(1min);
    EXPECT_EQ(body_of(desk.get("/v1/tickets/" + std::to_string(ticket), anna)).at("due_at"), before);
    EXPECT_EQ(desk.del(place, chief).status, 404);
}

TEST_F(Office, EnteredHoursAreCheckedAndKeptOnce)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto other = desk.person(domain::Role::supervisor, "other", {"impresa"});
    const std::string place = "/v1/office-hours/exceptions";
    const json opening{{"brand", "tim"}, {"date", "2026-03-08"}, {"hours", {"09:00-13:00", "14:00-16:00"}}};
    EXPECT_EQ(desk.post(place, anna, opening).status, 403);
    EXPECT_EQ(desk.post(place, other, opening).status, 404);
    const auto made = desk.post(place, chief, opening, "key-1");
    ASSERT_EQ(made.status, 201);
    EXPECT_EQ(body_of(desk.post(place, chief, opening, "key-1")), body_of(made)) << "the same request again";
    EXPECT_EQ(desk.post(place, chief, opening).status, 409);
    EXPECT_EQ(desk.del(place + "/" + items_of(made).at(0).at("id").dump(), other).status, 404);
    EXPECT_EQ(body_of(desk.get("/v1/office-hours?at=2026-03-07T12:00:00Z", anna)).at("next_open"), "2026-03-08T08:00:00Z");

    const auto pointer = [&](const json& body) {
        const auto answered = desk.post(place, chief, body);
        EXPECT_EQ(answered.status, 422) << answered.body;
        return body_of(answered).at("errors").at(0).at("pointer").get<std::string>();
    };
    EXPECT_EQ(pointer({{"date", "2026-03-01"}, {"hours", json::array()}}), "/date") << "past";
    EXPECT_EQ(pointer({{"date", "2046-03-01"}, {"hours", json::array()}}), "/date") << "too far";
    EXPECT_EQ(pointer({{"date", "2026-02-30"}, {"hours", json::array()}}), "/date");
    EXPECT_EQ(pointer({{"date", "2026-03-09"}, {"hours", {"9 to 5"}}}), "/hours");
    EXPECT_EQ(desk.post(place, chief, {{"date", "2026-03-09"}}).status, 400);
    EXPECT_EQ(desk.post(place, chief, {{"date", "2026-03-09"}, {"hours", json::array()}, {"brand", "nobody"}}).status, 404);
}

TEST_F(Office, EnteredHoursAreListedInPages)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const std::string place = "/v1/office-hours/exceptions";
    for (const auto* date : {"2026-05-03", "2026-05-01", "2026-05-02"}) {
        ASSERT_EQ(desk.post(place, chief, {{"date", date}, {"hours", json::array()}}).status, 201);
    }
    const auto first = body_of(desk.get(place + "?limit=2", anna));
    ASSERT_EQ(first.at("items").size(), 2u);
    EXPECT_EQ(first.at("items").at(0).at("date"), "2026-05-01");
    const auto rest = body_of(desk.get(place + "?limit=2&cursor=" + first.at("next_cursor").get<std::string>(), anna));
    ASSERT_EQ(rest.at("items").size(), 1u);
    EXPECT_EQ(rest.at("items").at(0).at("date"), "2026-05-03");
    EXPECT_TRUE(rest.at("next_cursor").is_null());
    EXPECT_EQ(items_of(desk.get(place + "?from=2026-05-02", anna)).size(), 2u);
    for (const auto* query : {"cursor=1", "cursor=date.99999999999", "from=May"})
        EXPECT_EQ(desk.get(place + "?" + query, anna).status, 400);
}

TEST(OfficeOfThreeBrands, EnteredHoursOfAllAreListedOnceOverPages)
{
    Desk desk{test::HouseOptions{.three_brands = true}};
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto other = desk.person(domain::Role::agent, "other", {"impresa"});
    const std::string place = "/v1/office-hours/exceptions";
    for (const auto* date : {"2026-05-01", "2026-05-02"}) {
        ASSERT_EQ(desk.post(place, chief, {{"date", date}, {"hours", json::array()}}).status, 201) << "of all three";
    }
    std::vector<std::pair<std::string, std::string>> listed;
    std::string query = "?limit=2";
    for (int pages = 0; pages < 5; ++pages) {
        const auto page = body_of(desk.get(place + query, chief));
        for (const auto& item : page.at("items"))
            listed.emplace_back(item.at("date").get<std::string>(), item.at("brand").get<std::string>());
        if (page.at("next_cursor").is_null()) break;
        query = "?limit=2&cursor=" + page.at("next_cursor").get<std::string>();
    }
    EXPECT_EQ(listed.size(), 6U);
    EXPECT_EQ(std::set(listed.begin(), listed.end()).size(), 6U) << "each once";
    EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.first < b.first; }));
    EXPECT_EQ(items_of(desk.get(place, other)).size(), 2U) << "of their brand";
    EXPECT_EQ(items_of(desk.get(place + "?brand=tim", chief)).size(), 2U);
    EXPECT_EQ(desk.get(place + "?brand=tim", other).status, 404);
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
    EXPECT_EQ(waiting.at("due_before_closing"), 1);
    EXPECT_EQ(waiting.at("mine_due_before_closing"), 0) << "nobody has it";
    EXPECT_EQ(desk.post("/v1/tickets/" + std::to_string(ticket) + "/take", anna).status, 200);
    EXPECT_EQ(body_of(desk.get("/v1/queue", anna)).at("brands").at(0).at("mine_due_before_closing"), 1);

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

TEST_F(Office, TheStaffingReportSaysPlainlyWhatItDoesNotKnow)
{
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto none = body_of(desk.get("/v1/reports/staffing", chief));
    EXPECT_EQ(none.at("answered"), false);
    EXPECT_EQ(none.at("history").at("enough"), false);
    EXPECT_NE(none.at("says").get<std::string>().find("too short"), std::string::npos);
    const std::string assumed = "/v1/reports/staffing?brand=tim&assume_messages=5&assume_handling=10m&outage=20@10:00&agents=4";
    const auto report = body_of(desk.get(assumed, chief));
    EXPECT_EQ(report.at("answered"), true);
    EXPECT_GE(report.at("agents_needed"), 1);
    EXPECT_FALSE(report.at("rows").empty());
    const auto csv = desk.get(assumed + "&format=csv", chief);
    EXPECT_EQ(csv.headers.find("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_TRUE(csv.body.starts_with("agents,meets_goal,")) << csv.body;
    EXPECT_EQ(desk.get(assumed, anna).status, 403);
    EXPECT_EQ(desk.get("/v1/reports/staffing?brand=nobody", chief).status, 404);
    const auto other = desk.person(domain::Role::supervisor, "other", {"impresa"});
    EXPECT_EQ(desk.get("/v1/reports/staffing?brand=tim", other).status, 404);
    for (const auto* query : {"agents=0", "hours=always", "outage=much", "growth=-100", "format=xml", "assume_handling=1s", "from=May"}) {
        const auto refused = desk.get("/v1/reports/staffing?" + std::string(query), chief);
        EXPECT_TRUE(refused.status == 400 || refused.status == 422) << query << " " << refused.status;
    }
}

} // namespace
} // namespace sportello
