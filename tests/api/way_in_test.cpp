// Sessions listed and ended, second factors, one-time links, leaving: how people get in, and how that ends.
#include "desk.hpp"
#include "id_token.hpp"
#include "totp.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/authorization.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/sessions.hpp>

#include <cjose/cjose.h>

#include <algorithm>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::body_of;
using test::Desk;
using test::HouseOptions;
using test::items_of;
using test::json;
using test::password;
using test::Person;
using test::person_of;

http::Response post_as_nobody(Desk& desk, const std::string& target, const json& body, const std::string& from = "127.0.0.1")
{
    auto request = Desk::request(Method::post, target, nullptr, body.dump());
    request.remote_address = from;
    request.headers.add("User-Agent", "Mozilla/5.0 (a test)");
    return desk.send(request);
}

Person come_in(Desk& desk, const std::string& login, const std::string& from = "127.0.0.1")
{
    const auto response = post_as_nobody(desk, "/v1/session", {{"login", login}, {"password", password}}, from);
    EXPECT_EQ(response.status, 200) << response.body;
    return person_of(response);
}

std::string path_of(const Person& who, const std::string& rest = "")
{
    return "/v1/agents/" + std::to_string(who.id) + rest;
}

// --- sessions

struct MySessions : testing::Test {
    Desk desk;
    Person made = desk.person(domain::Role::agent, "anna", {}, password);
    Person here = come_in(desk, "anna");
    Person there = come_in(desk, "anna", "192.0.2.7");
    Person admin = desk.person(domain::Role::admin, "admin");
};

TEST_F(MySessions, AreListedWithFromWhere)
{
    const auto sessions = items_of(desk.get("/v1/me/sessions", here));
    ASSERT_EQ(sessions.size(), 3U); // the one that Desk::person made too
    const auto other = std::find_if(sessions.begin(), sessions.end(), [](const json& one) { return one.at("address") == "192.0.2.7"; });
    ASSERT_NE(other, sessions.end());
    EXPECT_EQ(other->at("user_agent"), "Mozilla/5.0 (a test)");
    EXPECT_EQ(other->at("signed_in_by"), "password");
    EXPECT_EQ(std::count_if(sessions.begin(), sessions.end(), [](const json& one) { return one.at("current") == true; }), 1);
    for (const auto& one : sessions) {
        EXPECT_EQ(one.dump().find(base::sha256_hex(here.cookie)), std::string::npos) << "not enough to find the token by";
    }
}

TEST_F(MySessions, OneIsEndedOrAllTheOthers)
{
    for (const auto& one : items_of(desk.get("/v1/me/sessions", here))) {
        if (one.at("address") != "192.0.2.7") continue;
        EXPECT_EQ(desk.del("/v1/me/sessions/" + one.at("id").get<std::string>(), admin).status, 404) << "not the admin's own";
        EXPECT_EQ(desk.del("/v1/me/sessions/" + one.at("id").get<std::string>(), here).status, 204);
    }
    EXPECT_EQ(desk.get("/v1/me", there).status, 401);
    EXPECT_EQ(desk.get("/v1/me", made).status, 200);
    EXPECT_EQ(desk.del("/v1/me/sessions", here).status, 204);
    EXPECT_EQ(desk.get("/v1/me", made).status, 401);
    EXPECT_EQ(desk.get("/v1/me", here).status, 200) << "the present one stays";
    EXPECT_EQ(desk.del("/v1/me/sessions/nothing", here).status, 404);
}

TEST_F(MySessions, AnAdminEndsThoseOfOthers)
{
    const auto sessions = items_of(desk.get(path_of(made, "/sessions"), admin));
    ASSERT_EQ(sessions.size(), 3U);
    EXPECT_EQ(desk.del(path_of(made, "/sessions/") + sessions.front().at("id").get<std::string>(), admin).status, 204);
    EXPECT_EQ(items_of(desk.get(path_of(made, "/sessions"), admin)).size(), 2U);
    EXPECT_EQ(desk.del(path_of(made, "/sessions"), admin).status, 204);
    const auto told = items_of(desk.get("/v1/audit?action=agent.sessions_ended", admin));
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told.at(0).at("before").at("sessions").size(), 2U);
    ASSERT_EQ(told.at(1).at("before").at("sessions").size(), 1U);
    for (const auto* name : {"id", "created_at", "address", "user_agent", "signed_in_by"}) {
        EXPECT_EQ(told.at(1).at("before").at("sessions").at(0).at(name), sessions.front().at(name)) << name;
    }
    EXPECT_EQ(desk.get("/v1/me", here).status, 401);
    EXPECT_EQ(desk.get("/v1/me", there).status, 401);
}

