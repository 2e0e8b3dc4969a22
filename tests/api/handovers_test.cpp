#include "desk.hpp"

namespace sportello {
namespace {

using test::body_of;
using test::Desk;
using test::items_of;
using test::json;

test::HouseOptions with_desk()
{
    test::HouseOptions options{.automatic_assignment = false};
    options.settings = [](engine::Settings& settings) {
        for (const char* id : {"phone", "other"}) {
            engine::TeamSettings desk;
            desk.id = desk.name = id;
            desk.calendar = std::make_shared<const domain::Calendar>(domain::Calendar::always_open());
            desk.slots = 2;
            settings.teams.push_back(std::move(desk));
        }
    };
    return options;
}

struct Handovers : testing::Test {
    Desk desk{with_desk()};
    test::Person anna = desk.person(domain::Role::agent, "anna");
    test::Person paolo = desk.person(domain::Role::phone, "paolo");
    std::int64_t ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    std::int64_t other_ticket = desk.ticket_from_x("luca", "@TIM_Sportello no line either");

    json hand_over(std::int64_t id)
    {
        const auto made =
            desk.post("/v1/tickets/" + std::to_string(id) + "/handover", anna, {{"callback_number", "06 1234567"}, {"note", "fibre cut"}});
        EXPECT_EQ(made.status, 201) << made.body;
        return body_of(made);
    }
    std::string path(std::int64_t id, const std::string& rest = "") const { return "/v1/tickets/" + std::to_string(id) + rest; }
    std::string outcome_of(const json& made) const
    {
        return "/v1/handovers/" + std::to_string(made.at("id").get<std::int64_t>()) + "/outcome";
    }
    void put_into_team(const test::Person& who, const std::string& team)
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            auto agent = storage::find_agent(tx, domain::AgentId{who.id}).value();
            agent.teams = {team};
            return storage::save_agent(tx, agent);
        };
        ASSERT_TRUE(desk.house.db->write_now(unit));
        desk.house.clock.set(desk.house.clock.now() + std::chrono::seconds(2)); // what is remembered of the session
    }
};

TEST_F(Handovers, TheDeskSeesItsCallsAndTheirThreadsAndNothingElse)
{
    EXPECT_TRUE(items_of(desk.get("/v1/handovers", paolo)).empty());
    EXPECT_EQ(desk.get(path(ticket), paolo).status, 404);
    const auto made = hand_over(ticket);
    EXPECT_EQ(made.at("customer_told"), false);
    const auto calls = items_of(desk.get("/v1/handovers", paolo));
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls.at(0).at("callback_number"), "06 1234567");
    EXPECT_EQ(calls.at(0).at("summary"), "fibre cut");
    EXPECT_EQ(calls.at(0).at("reference"), made.at("reference"));
    EXPECT_EQ(desk.get(calls.at(0).at("thread").get<std::string>(), paolo).status, 200);
    EXPECT_EQ(desk.get(path(ticket), paolo).status, 200);
    EXPECT_EQ(desk.get(path(other_ticket), paolo).status, 404);
    EXPECT_EQ(desk.get(path(other_ticket, "/timeline"), paolo).status, 404);
    for (const char* elsewhere : {"/v1/tickets", "/v1/agents", "/v1/queue", "/v1/bootstrap", "/v1/events", "/v1/shifts", "/v1/brands"}) {
        EXPECT_EQ(desk.get(elsewhere, paolo).status, 403) << elsewhere;
    }
    EXPECT_EQ(desk.patch(path(ticket), paolo, {{"priority", "high"}}).status, 403);
    EXPECT_EQ(desk.post(path(ticket, "/replies"), paolo, {{"text", "Ciao"}, {"visibility", "public"}}).status, 403);
}

TEST_F(Handovers, AnotherDeskOrBrandSeesNothing)
{
    const auto made = hand_over(ticket);
    const auto stranger = desk.person(domain::Role::phone, "stranger", {"other"});
    EXPECT_TRUE(items_of(desk.get("/v1/handovers", stranger)).empty());
    EXPECT_EQ(desk.get(path(ticket), stranger).status, 404);
    EXPECT_EQ(desk.post(outcome_of(made), stranger, {{"outcome", "solved"}}).status, 404);
    put_into_team(paolo, "other");
    EXPECT_TRUE(items_of(desk.get("/v1/handovers", paolo)).empty());
    EXPECT_EQ(desk.get(path(ticket), paolo).status, 404);
    EXPECT_EQ(desk.post(outcome_of(made), paolo, {{"outcome", "solved"}}).status, 404);
    put_into_team(paolo, "phone");
    EXPECT_EQ(items_of(desk.get("/v1/handovers", paolo)).size(), 1U);
}

