#include "platforms.hpp"

namespace sportello::test {
namespace {

class Control : public Platforms {
protected:
    json truth(const std::string& query = "") { return json::parse(get("/control/truth" + query, "").body)["items"]; }
    std::string writes_by_hand(json body)
    {
        const auto response = post("/control/posts", body);
        EXPECT_EQ(response.status, 201) << response.body;
        return json::parse(response.body).value("id", "");
    }
    http::Response change(http::Method method, const std::string& id, const json& body)
    {
        return call(with_body(method, "/control/posts/" + id, body, ""));
    }
};

TEST_F(Control, WhatACustomerWritesStandsInTheTruth)
{
    const auto id = writes_by_hand({{"platform", "facebook"},
                                    {"account", page},
                                    {"kind", "post"},
                                    {"author", "Anna"},
                                    {"text", "Guasto"},
                                    {"at", "2026-03-01T10:00:00+01:00"}});
    const auto comment = writes_by_hand(
        {{"platform", "facebook"}, {"account", page}, {"kind", "comment"}, {"author", "Ivo"}, {"text", "Anch'io"}, {"in_reply_to", id}});
    const auto items = truth("?platform=facebook&account=" + std::string(page));
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0]["id"], id);
    EXPECT_EQ(items[0]["at"], "2026-03-01T09:00:00Z");
    EXPECT_EQ(items[0]["own"], false);
    EXPECT_EQ(items[0]["author"], "Anna");
    EXPECT_TRUE(items[0]["in_reply_to"].is_null());
    EXPECT_EQ(items[1]["in_reply_to"], id);
    EXPECT_EQ(items[1]["conversation"], id);
    EXPECT_EQ(items[1]["id"], comment);
    EXPECT_TRUE(truth("?platform=twitter").empty());
}

TEST_F(Control, TheSameAuthorIsTheSamePersonAndTheAccountItselfIsTheCompany)
{
    for (const char* author : {"mario", "@Mario", "MARIO", "anna"}) {
        writes_by_hand({{"platform", "twitter"}, {"account", handle}, {"kind", "mention"}, {"author", author}, {"text", "x"}});
    }
    writes_by_hand(
        {{"platform", "twitter"}, {"account", "@tim_sportello"}, {"kind", "post"}, {"author", "TIM_Sportello"}, {"text", "nota"}});
    const auto items = truth("?platform=twitter&account=TIM_Sportello");
    EXPECT_EQ(items[0]["author_id"], items[1]["author_id"]);
    EXPECT_EQ(items[0]["author_id"], items[2]["author_id"]);
    EXPECT_NE(items[0]["author_id"], items[3]["author_id"]);
    EXPECT_EQ(items[4]["own"], true);
}

TEST_F(Control, EditsAndDeletionsAreMarked)
{
    const auto tweet =
        writes_by_hand({{"platform", "twitter"}, {"account", handle}, {"kind", "mention"}, {"author", "mario"}, {"text", "uno"}});
    const auto post_id =
        writes_by_hand({{"platform", "facebook"}, {"account", page}, {"kind", "post"}, {"author", "Anna"}, {"text", "uno"}});
    EXPECT_NE(json::parse(change(http::Method::patch, tweet, {{"text", "due"}}).body)["id"], tweet);
    EXPECT_EQ(json::parse(change(http::Method::patch, post_id, {{"text", "due"}}).body)["id"], post_id);
    EXPECT_EQ(change(http::Method::del, post_id, json::object()).status, 204);
    const auto items = truth();
    EXPECT_EQ(items[0]["id"], tweet) << "the truth knows an item by its first id";
    EXPECT_EQ(items[0]["text"], "due");
    EXPECT_EQ(items[0]["edited"], true);
    EXPECT_EQ(items[0]["deleted"], false);
    EXPECT_EQ(items[1]["deleted"], true);
    EXPECT_EQ(change(http::Method::patch, post_id, {{"text", "tre"}}).status, 404);
}