TEST_F(MySessions, AnotherPasswordEndsThem)
{
    EXPECT_EQ(desk.put("/v1/me/password", here, {{"password", "guessed"}, {"new_password", "another long one"}}).status, 422);
    EXPECT_EQ(desk.put("/v1/me/password", here, {{"password", password}, {"new_password", "another long one"}}).status, 204);
    EXPECT_EQ(desk.get("/v1/me", there).status, 401);
    EXPECT_EQ(desk.get("/v1/me", here).status, 200);
    EXPECT_EQ(post_as_nobody(desk, "/v1/session", {{"login", "anna"}, {"password", "another long one"}}).status, 200);
}

// --- the second factor

struct SecondFactor : testing::Test {
    Desk desk;
    Person made = desk.person(domain::Role::agent, "anna", {}, password);
    Person admin = desk.person(domain::Role::admin, "admin");
    std::string secret;
    std::vector<std::string> recovery;

    std::string code(base::Duration from_now = 0s) { return api::totp_code(secret, desk.house.clock.now() + from_now); }

    /// Sets it up, as the person does, and reads the secret as the phone does.
    void enrol(const Person& who)
    {
        const auto begun = desk.post("/v1/me/second-factor", who, {{"password", password}});
        ASSERT_EQ(begun.status, 201) << begun.body;
        const auto text = body_of(begun).at("secret").get<std::string>();
        EXPECT_NE(body_of(begun).at("url").get<std::string>().find("otpauth://totp/Sportello:anna?secret=" + text), std::string::npos);
        secret = from_base32(text);
        EXPECT_EQ(desk.post("/v1/me/second-factor/confirm", who, {{"code", "000000"}}).status, 422);
        const auto confirmed = desk.post("/v1/me/second-factor/confirm", who, {{"code", code()}});
        ASSERT_EQ(confirmed.status, 200) << confirmed.body;
        recovery = body_of(confirmed).at("recovery_codes").get<std::vector<std::string>>();
        ASSERT_EQ(recovery.size(), 10U);
        desk.house.run_for(30s); // that code is used up
    }
    static std::string from_base32(const std::string& text)
    {
        constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        std::string bytes;
        unsigned bits = 0;
        int held = 0;
        for (const char c : text) {
            bits = (bits << 5) | static_cast<unsigned>(letters.find(c));
            if ((held += 5) < 8) continue;
            held -= 8;
            bytes += static_cast<char>((bits >> held) & 255);
        }
        return bytes;
    }
    int finish(const Person& who, const std::string& given, const std::string& from = "127.0.0.1")
    {
        auto request = Desk::request(Method::post, "/v1/session/second-factor", &who, json{{"code", given}}.dump());
        request.remote_address = from;
        return desk.send(request).status;
    }
};

TEST_F(SecondFactor, IsTheOneOfTheSpecification)
{
    const std::string of_rfc_6238 = "12345678901234567890";
    EXPECT_EQ(api::totp_code(of_rfc_6238, base::Instant(59s)), "287082");
    EXPECT_EQ(api::totp_code(of_rfc_6238, base::Instant(1111111109s)), "081804");
    EXPECT_EQ(api::totp_step(of_rfc_6238, "287082", base::Instant(59s)), 1);
    EXPECT_EQ(api::totp_step(of_rfc_6238, "287082", base::Instant(89s)), 1) << "clocks differ";
    EXPECT_EQ(api::totp_step(of_rfc_6238, "287082", base::Instant(120s)), std::nullopt);
    EXPECT_EQ(api::totp_step(of_rfc_6238, "28708", base::Instant(59s)), std::nullopt);
    EXPECT_EQ(api::totp_step(of_rfc_6238, "287082 ", base::Instant(59s)), std::nullopt);
}

