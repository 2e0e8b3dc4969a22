#include "desk.hpp"

#include <sportello/storage/sessions.hpp>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::body_of;
using test::Desk;
using test::json;
using test::password;
using test::Person;
using test::person_of;

http::Response log_in(Desk& desk, const std::string& login, const std::string& given, const std::string& from = "127.0.0.1",
                      bool secure = false)
{
    auto request = Desk::request(Method::post, "/v1/session", nullptr, json{{"login", login}, {"password", given}}.dump());
    request.remote_address = from;
    request.secure = secure;
    return desk.send(request);
}

TEST(Session, LogsInActsAndLogsOut)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    const auto response = log_in(desk, "anna", password);
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(body_of(response).at("me").at("login"), "anna");
    const auto cookie = std::string(response.headers.find("Set-Cookie").value());
    EXPECT_TRUE(cookie.starts_with("sportello="));
    EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("SameSite=Lax"), std::string::npos);
    EXPECT_EQ(cookie.find("Secure"), std::string::npos);

    const auto anna = person_of(response);
    EXPECT_EQ(body_of(desk.get("/v1/me", anna)).at("csrf_token"), anna.csrf);
    const auto left = desk.del("/v1/session", anna);
    EXPECT_EQ(left.status, 204);
    EXPECT_EQ(left.headers.find("Clear-Site-Data"), "\"cache\", \"storage\"");
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
}

TEST(Session, OverTlsTheCookieIsSecureAndBoundToTheHost)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    const auto cookie = std::string(log_in(desk, "anna", password, "127.0.0.1", true).headers.find("Set-Cookie").value());
    EXPECT_TRUE(cookie.starts_with("__Host-sportello="));
    EXPECT_NE(cookie.find("; Secure"), std::string::npos);
}

TEST(Session, StoresNoSecret)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    const auto anna = person_of(log_in(desk, "anna", password));
    auto find = [&](storage::Transaction& tx) -> base::Result<std::optional<storage::SessionOfAgent>> {
        return storage::find_session(tx, anna.cookie);
    };
    EXPECT_FALSE(desk.house.db->read_now(find).value().has_value());
}

TEST(Session, AWrongLoginAndAWrongPasswordAnswerAlike)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    const auto unknown = log_in(desk, "nobody", password);
    const auto wrong = log_in(desk, "anna", "something else");
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(body_of(unknown).at("detail"), body_of(wrong).at("detail"));
}

TEST(Session, GuessingIsSlowedDownAndTheOwnerIsLetIn)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    http::Response last;
    for (int attempt = 0; attempt < 6; ++attempt) last = log_in(desk, "anna", "guess", "192.0.2.1");
    EXPECT_EQ(last.status, 429);
    EXPECT_TRUE(last.headers.has("Retry-After"));
    EXPECT_EQ(log_in(desk, "anna", password, "192.0.2.2").status, 200) << "the owner comes from elsewhere";
    desk.house.run_for(16min);
    EXPECT_EQ(log_in(desk, "anna", password, "192.0.2.1").status, 200);
}

TEST(Session, EndsWhenIdleAndAtTheLatestAfterTwelveHours)
{
    Desk desk;
    const auto idle = desk.person(domain::Role::agent, "idle");
    const auto busy = desk.person(domain::Role::agent, "busy");
    desk.house.run_for(29min);
    EXPECT_EQ(desk.get("/v1/me", busy).status, 200);
    desk.house.run_for(2min);
    EXPECT_EQ(desk.get("/v1/me", idle).status, 401);
    for (int quarter = 0; quarter < 45; ++quarter) {
        ASSERT_EQ(desk.get("/v1/me", busy).status, 200) << quarter;
        desk.house.run_for(15min);
    }
    desk.house.run_for(15min);
    EXPECT_EQ(desk.get("/v1/me", busy).status, 401);
}

TEST(Session, ARightWithdrawnElsewhereIsGoneWithinASecond)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::agent, "anna");
    ASSERT_EQ(desk.get("/v1/me", anna).status, 200);
    auto disable = [&](storage::Transaction& tx) -> base::Result<void> { // as the command line does it
        tx.run("UPDATE agent SET disabled = 1 WHERE id = $1", anna.id);
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(disable));
    desk.house.run_for(1s);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
}

TEST(Session, ASecondLogInEndsTheSessionItReplaces)
{
    Desk desk;
    desk.person(domain::Role::agent, "anna", {}, password);
    const auto first = person_of(log_in(desk, "anna", password));
    auto again = Desk::request(Method::post, "/v1/session", &first, json{{"login", "anna"}, {"password", password}}.dump());
    ASSERT_EQ(desk.send(again).status, 200);
    EXPECT_EQ(desk.get("/v1/me", first).status, 401);
}

TEST(Session, AvailabilityIsTheAgentsOwn)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::agent, "anna");
    EXPECT_EQ(body_of(desk.put("/v1/me/availability", anna, {{"available", false}})).at("available"), false);
    EXPECT_EQ(body_of(desk.get("/v1/me", anna)).at("available"), false);
}

} // namespace
} // namespace sportello
