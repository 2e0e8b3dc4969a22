#include "platforms.hpp"
#include <sportello/base/digest.hpp>

namespace sportello::test {
namespace {

const std::string app_token = "100000000000001|sim-app-secret";

/// How an app comes to tokens, and how they end.
class GraphAccess : public Platforms {
protected:
    json asks(const std::string& path, const std::string& token = "")
    {
        auto response = get("/v25.0" + path, token);
        status = response.status;
        return json::parse(response.body);
    }
    http::Response answers_dialog(const std::string& form)
    {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = "http://simulator.test/v25.0/dialog/oauth";
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = "client_id=100000000000001&redirect_uri=http%3A%2F%2Fapp.test%2Fback&state=s%261" + form;
        return call(std::move(request));
    }
    std::string granted_code(const std::string& form = "&action=allow&page=104000000000002&scope=pages_show_list&scope=pages_messaging"
                                                       "&scope=pages_read_engagement")
    {
        const auto location = std::string(answers_dialog(form).headers.find("Location").value_or(""));
        const auto at = location.find("code=") + 5;
        return location.substr(at, location.find('&', at) - at);
    }
    json exchange(const std::string& query, const std::string& secret = "sim-app-secret")
    {
        return asks("/oauth/access_token?client_id=100000000000001&client_secret=" + secret + query);
    }
    std::string user_token()
    {
        const auto code = granted_code();
        return exchange("&redirect_uri=http%3A%2F%2Fapp.test%2Fback&code=" + code).value("access_token", "");
    }
    std::string long_token(const std::string& token)
    {
        return exchange("&grant_type=fb_exchange_token&fb_exchange_token=" + token).value("access_token", "");
    }
    json debug(const std::string& token) { return asks("/debug_token?input_token=" + token, app_token)["data"]; }
    static int code(const json& body) { return body.value("error", json::object()).value("code", 0); }
    static int subcode(const json& body) { return body.value("error", json::object()).value("error_subcode", 0); }
    int status = 0;
};

TEST_F(GraphAccess, APersonLetsTheAppActForChosenPages)
{
    const auto dialog = get("/v25.0/dialog/oauth?client_id=100000000000001&redirect_uri=http%3A%2F%2Fapp.test%2Fback&state=%22%3E%3Cb%3E"
                            "&scope=pages_messaging%2Cpages_show_list",
                            "");
    EXPECT_EQ(dialog.status, 200);
    EXPECT_NE(dialog.body.find("value=\"pages_messaging\""), std::string::npos);
    EXPECT_EQ(dialog.body.find("\"><b>"), std::string::npos) << "what the app sends is no markup";
    EXPECT_NE(dialog.headers.find("Content-Security-Policy")->find("form-action 'self' http://app.test"), std::string_view::npos);

    const auto back = answers_dialog("&action=allow&page=104000000000002&scope=pages_show_list");
    EXPECT_EQ(back.status, 302);
    const std::string location(back.headers.find("Location").value_or(""));
    EXPECT_TRUE(location.starts_with("http://app.test/back?code=")) << location;
    EXPECT_NE(location.find("&state=s%261#_=_"), std::string::npos) << location;
    const auto denied = answers_dialog("&action=deny");
    EXPECT_NE(denied.headers.find("Location")->find("?error=access_denied&"), std::string_view::npos);
}

TEST_F(GraphAccess, TheDialogRefusesWhatFacebookRefuses)
{
    EXPECT_EQ(get("/v25.0/dialog/oauth?client_id=7&redirect_uri=http%3A%2F%2Fa.test", "").status, 400);
    EXPECT_EQ(get("/v25.0/dialog/oauth?client_id=100000000000001&redirect_uri=javascript%3Aalert(1)", "").status, 400);
    EXPECT_EQ(get("/v25.0/dialog/oauth?client_id=100000000000001&redirect_uri=http%3A%2F%2Fa.test%3B+script-src+*", "").status, 400);
    EXPECT_EQ(get("/v25.0/dialog/oauth?client_id=100000000000001&redirect_uri=http%3A%2F%2Fa.test&scope=make_coffee", "").status, 400);
}

TEST_F(GraphAccess, ACodeHoldsOnceForTenMinutesAndForItsAddress)
{
    const std::string back = "&redirect_uri=http%3A%2F%2Fapp.test%2Fback&code=";
    auto code_text = granted_code();
    EXPECT_EQ(subcode(exchange("&redirect_uri=http%3A%2F%2Fapp.test%2Fother&code=" + code_text)), 36008);
    EXPECT_EQ(code(exchange(back + code_text, "wrong")), 1);
    EXPECT_EQ(exchange(back + code_text)["expires_in"], 7200);
    EXPECT_EQ(subcode(exchange(back + code_text)), 36009);
    code_text = granted_code();
    clock.set(clock.now() + 11min);
    EXPECT_EQ(subcode(exchange(back + code_text)), 36007);
    EXPECT_EQ(code(exchange(back + "nonsense")), 100);
}

TEST_F(GraphAccess, AShortTokenBecomesALongOneAndLeadsToAPagesOwn)
{
    const auto brief = user_token();
    const auto lasting = exchange("&grant_type=fb_exchange_token&fb_exchange_token=" + brief);
    EXPECT_EQ(lasting["expires_in"], 5'184'000);
    EXPECT_EQ(lasting["token_type"], "bearer");
    const auto user = lasting["access_token"].get<std::string>();
    const auto pages = asks("/me/accounts", user);
    ASSERT_EQ(ids(pages), std::vector<std::string>{page}) << "only what was chosen";
    const auto own = pages["data"][0]["access_token"].get<std::string>();
    EXPECT_EQ(asks("/me", own)["name"], "TIM");
    EXPECT_EQ(asks("/me/accounts", user)["data"][0]["access_token"], own) << "asked again it is the same";

    const auto about = debug(own);
    EXPECT_EQ(about["type"], "PAGE");
    EXPECT_EQ(about["profile_id"], page);
    EXPECT_EQ(about["expires_at"], 0);
    EXPECT_EQ(about["is_valid"], true);
    EXPECT_EQ(about["granular_scopes"][0]["target_ids"], json::array({page}));
    EXPECT_EQ(debug(user)["expires_at"], base::to_micros(clock.now()) / 1'000'000 + 5'184'000);

    clock.set(clock.now() + 24h * 61);
    const auto ended = asks("/me", user);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(code(ended), 190);
    EXPECT_EQ(subcode(ended), 463);
    EXPECT_EQ(asks("/me", own)["name"], "TIM") << "a Page's token from a long-lived one never ends";
    EXPECT_EQ(subcode(exchange("&grant_type=fb_exchange_token&fb_exchange_token=" + user)), 463);
    const auto bad = debug(user);
    EXPECT_EQ(bad["is_valid"], false);
    EXPECT_EQ(bad["error"]["subcode"], 463);
}

TEST_F(GraphAccess, APagesTokenFromAShortOneEndsWithIt)
{
    const auto own = asks("/me/accounts", user_token())["data"][0]["access_token"].get<std::string>();
    EXPECT_EQ(asks("/me", own)["name"], "TIM");
    clock.set(clock.now() + 3h);
    EXPECT_EQ(subcode(asks("/me", own)), 463);
}

TEST_F(GraphAccess, WhatWasNotGrantedIsRefusedOrMissing)
{
    const auto code_text = granted_code("&action=allow&page=104000000000002&scope=pages_show_list");
    const auto user = exchange("&redirect_uri=http%3A%2F%2Fapp.test%2Fback&code=" + code_text)["access_token"].get<std::string>();
    const auto own = asks("/me/accounts", user)["data"][0]["access_token"].get<std::string>();
    EXPECT_EQ(code(asks("/me/feed", own)), 10);
    EXPECT_EQ(code(asks("/me/conversations", own)), 230);
    EXPECT_EQ(debug(own)["scopes"], json({"pages_show_list", "public_profile"}));
    const auto names = asks("/me/permissions", user);
    EXPECT_EQ(names["data"][0], json({{"permission", "pages_show_list"}, {"status", "granted"}}));
}

TEST_F(GraphAccess, TokensDieForTheReasonsThatFacebookHas)
{
    const auto user = long_token(user_token());
    const auto own = asks("/me/accounts", user)["data"][0]["access_token"].get<std::string>();
    for (const int why : {459, 460, 464, 467, 492}) {
        ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"token", own}, {"subcode", why}}).status, 204);
        const auto refused = asks("/me", own);
        EXPECT_EQ(code(refused), 190);
        EXPECT_EQ(subcode(refused), why);
        EXPECT_EQ(refused.begin().key(), "error");
    }
    EXPECT_NE(asks("/me/accounts", user)["data"][0]["access_token"], own) << "a dead one is replaced";
    ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"token", own}, {"valid", true}}).status, 204);
    EXPECT_EQ(asks("/me", own)["name"], "TIM");

    http::ClientRequest leave;
    leave.method = http::Method::del;
    leave.url = "http://simulator.test/v25.0/me/permissions?access_token=" + user;
    EXPECT_EQ(json::parse(call(leave).body), json({{"success", true}}));
    EXPECT_EQ(subcode(asks("/me", user)), 458);
    EXPECT_EQ(subcode(asks("/me", own)), 458);
}