TEST_F(SecondFactor, ASessionOpensNothingBeforeItsCode)
{
    enrol(made);
    EXPECT_EQ(body_of(desk.get("/v1/me/second-factor", made)).at("recovery_codes_left"), 10);
    const auto half = come_in(desk, "anna");
    EXPECT_EQ(body_of(desk.get("/v1/me", half)).at("second_factor"), "code_needed");
    for (const char* target : {"/v1/tickets", "/v1/bootstrap", "/v1/me/sessions", "/v1/me/second-factor", "/v1/events", "/v1/tokens"}) {
        const auto refused = desk.get(target, half);
        EXPECT_EQ(refused.status, 401) << target;
        EXPECT_EQ(body_of(refused).at("code"), "second_factor_needed") << target;
    }
    EXPECT_EQ(desk.post("/v1/tokens", half, {{"name", "x"}}).status, 401);
    EXPECT_EQ(finish(half, "000000"), 401);
    const auto now = code();
    EXPECT_EQ(finish(half, now), 200);
    EXPECT_EQ(desk.get("/v1/tickets", half).status, 200);
    EXPECT_EQ(body_of(desk.get("/v1/me", half)).at("second_factor"), "on");
    EXPECT_EQ(finish(half, code(30s)), 409) << "it waits for none any more";

    const auto thief = come_in(desk, "anna", "192.0.2.9");
    EXPECT_EQ(finish(thief, now, "192.0.2.9"), 401) << "a code counts once";
    EXPECT_EQ(finish(thief, code(-30s), "192.0.2.9"), 401) << "nor an earlier one";
    desk.house.run_for(10min);
    EXPECT_EQ(desk.get("/v1/me", thief).status, 401) << "a log-in waits ten minutes for its code";
}

