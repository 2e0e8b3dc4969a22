#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

class IncidentRoutes : public testing::Test {
protected:
    Desk desk{{.agents = 1, .automatic_assignment = false}};
    Person anna = desk.person(domain::Role::agent, "anna");
    Person sara = desk.person(domain::Role::supervisor, "sara");
    Person stranger = desk.person(domain::Role::supervisor, "stranger", {"other"});
    const json of_bologna{
        {"service", "internet"}, {"places", {"Bologna"}}, {"text", "lavori"}, {"expected_end", "2026-03-02T18:00:00+01:00"}};

    std::string open(const Person& who)
    {
        const auto opened = desk.post("/v1/incidents", who, of_bologna);
        EXPECT_EQ(opened.status, 201) << opened.body;
        return "/v1/incidents/" + std::to_string(body_of(opened).at("id").get<std::int64_t>());
    }
};

TEST_F(IncidentRoutes, AnAgentProposesAndASupervisorDecides)
{
    const auto incident = open(anna);
    auto shown = body_of(desk.get(incident, anna));
    EXPECT_EQ(shown.at("state"), "proposed");
    EXPECT_EQ(shown.at("places").at(0).at("key"), "BO/Bologna");
    EXPECT_EQ(shown.at("title"), "internet in Bologna");
    EXPECT_EQ(desk.post(incident + "/confirm", anna).status, 403);
    EXPECT_EQ(desk.post(incident + "/confirm", sara).status, 200);
    shown = body_of(desk.get(incident, anna));
    EXPECT_EQ(shown.at("state"), "confirmed");
    EXPECT_EQ(shown.at("confirmed_by").at("name"), "Name of sara");
    EXPECT_EQ(desk.post(incident + "/dismiss", sara).status, 409) << "it is closed instead";
    EXPECT_EQ(body_of(desk.get(open(sara), sara)).at("state"), "confirmed");
    EXPECT_EQ(desk.post(open(anna) + "/dismiss", sara, {{"why", "nothing"}}).status, 200);
    EXPECT_EQ(items_of(desk.get("/v1/incidents?state=confirmed", anna)).size(), 2U);
    EXPECT_EQ(items_of(desk.get("/v1/incidents?state=dismissed", anna)).size(), 1U);
    EXPECT_EQ(desk.get("/v1/incidents?state=over", anna).status, 400);
}

TEST_F(IncidentRoutes, WhatIsWrongIsNamed)
{
    const std::pair<json, const char*> wrong[] = {{{{"service", "gas"}}, "/service"},
                                                  {{{"places", {"Bologna", "Atlantide"}}}, "/places/1"},
                                                  {{{"brands", {"nobody"}}}, "/brands/0"},
                                                  {{{"from", "yesterday"}}, "/from"},
                                                  {{{"expected_end", "2020-01-01T00:00:00Z"}}, "/expected_end"},
                                                  {{{"colour", "red"}}, "/colour"}};
    for (const auto& [body, pointer] : wrong) {
        const auto refused = desk.post("/v1/incidents", sara, body);
        EXPECT_GE(refused.status, 400) << body;
        EXPECT_LE(refused.status, 422) << body;
        EXPECT_EQ(body_of(refused).at("errors").at(0).at("pointer"), pointer) << refused.body;
    }
    const auto incident = open(sara);
    EXPECT_EQ(body_of(desk.post(incident + "/broadcast", sara, {{"text", "Ciao {nome}"}})).at("errors").at(0).at("pointer"), "/text");
    EXPECT_EQ(desk.post(incident + "/broadcast", sara, {{"text", "x"}, {"variants", {{"twitter", 7}}}}).status, 400);
    EXPECT_EQ(desk.post(incident + "/status-post", sara, {{"text", "x"}, {"channels", {"nobody"}}}).status, 422);
    EXPECT_EQ(desk.post(incident + "/members", sara, {{"ticket", 999}}).status, 422);
    EXPECT_EQ(desk.post(incident + "/members", sara).status, 400);
    EXPECT_EQ(desk.post(incident + "/broadcast/stop", sara).status, 409);
}

