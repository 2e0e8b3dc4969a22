#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::body_of;
using test::Desk;
using test::json;

struct Tokens : testing::Test {
    Desk desk;
    test::Person anna = desk.person(domain::Role::agent, "anna");

    http::Response as_program(Method method, const std::string& target, const std::string& token, const std::string& body = "")
    {
        auto request = Desk::request(method, target, nullptr, body);
        request.headers.add("Authorization", "Bearer " + token);
        return desk.send(request);
    }
};

TEST_F(Tokens, ActAsTheirMakerWithoutACsrfToken)
{
    const auto made = desk.post("/v1/tokens", anna, {{"name", "robot"}});
    ASSERT_EQ(made.status, 201);
    const auto token = body_of(made).at("token").get<std::string>();
    const auto me = body_of(as_program(Method::get, "/v1/me", token));
    EXPECT_EQ(me.at("id"), anna.id);
    EXPECT_TRUE(me.at("csrf_token").is_null());
    EXPECT_EQ(as_program(Method::put, "/v1/me/availability", token, R"({"available":false})").status, 200);
    EXPECT_EQ(as_program(Method::post, "/v1/agents", token, "{}").status, 403) << "no more rights than the maker";
    EXPECT_EQ(desk.get("/v1/tokens", anna).body.find(token), std::string::npos) << "shown once";
}

TEST_F(Tokens, EndWhenRevokedOrExpired)
{
    const auto made = body_of(desk.post("/v1/tokens", anna, {{"name", "robot"}}));
    const auto token = made.at("token").get<std::string>();
    const auto soon =
        body_of(desk.post("/v1/tokens", anna, {{"name", "short"}, {"expires_at", base::to_rfc3339(desk.house.clock.now() + 1h)}}));
    ASSERT_EQ(as_program(Method::get, "/v1/me", token).status, 200);
    const auto other = desk.person(domain::Role::agent, "other");
    EXPECT_EQ(desk.del("/v1/tokens/" + made.at("id").dump(), other).status, 404) << "not theirs";
    EXPECT_EQ(desk.del("/v1/tokens/" + made.at("id").dump(), anna).status, 204);
    EXPECT_EQ(as_program(Method::get, "/v1/me", token).status, 401);
    ASSERT_EQ(as_program(Method::get, "/v1/me", soon.at("token").get<std::string>()).status, 200);
    desk.house.run_for(1h);
    EXPECT_EQ(as_program(Method::get, "/v1/me", soon.at("token").get<std::string>()).status, 401);
}

TEST_F(Tokens, ABadOneIsNotRescuedByACookie)
{
    auto request = Desk::request(Method::get, "/v1/me", &anna);
    request.headers.add("Authorization", "Bearer wrong");
    EXPECT_EQ(desk.send(request).status, 401);
}

TEST_F(Tokens, AreNotMadeTwiceForOneKey)
{
    ASSERT_EQ(desk.post("/v1/tokens", anna, {{"name", "robot"}}, "t-1").status, 201);
    EXPECT_EQ(desk.post("/v1/tokens", anna, {{"name", "robot"}}, "t-1").status, 409);
    EXPECT_EQ(desk.post("/v1/tokens", anna, {{"name", "other"}}, "t-1").status, 422);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM api_token"), 1);
}

TEST_F(Tokens, LiveAYearAtMost)
{
    const auto far = base::to_rfc3339(desk.house.clock.now() + 24h * 400);
    EXPECT_EQ(desk.post("/v1/tokens", anna, {{"name", "x"}, {"expires_at", far}}).status, 422);
}

} // namespace
} // namespace sportello