TEST_F(SecondFactor, SettingItUpNeedsThePasswordAndEndsOtherSessions)
{
    const auto other = come_in(desk, "anna");
    EXPECT_EQ(desk.post("/v1/me/second-factor", made, {{"password", "guessed"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/me/second-factor", made, json::object()).status, 422);
    enrol(made);
    EXPECT_EQ(desk.get("/v1/me", other).status, 401);
    EXPECT_EQ(desk.post("/v1/me/second-factor", made, {{"password", password}}).status, 409);
    // At rest there is nothing to make codes from, and nothing to log in with.
    auto read = [&](storage::Transaction& tx) -> base::Result<storage::AgentAccess> {
        return storage::access_of(tx, domain::AgentId{made.id});
    };
    const auto kept = desk.house.db->read_now(read).value();
    EXPECT_TRUE(kept.totp_secret.starts_with("v1.")) << kept.totp_secret;
    EXPECT_EQ(kept.totp_secret.find(secret), std::string::npos);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM recovery_code WHERE code_hash LIKE '%-%'"), 0);
}

TEST_F(SecondFactor, RecoveryCodesCountOnceAndCanBeRenewed)
{
    enrol(made);
    const auto first = come_in(desk, "anna");
    EXPECT_EQ(finish(first, recovery[0]), 200);
    std::string shouted = recovery[1];
    std::transform(shouted.begin(), shouted.end(), shouted.begin(), [](unsigned char c) { return std::toupper(c); });
    std::erase(shouted, '-');
    EXPECT_EQ(finish(come_in(desk, "anna"), shouted), 200) << "as people type";
    EXPECT_EQ(finish(come_in(desk, "anna"), recovery[0]), 401);
    EXPECT_EQ(body_of(desk.get("/v1/me/second-factor", first)).at("recovery_codes_left"), 8);
    EXPECT_EQ(desk.post("/v1/me/second-factor/recovery-codes", first, {{"code", "000000"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/me/second-factor/recovery-codes", first, {{"code", code()}}).status, 200);
    EXPECT_EQ(finish(come_in(desk, "anna"), recovery[2]), 401) << "the old ones are gone";
}

TEST_F(SecondFactor, GuessingIsSlowedDownAndTheOwnerComesInFromWhereTheyWere)
{
    enrol(made);
    EXPECT_EQ(finish(come_in(desk, "anna", "192.0.2.1"), code(), "192.0.2.1"), 200);
    desk.house.run_for(30s);
    int heard = 0;
    for (int attempt = 0; attempt < 12; ++attempt) {
        const auto from = "198.51.100." + std::to_string(attempt);
        heard += finish(come_in(desk, "anna", from), "000000", from) == 401;
    }
    EXPECT_LE(heard, 10) << "many addresses are one guesser";
    EXPECT_EQ(finish(come_in(desk, "anna", "192.0.2.1"), code(), "192.0.2.1"), 200) << "the owner";
    const auto thief = come_in(desk, "anna", "203.0.113.5");
    EXPECT_EQ(finish(thief, "000000", "203.0.113.5"), 429);
}

TEST_F(SecondFactor, IsTakenAwayByWhoHasItOrByAnAdmin)
{
    enrol(made);
    EXPECT_EQ(desk.post("/v1/me/second-factor/disable", made, {{"password", password}, {"code", "000000"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/me/second-factor/disable", made, {{"password", "guessed"}, {"code", code()}}).status, 422);
    EXPECT_EQ(desk.post("/v1/me/second-factor/disable", made, {{"password", password}, {"code", code()}}).status, 204);
    EXPECT_EQ(body_of(desk.get("/v1/me", come_in(desk, "anna"))).at("second_factor"), "off");
    enrol(made);
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    EXPECT_EQ(desk.del(path_of(made, "/second-factor"), chief).status, 403);
    EXPECT_EQ(desk.del(path_of(made, "/second-factor"), admin).status, 204);
    EXPECT_EQ(desk.get("/v1/me", made).status, 401) << "the sessions ended";
    EXPECT_EQ(body_of(desk.get("/v1/me", come_in(desk, "anna"))).at("second_factor"), "off");
}

TEST_F(SecondFactor, WhereOneIsRequiredNothingOpensBeforeItIsSetUp)
{
    EXPECT_EQ(desk.patch(path_of(made), admin, {{"second_factor_required", true}}).status, 200);
    EXPECT_EQ(body_of(desk.get("/v1/me", made)).at("second_factor"), "to_enrol");
    const auto refused = desk.get("/v1/tickets", made);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(body_of(refused).at("code"), "second_factor_required");
    enrol(made);
    EXPECT_EQ(desk.get("/v1/tickets", made).status, 200);
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    EXPECT_EQ(desk.patch(path_of(made), chief, {{"second_factor_required", false}}).status, 403) << "admins say so";
}

TEST(SecondFactorOfRoles, TheConfigurationAsksItOfRoles)
{
    api::Options options;
    options.second_factor_for = {domain::Role::admin};
    Desk desk({.automatic_assignment = false}, options);
    EXPECT_EQ(desk.get("/v1/tickets", desk.person(domain::Role::admin, "admin")).status, 403);
    EXPECT_EQ(desk.get("/v1/tickets", desk.person(domain::Role::supervisor, "chief")).status, 200);
}

// --- one-time links

struct AccessLinks : testing::Test {
    Desk desk;
    Person chief = desk.person(domain::Role::supervisor, "chief");
    Person anna = desk.person(domain::Role::agent, "anna", {}, password);

    std::string token_for(const Person& who)
    {
        const auto made = desk.post(path_of(who, "/access-link"), chief);
        EXPECT_EQ(made.status, 201) << made.body;
        const auto url = body_of(made).at("url").get<std::string>();
        EXPECT_TRUE(url.starts_with("http://127.0.0.1:8080/access#")) << url;
        return url.substr(url.find('#') + 1);
    }
    int redeem(const json& body) { return post_as_nobody(desk, "/v1/access-links/redeem", body).status; }
};

TEST_F(AccessLinks, InviteSomebodyWhoHasNoPasswordYet)
{
    const auto added = desk.post("/v1/agents", chief, {{"login", "bruno"}, {"name", "Bruno"}});
    ASSERT_EQ(added.status, 201) << added.body;
    const Person bruno{.id = body_of(added).at("id").get<std::int64_t>(), .cookie = {}, .csrf = {}};
    const auto token = token_for(bruno);
    const auto seen = body_of(post_as_nobody(desk, "/v1/access-links/inspect", {{"token", token}}));
    EXPECT_EQ(seen.at("kind"), "invitation");
    EXPECT_EQ(seen.at("login"), "bruno");
    EXPECT_EQ(redeem({{"token", token}, {"password", "short"}}), 422);
    EXPECT_EQ(redeem({{"token", token}, {"password", "my own password"}}), 200);
    EXPECT_EQ(redeem({{"token", token}, {"password", "another password"}}), 404) << "it works once";
    EXPECT_EQ(post_as_nobody(desk, "/v1/session", {{"login", "bruno"}, {"password", "my own password"}}).status, 200);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM access_link"), 0);
}

TEST_F(AccessLinks, ResetAPasswordAndEndTheSessions)
{
    const auto token = token_for(anna);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 200) << "until it is used, nothing happens";
    EXPECT_EQ(redeem({{"token", token}, {"password", "my new password"}}), 200);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
    EXPECT_EQ(post_as_nobody(desk, "/v1/session", {{"login", "anna"}, {"password", password}}).status, 401);
    EXPECT_EQ(post_as_nobody(desk, "/v1/session", {{"login", "anna"}, {"password", "my new password"}}).status, 200);
}

TEST_F(AccessLinks, AreGoodForAWhileAndOneAtATime)
{
    const auto first = token_for(anna);
    const auto second = token_for(anna);
    EXPECT_EQ(redeem({{"token", first}, {"password", "my new password"}}), 404) << "another took its place";
    EXPECT_EQ(desk.del(path_of(anna, "/access-link"), chief).status, 204);
    EXPECT_EQ(redeem({{"token", second}, {"password", "my new password"}}), 404) << "taken back";
    const auto third = token_for(anna);
    desk.house.run_for(24h);
    EXPECT_EQ(redeem({{"token", third}, {"password", "my new password"}}), 404) << "too late";
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM access_link WHERE token_hash = '" + third + "'"), 0) << "kept as a hash only";
}

TEST_F(AccessLinks, AreMadeByNobodyForThoseAboveThem)
{
    const auto admin = desk.person(domain::Role::admin, "admin");
    EXPECT_EQ(desk.post(path_of(admin, "/access-link"), chief).status, 403);
    EXPECT_EQ(desk.post(path_of(chief, "/access-link"), anna).status, 403);
    EXPECT_EQ(desk.post(path_of(anna, "/access-link"), chief, {{"by_mail", true}}).status, 422) << "no mail is set up";
}

TEST_F(AccessLinks, GoByMailWhereMailIsSetUp)
{
    std::vector<std::string> sent;
    api::Options options;
    options.mail = [&](std::string to, std::string, std::string text) -> boost::asio::awaitable<base::Result<void>> {
        sent.push_back(to + "\n" + text);
        co_return base::Result<void>();
    };
    Desk other({.automatic_assignment = false}, options);
    const auto boss = other.person(domain::Role::admin, "boss");
    const auto who = other.person(domain::Role::agent, "anna");
    EXPECT_EQ(other.post(path_of(who, "/access-link"), boss, {{"by_mail", true}}).status, 422) << "no address is known";
    ASSERT_EQ(other.patch(path_of(who), boss, {{"email", "Anna@Example.com"}}).status, 200);
    const auto made = other.post(path_of(who, "/access-link"), boss, {{"by_mail", true}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_TRUE(body_of(made).at("url").is_null());
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent.front().starts_with("anna@example.com\n"));
    EXPECT_NE(sent.front().find("/access#"), std::string::npos);
}

TEST(FirstAdmin, ComesInByTheConsolesTokenOnce)
{
    Desk desk;
    auto store = [&](storage::Transaction& tx) -> base::Result<void> {
        storage::replace_access_link(tx, {.token_hash = base::sha256_hex("on the console"),
                                          .kind = "first_admin",
                                          .agent = std::nullopt,
                                          .created_at = desk.house.clock.now(),
                                          .expires_at = desk.house.clock.now() + 24h});
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(store));
    const auto redeem = [&](json body) {
        body["token"] = "on the console";
        return post_as_nobody(desk, "/v1/access-links/redeem", body);
    };
    EXPECT_EQ(redeem({{"password", "long enough"}}).status, 422) << "a login is to be chosen";
    EXPECT_EQ(redeem({{"password", "long enough"}, {"login", "agent1"}}).status, 409) << "an agent's login makes no admin of them";
    EXPECT_EQ(redeem({{"password", "long enough"}, {"login", "boss"}, {"name", "The Boss"}}).status, 200);
    EXPECT_EQ(redeem({{"password", "long enough"}, {"login", "second"}}).status, 404);
    const auto in = post_as_nobody(desk, "/v1/session", {{"login", "boss"}, {"password", "long enough"}});
    ASSERT_EQ(in.status, 200);
    EXPECT_EQ(body_of(in).at("me").at("role"), "admin");
    // A second one that was printed before, while there was none.
    ASSERT_TRUE(desk.house.db->write_now(store));
    EXPECT_EQ(redeem({{"password", "long enough"}, {"login", "second"}}).status, 404) << "there is an admin now";
}

// --- limits by brand and team

/// Whatever somebody is, a role above theirs may do no less, and another brand's things are hidden from all alike.
TEST(Rights, FormALattice)
{
    using domain::Role;
    constexpr Role roles[] = {Role::phone, Role::agent, Role::supervisor, Role::admin};
    const std::vector<std::string> none;
    const std::vector<std::string> tim{"tim"};
    const std::vector<std::string> fibra{"fibra"};
    for (const auto* brands : {&none, &tim}) {
        for (const auto* teams : {&none, &fibra}) {
            for (const auto deed : {domain::Deed::see, domain::Deed::work}) {
                for (const char* brand : {"", "tim", "other"}) {
                    for (const char* team : {"", "fibra", "rame"}) {
                        bool before = false;
                        for (const auto role : roles) {
                            const domain::Standing who{.id = domain::AgentId{7}, .role = role, .brands = *brands, .teams = *teams};
                            const auto verdict = domain::authorize(who, deed, {.brand = brand, .team = team});
                            const bool allowed = verdict == domain::Verdict::allowed;
                            EXPECT_TRUE(allowed || !before) << brand << " " << team;
                            before = allowed;
                            const bool foreign = !brands->empty() && std::string_view(brand) == "other";
                            EXPECT_EQ(verdict == domain::Verdict::hidden, foreign);
                            if (allowed) {
                                EXPECT_EQ(domain::authorize(who, domain::Deed::see, {.brand = brand}), domain::Verdict::allowed);
                            }
                        }
                    }
                }
            }
        }
    }
    for (const auto role : roles) {
        for (const auto needed : roles) EXPECT_EQ(domain::may_act_as(role, needed), role >= needed);
    }
}

TEST(Rights, ASupervisorOfOneBrandGivesNoOther)
{
    HouseOptions house{.automatic_assignment = false};
    house.three_brands = true;
    Desk desk(house);
    const auto chief = desk.person(domain::Role::supervisor, "chief", {"tim"});
    EXPECT_EQ(desk.post("/v1/agents", chief, {{"login", "a"}, {"name", "A"}}).status, 403) << "no brands: all";
    EXPECT_EQ(desk.post("/v1/agents", chief, {{"login", "a"}, {"name", "A"}, {"brands", {"impresa"}}}).status, 403);
    EXPECT_EQ(desk.post("/v1/agents", chief, {{"login", "a"}, {"name", "A"}, {"brands", {"tim"}}}).status, 201);
    const auto anna = desk.person(domain::Role::agent, "anna", {"tim"});
    EXPECT_EQ(desk.patch(path_of(anna), chief, {{"brands", json::array()}}).status, 403);
    EXPECT_EQ(desk.patch(path_of(anna), chief, {{"capacity", 3}}).status, 200);
    const auto both = desk.person(domain::Role::agent, "both", {"tim", "impresa"});
    EXPECT_EQ(desk.patch(path_of(both), chief, {{"password", "taken over!"}}).status, 403);
    const auto other = desk.person(domain::Role::agent, "other", {"impresa"});
    EXPECT_EQ(desk.patch(path_of(other), chief, {{"capacity", 3}}).status, 404);
    EXPECT_EQ(desk.patch(path_of(chief), chief, {{"brands", json::array()}}).status, 403) << "not to oneself either";
}

TEST(Rights, ATeamsTicketIsWorkedOnByItsMembersAndSupervisors)
{
    HouseOptions house{.automatic_assignment = false};
    house.settings = [](engine::Settings& settings) {
        engine::TeamSettings team;
        team.id = team.name = "fibra";
        settings.teams.push_back(std::move(team));
    };
    Desk desk(house);
    const auto ticket = "/v1/tickets/" + std::to_string(desk.stored_ticket("mara", "no line"));
    auto of_team = [](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE ticket SET team = 'fibra'");
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(of_team));
    const auto anna = desk.person(domain::Role::agent, "anna");
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    EXPECT_EQ(desk.get(ticket, anna).status, 200) << "seen by all of the brand";
    EXPECT_EQ(desk.post(ticket + "/notes", anna, {{"text", "a hint"}}).status, 201);
    EXPECT_EQ(desk.patch(ticket, anna, {{"priority", "high"}}).status, 403);
    EXPECT_EQ(desk.post(ticket + "/take", anna).status, 403);
    EXPECT_EQ(desk.post(ticket + "/replies", anna, {{"text", "x"}, {"visibility", "public"}}).status, 403);
    EXPECT_EQ(desk.post(ticket + "/by-hand", anna, {{"text", "x"}}).status, 403);
    EXPECT_EQ(desk.patch(ticket, chief, {{"priority", "high"}}).status, 200);
    ASSERT_EQ(desk.patch(path_of(anna), chief, {{"teams", {"fibra"}}}).status, 200);
    EXPECT_EQ(desk.post(ticket + "/take", anna).status, 200);
    ASSERT_EQ(desk.patch(path_of(anna), chief, {{"teams", json::array()}}).status, 200);
    EXPECT_EQ(desk.patch(ticket, anna, {{"priority", "low"}}).status, 200) << "whoever has it goes on";
}

TEST(Leaving, GivesTheWorkBackAndKeepsWhatWasSaid)
{
    Desk desk;
    const auto chief = desk.person(domain::Role::supervisor, "chief");
    const auto anna = desk.person(domain::Role::agent, "anna");
    const auto waiting = "/v1/tickets/" + std::to_string(desk.ticket_from_x("mara", "no line"));
    const auto solved = "/v1/tickets/" + std::to_string(desk.ticket_from_x("luca", "a bill"));
    const auto pending = "/v1/tickets/" + std::to_string(desk.ticket_from_x("ugo", "a question"));
    for (const auto& ticket : {waiting, solved, pending}) ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    ASSERT_EQ(desk.patch(solved, anna, {{"status", "solved"}}).status, 200);
    ASSERT_EQ(desk.patch(pending, anna, {{"status", "pending"}}).status, 200);
    const auto reply = desk.post(waiting + "/replies", anna, {{"text", "Ci pensiamo noi"}, {"visibility", "public"}, {"undo_seconds", 30}});
    ASSERT_EQ(reply.status, 202) << reply.body;
    const auto token = body_of(desk.post("/v1/tokens", anna, {{"name", "robot"}})).at("token").get<std::string>();

    ASSERT_EQ(desk.patch(path_of(anna), chief, {{"disabled", true}}).status, 200);
    EXPECT_EQ(desk.get("/v1/me", anna).status, 401);
    auto program = Desk::request(Method::get, "/v1/me");
    program.headers.add("Authorization", "Bearer " + token);
    EXPECT_EQ(desk.send(program).status, 401);
    for (const auto& ticket : {waiting, pending}) {
        const auto now = body_of(desk.get(ticket, chief));
        EXPECT_TRUE(now.at("assignee").is_null()) << now;
        const auto story = desk.get(ticket + "/timeline?limit=100", chief).body;
        EXPECT_NE(story.find("taken back: Name of anna no longer works here"), std::string::npos) << story;
    }
    EXPECT_EQ(body_of(desk.get(solved, chief)).at("assignee").at("name"), "Name of anna") << "history stays";
    // What was accepted is sent.
    desk.house.start();
    desk.house.run_for(2min);
    EXPECT_EQ(desk.house.copies_on_platform("Ci pensiamo noi"), 1U);
    const auto story = desk.get(waiting + "/timeline?limit=100", chief).body;
    EXPECT_NE(story.find("Name of anna"), std::string::npos);
}

// --- ID tokens

struct IdToken : testing::Test {
    IdToken()
    {
        key = cjose_jwk_create_RSA_random(2048, nullptr, 0, nullptr);
        cjose_jwk_set_kid(key, "one", 3, nullptr);
        other = cjose_jwk_create_RSA_random(2048, nullptr, 0, nullptr);
        cjose_jwk_set_kid(other, "one", 3, nullptr);
    }
    ~IdToken() override
    {
        cjose_jwk_release(key);
        cjose_jwk_release(other);
    }

    std::string jwks() const
    {
        char* text = cjose_jwk_to_json(key, false, nullptr);
        const json set{{"keys", {json::parse(text)}}};
        std::free(text);
        return set.dump();
    }
    static std::string sign(cjose_jwk_t* with, const json& claims, const char* algorithm = "RS256", const char* kid = "one")
    {
        cjose_header_t* header = cjose_header_new(nullptr);
        cjose_header_set(header, CJOSE_HDR_ALG, algorithm, nullptr);
        if (kid) cjose_header_set(header, CJOSE_HDR_KID, kid, nullptr);
        const auto text = claims.dump();
        cjose_jws_t* jws = cjose_jws_sign(with, header, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr);
        cjose_header_release(header);
        if (!jws) return "?";
        const char* compact = nullptr;
        cjose_jws_export(jws, &compact, nullptr);
        std::string token = compact;
        cjose_jws_release(jws);
        return token;
    }
    json claims() const
    {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(rules.now.time_since_epoch()).count();
        return {{"iss", "https://id.example"}, {"aud", "sportello"},    {"sub", "u1"}, {"nonce", "n"}, {"exp", now + 300}, {"iat", now},
                {"email", "Anna@Example.com"}, {"email_verified", true}};
    }

    cjose_jwk_t* key;
    cjose_jwk_t* other;
    api::IdTokenRules rules{
        .issuer = "https://id.example", .client_id = "sportello", .nonce = "n", .now = base::Instant(std::chrono::seconds(1'772'442'310))};
};

TEST_F(IdToken, IsTakenWhenAllOfItIsRight)
{
    const auto person = api::check_id_token(sign(key, claims()), jwks(), rules);
    ASSERT_TRUE(person) << person.error().what();
    EXPECT_EQ(person->subject, "u1");
    EXPECT_EQ(person->email, "anna@example.com");
    EXPECT_TRUE(person->email_verified);
    auto shared = claims();
    shared["aud"] = {"sportello", "other"};
    shared["azp"] = "sportello";
    EXPECT_TRUE(api::check_id_token(sign(key, shared, "PS256"), jwks(), rules));
    EXPECT_TRUE(api::check_id_token(sign(key, claims(), "RS512", nullptr), jwks(), rules)) << "a key may have no name";
}

TEST_F(IdToken, IsRefusedWhenOneThingIsWrong)
{
    const std::pair<const char*, json> wrong[] = {{"iss", "https://evil.example"},
                                                  {"iss", "https://id.example/"},
                                                  {"aud", "other"},
                                                  {"aud", {"sportello", "other"}},
                                                  {"azp", "other"},
                                                  {"sub", ""},
                                                  {"sub", 7},
                                                  {"nonce", "another"},
                                                  {"exp", 1'772'442'000},
                                                  {"exp", "never"},
                                                  {"iat", 1'772'443'000}};
    for (const auto& [name, value] : wrong) {
        auto made = claims();
        made[name] = value;
        EXPECT_FALSE(api::check_id_token(sign(key, made), jwks(), rules)) << name << ": " << value;
    }
    for (const char* name : {"iss", "aud", "sub", "nonce", "exp", "iat"}) {
        auto made = claims();
        made.erase(name);
        EXPECT_FALSE(api::check_id_token(sign(key, made), jwks(), rules)) << "without " << name;
    }
}

TEST_F(IdToken, IsRefusedWithoutAGoodSignature)
{
    const auto good = sign(key, claims());
    EXPECT_EQ(api::check_id_token(sign(other, claims()), jwks(), rules).error().kind(), base::ErrorKind::unauthenticated);
    EXPECT_EQ(api::check_id_token(sign(key, claims(), "RS256", "two"), jwks(), rules).error().kind(), base::ErrorKind::not_found)
        << "the keys may be read again";
    const auto body = good.substr(good.find('.') + 1, good.rfind('.') - good.find('.') - 1);
    const auto none = base::base64url(R"({"alg":"none"})") + "." + body + ".";
    EXPECT_FALSE(api::check_id_token(none, jwks(), rules));
    EXPECT_FALSE(api::check_id_token(base::base64url(R"({"alg":"RS256"})") + "." + body + ".", jwks(), rules));
    // Signed with the public key as if it were a shared secret.
    const auto published = jwks();
    cjose_jwk_t* secret = cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(published.data()), published.size(), nullptr);
    EXPECT_FALSE(api::check_id_token(sign(secret, claims(), "HS256"), published, rules));
    cjose_jwk_release(secret);
    for (const char* rubbish : {"", ".", "..", "a.b.c", "null", "{}"}) EXPECT_FALSE(api::check_id_token(rubbish, jwks(), rules)) << rubbish;
    for (const char* keys : {"", "{}", "[]", R"({"keys":[7,{"kty":"RSA"},{"kty":"oct","k":"YQ"}]})"}) {
        EXPECT_FALSE(api::check_id_token(good, keys, rules)) << keys;
    }
    for (std::size_t at = 0; at + 1 < good.size(); at += 37) {
        auto changed = good;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        if (changed != good) { EXPECT_FALSE(api::check_id_token(changed, jwks(), rules)) << at; }
    }
}

} // namespace
} // namespace sportello