TEST_F(GraphAccess, ATokenThatNeedsNoSettingUpCanEndAndComeBack)
{
    ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"account", page}, {"expires_in_s", 60}}).status, 204);
    EXPECT_EQ(graph("/me")["name"], "TIM");
    clock.set(clock.now() + 1min);
    EXPECT_EQ(subcode(graph("/me")), 463);
    const auto another = asks("/me/accounts?fields=id,access_token", "sim-facebook-user")["data"][1];
    EXPECT_EQ(another["id"], page);
    EXPECT_EQ(asks("/me", another["access_token"].get<std::string>())["name"], "TIM");
    ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"account", page}, {"valid", true}}).status, 204);
    EXPECT_EQ(graph("/me")["name"], "TIM");
}

TEST_F(GraphAccess, SystemUsersAndAppsHaveTokensOfTheirOwn)
{
    EXPECT_EQ(exchange("&grant_type=client_credentials")["access_token"], app_token);
    EXPECT_EQ(debug(app_token)["type"], "APP");
    EXPECT_EQ(code(asks("/me", app_token)), 2500);
    EXPECT_EQ(code(asks("/" + std::string(page) + "/feed", app_token)), 10);
    EXPECT_EQ(code(asks("/?ids=" + std::string(page), app_token)), 10);
    const auto issued = json::parse(post("/v25.0/100000000000010/access_tokens",
                                         {{"business_app", "100000000000001"}, {"scope", "pages_show_list"}}, "sim-facebook-system")
                                        .body)["access_token"]
                            .get<std::string>();
    EXPECT_EQ(debug(issued)["type"], "SYSTEM_USER");
    EXPECT_EQ(asks("/me/accounts", issued)["data"].size(), 3U);
    EXPECT_EQ(asks("/oauth/revoke?client_id=100000000000001&client_secret=sim-app-secret&revoke_token=" + issued),
              json({{"success", true}}));
    EXPECT_EQ(code(asks("/me", issued)), 190);
}

