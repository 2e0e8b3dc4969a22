#include "desk.hpp"

namespace sportello {
namespace {

using test::body_of;
using test::Desk;
using test::items_of;
using test::json;

struct Agents : testing::Test {
    Desk desk;
    test::Person anna = desk.person(domain::Role::agent, "anna");
    test::Person chief = desk.person(domain::Role::supervisor, "chief");
    json bruno{{"login", "bruno"}, {"name", "Bruno"}, {"password", "long enough"}};
};

TEST_F(Agents, ANewOneCanLogIn)
{
    const auto added = desk.post("/v1/agents", chief, bruno, "a-1");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.body.find("long enough"), std::string::npos);
    EXPECT_EQ(desk.post("/v1/agents", chief, bruno, "a-1").body, added.body) << "the same key, the same answer";
    EXPECT_EQ(desk.post("/v1/agents", chief, bruno).status, 409) << "the login is taken";
    const auto session =
        desk.send(Desk::request(http::Method::post, "/v1/session", nullptr, R"({"login":"bruno","password":"long enough"})"));
    EXPECT_EQ(session.status, 200);
}

TEST_F(Agents, NobodyRisesAboveTheOneWhoDecides)
{
    auto boss = bruno;
    boss["role"] = "admin";
    EXPECT_EQ(desk.post("/v1/agents", chief, boss).status, 403);
    const auto admin = desk.person(domain::Role::admin, "admin");
    EXPECT_EQ(desk.patch("/v1/agents/" + std::to_string(anna.id), chief, {{"role", "admin"}}).status, 403);
    EXPECT_EQ(desk.patch("/v1/agents/" + std::to_string(admin.id), chief, {{"password", "taken over!"}}).status, 403);
    EXPECT_EQ(desk.patch("/v1/agents/" + std::to_string(chief.id), chief, {{"disabled", true}}).status, 422) << "not oneself";
}

TEST_F(Agents, ADisabledOneIsOutAtOnce)
{
    ASSERT_EQ(desk.get("/v1/me", anna).status, 200);
    const auto changed = desk.patch("/v1/agents/" + std::to_string(anna.id), chief, {{"disabled", true}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(body_of(changed).at("available"), false);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
}

TEST_F(Agents, ANewPasswordEndsTheSessions)
{
    ASSERT_EQ(desk.get("/v1/me", anna).status, 200);
    ASSERT_EQ(desk.patch("/v1/agents/" + std::to_string(anna.id), chief, {{"password", "another one"}}).status, 200);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
}

TEST_F(Agents, AreCheckedFieldByField)
{
    const std::tuple<const char*, json, int> wrong[] = {{"/login", "Two Words", 422}, {"/password", "short", 422},  {"/role", "king", 422},
                                                        {"/capacity", 1001, 422},     {"/brands", {"nobody"}, 422}, {"/login", 7, 400}};
    for (const auto& [pointer, value, status] : wrong) {
        auto body = bruno;
        body[json::json_pointer(pointer)] = value;
        const auto response = desk.post("/v1/agents", chief, body);
        EXPECT_EQ(response.status, status) << body;
        EXPECT_EQ(body_of(response).at("errors").at(0).at("pointer"), pointer) << body;
    }
}

TEST_F(Agents, AreListedWithWhatTheyHave)
{
    const auto ticket = desk.stored_ticket("mara", "no line");
    ASSERT_EQ(desk.post("/v1/tickets/" + std::to_string(ticket) + "/take", anna).status, 200);
    for (const auto& agent : items_of(desk.get("/v1/agents", anna))) {
        EXPECT_EQ(agent.at("open_tickets"), agent.at("id") == anna.id ? 1 : 0) << agent;
    }
}

} // namespace
} // namespace sportello