TEST_F(Handovers, TheCallCentreTellsTheOutcomeWithItsToken)
{
    const auto made = hand_over(ticket);
    const auto token = body_of(desk.post("/v1/tokens", paolo, {{"name", "call centre"}})).at("token").get<std::string>();
    auto request = Desk::request(http::Method::post, outcome_of(made), nullptr, R"({"outcome":"solved","note":"line reset"})");
    request.headers.add("Authorization", "Bearer " + token);
    request.headers.add("Idempotency-Key", "call-1");
    auto again = request;
    const auto told = desk.send(request);
    ASSERT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(body_of(told).at("state"), "solved");
    EXPECT_EQ(desk.send(again).status, 200) << "the same key, the same outcome";
    EXPECT_EQ(desk.post(outcome_of(made), paolo, {{"outcome", "back"}}).status, 409);
    EXPECT_EQ(body_of(desk.get(path(ticket), anna)).at("status"), "solved");
    EXPECT_TRUE(items_of(desk.get("/v1/handovers", paolo)).empty());
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM note WHERE text = 'line reset'"), 1);
}

TEST_F(Handovers, SlotsAreChosenAmongThoseWithRoom)
{
    const auto slots = items_of(desk.get("/v1/handovers/slots?limit=3", anna));
    ASSERT_EQ(slots.size(), 3U);
    EXPECT_EQ(slots.at(0).at("free"), 2);
    const json wish{{"callback_number", "06 1234567"}, {"note", "x"}, {"slot", slots.at(1).at("from")}};
    const auto made = desk.post(path(ticket, "/handover"), anna, wish);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(body_of(made).at("slot_from"), slots.at(1).at("from"));
    ASSERT_EQ(desk.post(path(other_ticket, "/handover"), anna, wish).status, 201);
    const auto third = desk.post(path(desk.ticket_from_x("gina", "@TIM_Sportello me too"), "/handover"), anna, wish);
    EXPECT_EQ(third.status, 409);
    EXPECT_EQ(body_of(third).at("errors").at(0).at("pointer"), "/slot");
    EXPECT_EQ(items_of(desk.get("/v1/handovers/slots?limit=3", anna)).at(1).at("from"), slots.at(2).at("from"));
}

TEST_F(Handovers, AreListedBySlotInPages)
{
    (void)hand_over(ticket);
    (void)hand_over(other_ticket);
    const auto first = body_of(desk.get("/v1/handovers?limit=1", paolo));
    ASSERT_EQ(first.at("items").size(), 1U);
    const auto next = body_of(desk.get("/v1/handovers?limit=1&cursor=" + first.at("next_cursor").get<std::string>(), paolo));
    ASSERT_EQ(next.at("items").size(), 1U);
    EXPECT_NE(next.at("items").at(0).at("id"), first.at("items").at(0).at("id"));
    EXPECT_EQ(next.at("next_cursor"), nullptr);
    EXPECT_TRUE(items_of(desk.get("/v1/handovers?due=now", paolo)).empty()) << "none has begun";
    desk.house.clock.set(desk.house.clock.now() + std::chrono::hours(1));
    // The session went idle meanwhile.
    const auto rosa = desk.person(domain::Role::phone, "rosa");
    const auto due = items_of(desk.get("/v1/handovers?due=now", rosa));
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due.at(0).at("due"), true);
}

TEST_F(Handovers, AreCheckedFieldByField)
{
    const auto made = hand_over(ticket);
    EXPECT_EQ(desk.post(outcome_of(made), paolo, {{"outcome", "lost"}}).status, 422);
    EXPECT_EQ(desk.post(outcome_of(made), paolo, json::object()).status, 400);
    EXPECT_EQ(desk.post(outcome_of(made), paolo, {{"outcome", "solved"}, {"slot", "2026-03-02T10:00:00Z"}}).status, 422);
    EXPECT_EQ(desk.get("/v1/handovers?due=yesterday", paolo).status, 400);
    EXPECT_EQ(desk.get("/v1/handovers?cursor=x", paolo).status, 400);
    EXPECT_EQ(desk.post(path(other_ticket, "/handover"), anna, {{"note", "x"}}).status, 409) << "no number is known";
    EXPECT_EQ(desk.post(path(other_ticket, "/handover"), anna, {{"callback_number", "call me"}, {"note", "x"}}).status, 422);
    EXPECT_EQ(desk.post(path(other_ticket, "/handover/ask"), anna).status, 409) << "never wrote in private";
}

} // namespace
} // namespace sportello