TEST_F(GraphAccess, TheListOfPagesIsPaged)
{
    std::vector<std::string> seen;
    auto body = asks("/me/accounts?limit=2&summary=1&fields=id", "sim-facebook-user");
    EXPECT_EQ(body["summary"]["total_count"], 3);
    for (;; body = json::parse(get(body["paging"]["next"].get<std::string>(), "").body)) {
        for (const auto& id : ids(body)) seen.push_back(id);
        if (!body["paging"].contains("next")) break;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"104000000000001", "104000000000002", "104000000000003"}));
}

TEST_F(GraphAccess, AProofWithATimeHoldsFiveMinutes)
{
    const auto now = std::to_string(base::to_micros(clock.now()) / 1'000'000);
    const auto proof = base::hmac_sha256_hex(simulator::app_secret, std::string(page_token) + "|" + now);
    const auto path = "/me?appsecret_time=" + now + "&appsecret_proof=" + proof;
    EXPECT_EQ(graph(path)["name"], "TIM");
    clock.set(clock.now() + 6min);
    EXPECT_EQ(code(graph(path)), 104);
}

TEST_F(GraphAccess, APersonsTokenIsToldNoComments)
{
    const auto post = visitor_posts("Guasto");
    writes(Platform::facebook, Kind::comment, "Anna", "anche qui", post);
    const auto told = asks("/" + post + "/comments", "sim-facebook-user");
    EXPECT_EQ(status, 200);
    EXPECT_EQ(told["data"], json::array());
}

TEST_F(GraphAccess, TokensAndCodesSurviveInTheJournal)
{
    std::vector<std::string> lines;
    simulator.world().on_change([&](std::string_view line) { lines.emplace_back(line); });
    const auto user = user_token();
    simulator::Simulator again(clock, random, {});
    for (const auto& line : lines) ASSERT_TRUE(again.world().replay(line));
    InProcessTransport way(again.handler());
    http::ClientRequest request;
    request.url = "http://simulator.test/v25.0/me?access_token=" + user;
    std::optional<http::Exchange> got;
    boost::asio::co_spawn(io, way.send(request), [&](const std::exception_ptr&, http::Exchange exchange) { got = std::move(exchange); });
    clock.run_for(io, 0s);
    ASSERT_TRUE(got && got->response);
    EXPECT_EQ(got->response->status, 200) << got->response->body;
}

} // namespace
} // namespace sportello::test