struct Bad {
    const char* name;
    const char* path;
    json body;
    int status;
    const char* pointer;
};
void PrintTo(const Bad& bad, std::ostream* out)
{
    *out << bad.name;
}
class ControlRefuses : public Control, public testing::WithParamInterface<Bad> {};
TEST_P(ControlRefuses, NamingTheField)
{
    const auto response = post(GetParam().path, GetParam().body);
    EXPECT_EQ(response.status, GetParam().status) << response.body;
    EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
    EXPECT_EQ(json::parse(response.body)["errors"][0]["pointer"], GetParam().pointer) << response.body;
    EXPECT_TRUE(truth().empty());
}
json valid()
{
    return {{"platform", "facebook"}, {"account", page}, {"kind", "post"}, {"author", "Anna"}, {"text", "Guasto"}};
}
json with(json body, const char* name, const json& value)
{
    body[name] = value;
    return body;
}
json without(json body, const char* name)
{
    body.erase(name);
    return body;
}
const json fault = {{"platform", "twitter"}, {"endpoint", "reply"}, {"kind", "cut_after"}};
INSTANTIATE_TEST_SUITE_P(Table, ControlRefuses,
                         testing::Values(Bad{"NoObject", "/control/posts", json::array(), 422, ""},
                                         Bad{"Platform", "/control/posts", with(valid(), "platform", "myspace"), 422, "/platform"},
                                         Bad{"Kind", "/control/posts", with(valid(), "kind", "poem"), 422, "/kind"},
                                         Bad{"NoAuthor", "/control/posts", without(valid(), "author"), 422, "/author"},
                                         Bad{"EmptyText", "/control/posts", with(valid(), "text", "  "), 422, "/text"},
                                         Bad{"TextOfAnotherType", "/control/posts", with(valid(), "text", 7), 422, "/text"},
                                         Bad{"At", "/control/posts", with(valid(), "at", "tomorrow"), 422, "/at"},
                                         Bad{"Unknown", "/control/posts", with(valid(), "colour", 1), 422, "/colour"},
                                         Bad{"Account", "/control/posts", with(valid(), "account", "104999"), 404, "/account"},
                                         Bad{"CommentOnNothing", "/control/posts", with(valid(), "kind", "comment"), 422, "/in_reply_to"},
                                         Bad{"CommentOnUnknown", "/control/posts",
                                             with(with(valid(), "kind", "comment"), "in_reply_to", "1_2"), 422, "/in_reply_to"},
                                         Bad{"FaultKind", "/control/faults", with(fault, "kind", "rain"), 422, "/kind"},
                                         Bad{"FaultEndpoint", "/control/faults", with(fault, "endpoint", "door"), 422, "/endpoint"},
                                         Bad{"FaultShare", "/control/faults", with(fault, "share", 2), 422, "/share"},
                                         Bad{"FaultAccount", "/control/faults", with(fault, "account", "nobody"), 404, "/account"}),
                         [](const auto& test) { return std::string(test.param.name); });

struct Effect {
    const char* name;
    const char* kind;
    bool answered;
    int status; ///< when answered
    int written;
};
void PrintTo(const Effect& effect, std::ostream* out)
{
    *out << effect.name;
}
class Fault : public Control, public testing::WithParamInterface<Effect> {};
TEST_P(Fault, HitsOnceAndHasItsEffect)
{
    const auto asked = mentions("@TIM_Sportello guasto");
    auto body = with(with(fault, "kind", GetParam().kind), "count", 1);
    body["delay_ms"] = 3000;
    body["retry_after_s"] = 30;
    ASSERT_EQ(post("/control/faults", body).status, 201);
    const auto answer = [&](const std::string& text) {
        return send(with_body(http::Method::post, "/2/tweets", {{"text", text}, {"reply", {{"in_reply_to_tweet_id", asked}}}}, bearer));
    };
    const auto own = [&] { return simulator.world().posts(*simulator.world().find_account(Platform::twitter, handle)).size(); };
    const auto start = clock.now();
    const auto hit = answer("uno");
    EXPECT_EQ(hit.response.has_value(), GetParam().answered);
    if (hit.response) {
        EXPECT_EQ(hit.response->status, GetParam().status);
        if (hit.response->status == 429) {
            EXPECT_EQ(hit.response->headers.find("Retry-After"), "30");
            EXPECT_EQ(hit.response->headers.find("x-rate-limit-reset"), std::to_string(base::to_micros(start + 30s) / 1'000'000));
        }
    } else {
        EXPECT_TRUE(hit.request_bytes_left);
    }
    EXPECT_EQ(own(), static_cast<std::size_t>(GetParam().written));
    if (std::string(GetParam().kind) == "delay") { EXPECT_GE(clock.now() - start, 3s); }
    EXPECT_EQ(answer("due").response->status, 201) << "its count is used up";
}
INSTANTIATE_TEST_SUITE_P(Table, Fault,
                         testing::Values(Effect{"Delay", "delay", true, 201, 1}, Effect{"TooMany", "429", true, 429, 0},
                                         Effect{"Server", "5xx", true, 503, 0}, Effect{"Token", "401", true, 401, 0},
                                         Effect{"CutBefore", "cut_before", false, 0, 0}, Effect{"CutAfter", "cut_after", false, 0, 1},
                                         Effect{"Lost", "lost_answer", false, 0, 1}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(Control, FaultsHitOnlyTheirPlatformAccountAndEndpointUntilCleared)
{
    auto body = with(with(fault, "kind", "5xx"), "endpoint", "read");
    body["account"] = handle;
    ASSERT_EQ(post("/control/faults", body).status, 201);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/2/users/me", bearer).status, 503);
    EXPECT_EQ(get("/2/users/me", "sim-twitter-TelecomItalia").status, 200);
    EXPECT_EQ(get("/v25.0/me", page_token).status, 200);
    EXPECT_EQ(post("/2/tweets", {{"text", "x"}}, bearer).status, 201);
    EXPECT_EQ(call(with_body(http::Method::del, "/control/faults", json(), "")).status, 204);
    EXPECT_EQ(get("/2/users/me", bearer).status, 200);
}

TEST_F(Control, AShareHitsAboutThatPartOfTheCalls)
{
    auto body = with(with(fault, "platform", "facebook"), "endpoint", "read");
    body["kind"] = "5xx";
    body["share"] = 0.3;
    ASSERT_EQ(post("/control/faults", body).status, 201);
    int hit = 0;
    for (int i = 0; i < 1000; ++i) hit += get("/v25.0/me", page_token).status == 500 ? 1 : 0;
    EXPECT_GT(hit, 230);
    EXPECT_LT(hit, 370);
}

} // namespace
} // namespace sportello::test