TEST_F(IncidentRoutes, AnotherBrandsIncidentDoesNotExist)
{
    const auto incident = open(sara);
    EXPECT_EQ(desk.get(incident, stranger).status, 404);
    EXPECT_EQ(desk.patch(incident, stranger, {{"text", "x"}}).status, 404);
    EXPECT_EQ(desk.get(incident + "/members", stranger).status, 404);
    EXPECT_EQ(desk.post(incident + "/members", stranger, {{"ticket", 1}}).status, 404);
    EXPECT_EQ(desk.del(incident + "/members/1", stranger).status, 404);
    for (const char* verb : {"/confirm", "/dismiss", "/close", "/broadcast/stop"})
        EXPECT_EQ(desk.post(incident + verb, stranger).status, 404) << verb;
    EXPECT_EQ(desk.post(incident + "/status-post", stranger, {{"text", "x"}}).status, 404);
    EXPECT_EQ(desk.post(incident + "/status-post/decision", stranger, {{"post", 1}, {"decision", "discard"}}).status, 404);
    EXPECT_EQ(desk.get(incident + "/broadcast/preview", stranger).status, 404);
    EXPECT_EQ(desk.post(incident + "/broadcast", stranger, {{"text", "x"}}).status, 404);
    EXPECT_TRUE(items_of(desk.get("/v1/incidents", stranger)).empty());
}

TEST_F(IncidentRoutes, AChangeByAnOldRevisionIsRefused)
{
    const auto incident = open(sara);
    const auto tag = std::string(desk.get(incident, sara).headers.find("ETag").value());
    EXPECT_EQ(desk.patch(incident, sara, {{"places", {"provincia di Bologna"}}}, tag).status, 200);
    EXPECT_EQ(desk.patch(incident, sara, {{"text", "late"}}, tag).status, 412);
    EXPECT_EQ(body_of(desk.get(incident, sara)).at("places").at(0).at("key"), "BO");
}

TEST_F(IncidentRoutes, TheSameKeyOpensOnce)
{
    const auto first = desk.post("/v1/incidents", sara, of_bologna, "k1");
    const auto again = desk.post("/v1/incidents", sara, of_bologna, "k1");
    EXPECT_EQ(body_of(first).at("id"), body_of(again).at("id"));
    EXPECT_EQ(items_of(desk.get("/v1/incidents", sara)).size(), 1U);
}

TEST_F(IncidentRoutes, MembersAreToldOfAndSentTo)
{
    const auto incident = open(sara);
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello internet non va a Bologna");
    const auto other = desk.ticket_from_x("luca", "@TIM_Sportello il mio vicino ha lo stesso guaio");
    EXPECT_EQ(desk.post(incident + "/members", sara, {{"ticket", other}}).status, 200);
    const auto members = items_of(desk.get(incident + "/members", anna));
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members.at(0).at("ticket"), id);
    EXPECT_EQ(members.at(0).at("how"), "late");
    EXPECT_EQ(members.at(0).at("aside"), true);
    EXPECT_EQ(members.at(1).at("how"), "person");
    EXPECT_EQ(items_of(desk.get(incident + "/members?limit=1", anna)).size(), 1U);

    const auto preview = body_of(desk.get(incident + "/broadcast/preview", sara));
    EXPECT_EQ(preview.at("eligible"), 2);
    EXPECT_EQ(preview.at("takes_seconds"), 18.0);
    EXPECT_EQ(desk.get(incident + "/broadcast/preview", anna).status, 403);
    const auto sent =
        desk.post(incident + "/broadcast", sara, {{"text", "ci stiamo lavorando"}, {"variants", {{"twitter", "su X: al lavoro"}}}});
    EXPECT_EQ(sent.status, 202) << sent.body;
    EXPECT_EQ(body_of(sent).at("waiting"), 2);
    EXPECT_EQ(desk.del(incident + "/members/" + std::to_string(other), sara).status, 200);
    EXPECT_EQ(desk.post(incident + "/status-post", sara, {{"text", "Guasto a Bologna"}}).status, 202);
    EXPECT_EQ(desk.post(incident + "/close", sara, {{"text", "funziona di nuovo"}, {"status_text", "Tutto risolto a Bologna"}}).status,
              200);
    const auto closed = body_of(desk.get(incident, sara));
    EXPECT_EQ(closed.at("state"), "closed");
    EXPECT_EQ(closed.at("broadcasts").size(), 2U);
    EXPECT_EQ(closed.at("status_posts").size(), 2U) << "one a channel of the brand";
}

} // namespace
} // namespace sportello
