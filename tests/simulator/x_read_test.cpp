#include "platforms.hpp"
#include <sportello/base/digest.hpp>

#include <set>

namespace sportello::test {
namespace {

class XRead : public Platforms {
protected:
    const std::string mentions_path = "/users/" + std::string(user) + "/mentions";
    const std::string all_fields = "tweet.fields=author_id,conversation_id,created_at,entities,in_reply_to_user_id,note_tweet,"
                                   "referenced_tweets,edit_controls,public_metrics&expansions=author_id,referenced_tweets.id";
};

TEST_F(XRead, MentionsComeNewestFirstWithDefaultFields)
{
    const auto first = mentions("@TIM_Sportello uno");
    const auto second = mentions("@TIM_Sportello due", "anna");
    const auto body = x(mentions_path);
    ASSERT_EQ(ids(body), (std::vector{second, first}));
    EXPECT_EQ(body["data"][1], json({{"id", first}, {"text", "@TIM_Sportello uno"}, {"edit_history_tweet_ids", {first}}}));
    EXPECT_EQ(body["meta"], json({{"newest_id", second}, {"oldest_id", first}, {"result_count", 2}}));
}

TEST_F(XRead, AnEmptyListHasNoDataButACount)
{
    EXPECT_EQ(x(mentions_path), json({{"meta", {{"result_count", 0}}}}));
}

TEST_F(XRead, TextIsEscapedLinksAreShortenedAndOffsetsCountCodePointsOfWhatIsSent)
{
    mentions("@TIM_Sportello è <giù> 😀 vedi https://example.com/a?b=1&c=2.");
    const auto row = x(mentions_path + "?" + all_fields)["data"][0];
    const auto text = row["text"].get<std::string>();
    EXPECT_TRUE(text.starts_with("@TIM_Sportello è &lt;giù&gt; 😀 vedi https://t.co/")) << text;
    EXPECT_TRUE(text.ends_with("."));
    const auto& url = row["entities"]["urls"][0];
    EXPECT_EQ(url["expanded_url"], "https://example.com/a?b=1&c=2");
    EXPECT_EQ(url["start"], 36);
    EXPECT_EQ(url["end"], 59);
    EXPECT_EQ(row["entities"]["mentions"][0], json({{"start", 0}, {"end", 14}, {"username", "TIM_Sportello"}, {"id", user}}));
}

TEST_F(XRead, ALongPostIsCutAndCarriesTheWholeAsNote)
{
    std::string text = "@TIM_Sportello";
    for (int i = 0; i < 40; ++i) text += " parola & https://example.com/" + std::to_string(i);
    mentions(text);
    const auto row = x(mentions_path + "?" + all_fields)["data"][0];
    EXPECT_NE(row["text"].get<std::string>().find("… https://t.co/"), std::string::npos);
    auto whole = row["note_tweet"]["text"].get<std::string>();
    for (const auto& url : row["note_tweet"]["entities"]["urls"]) {
        const auto link = url["url"].get<std::string>();
        whole.replace(whole.find(link), link.size(), url["expanded_url"].get<std::string>());
    }
    for (auto at = whole.find("&amp;"); at != std::string::npos; at = whole.find("&amp;")) whole.replace(at, 5, "&");
    EXPECT_EQ(whole, text);
}

TEST_F(XRead, IdsHoldTheTimeAndCreatedAtWholeSeconds)
{
    clock.set(*base::parse_rfc3339("2026-03-02T09:05:10.321Z"));
    const auto id = mentions("@TIM_Sportello ora");
    EXPECT_EQ((std::stoull(id) >> 22) + 1288834974657ULL, 1'772'442'311'321ULL);
    EXPECT_EQ(x(mentions_path + "?" + all_fields)["data"][0]["created_at"], "2026-03-02T09:05:11.000Z");
}

TEST_F(XRead, SinceIdIsExclusiveAndPagesCoverEverythingOnce)
{
    std::vector<std::string> written;
    for (int i = 0; i < 12; ++i) written.push_back(mentions("@TIM_Sportello n. " + std::to_string(i)));
    std::vector<std::string> seen;
    std::string token;
    do {
        const auto body = x(mentions_path + "?max_results=5&since_id=" + written[0] + (token.empty() ? "" : "&pagination_token=" + token));
        for (const auto& id : ids(body)) seen.push_back(id);
        token = body["meta"].value("next_token", "");
    } while (!token.empty());
    EXPECT_EQ(seen, std::vector<std::string>(written.rbegin(), written.rend() - 1));
}

TEST_F(XRead, AThreadTellsRootParentAndAuthors)
{
    const auto root = mentions("@TIM_Sportello guasto");
    const auto own = writes(Platform::twitter, Kind::post, handle, "@mario dove?", root);
    const auto answer = mentions("A Bari", "mario", own);
    const auto body = x(mentions_path + "?" + all_fields);
    ASSERT_EQ(ids(body), (std::vector{answer, root})) << "an answer to us reaches us without our name in it";
    const auto& row = body["data"][0];
    EXPECT_EQ(row["conversation_id"], root);
    EXPECT_EQ(row["referenced_tweets"], json({{{"type", "replied_to"}, {"id", own}}}));
    EXPECT_EQ(row["in_reply_to_user_id"], user);
    EXPECT_EQ(body["includes"]["tweets"][0]["id"], own);
    EXPECT_EQ(body["includes"]["users"].size(), 1U);
    EXPECT_EQ(ids(x("/users/" + std::string(user) + "/tweets")), std::vector{own});
    EXPECT_EQ(ids(x("/tweets/search/recent?query=conversation_id:" + root + "%20-from:TIM_Sportello")), (std::vector{answer, root}));
    EXPECT_EQ(ids(x("/tweets/search/recent?query=(to:TIM_Sportello%20OR%20%23no)%20from:mario")), std::vector{answer});
}

TEST_F(XRead, AnEditHasAnIdOfItsOwnAndKeepsTheHistory)
{
    const auto first = mentions("@TIM_Sportello errore");
    clock.set(clock.now() + 1min);
    const auto second = *simulator.world().edit(first, "@TIM_Sportello giusto", clock.now());
    EXPECT_NE(first, second);
    const auto row = x(mentions_path)["data"][0];
    EXPECT_EQ(row["id"], second);
    EXPECT_EQ(row["edit_history_tweet_ids"], json({first, second}));
    EXPECT_EQ(x("/tweets/" + first)["data"]["text"], "@TIM_Sportello errore");
}

TEST_F(XRead, WhatIsGoneIsAnEntryOfErrorsUnder200)
{
    const auto kept = mentions("@TIM_Sportello resta");
    const auto gone = mentions("@TIM_Sportello via");
    ASSERT_TRUE(simulator.world().erase(gone, clock.now()));
    const auto body = x("/tweets?ids=" + kept + "," + gone);
    EXPECT_EQ(ids(body), std::vector{kept});
    EXPECT_EQ(body["errors"][0]["resource_id"], gone);
    EXPECT_EQ(body["errors"][0]["title"], "Not Found Error");
    EXPECT_EQ(x("/users/by/username/nessuno")["errors"][0]["parameter"], "username");
}

TEST_F(XRead, UsersAreFoundByNameIdAndToken)
{
    mentions("@TIM_Sportello ciao", "Mario Rossi");
    EXPECT_EQ(x("/users/me")["data"]["id"], user);
    EXPECT_EQ(x("/users/by/username/tim_sportello")["data"]["username"], "TIM_Sportello");
    const auto person = x("/users/by/username/MarioRossi")["data"];
    EXPECT_EQ(person["name"], "Mario Rossi");
    EXPECT_EQ(x("/users/" + person["id"].get<std::string>())["data"], person);
}

TEST_F(XRead, BadParametersAreNamed)
{
    for (const std::string query :
         {"max_results=4", "tweet.fields=colour", "since_id=abc", "start_time=yesterday", "pagination_token=zz"}) {
        const auto response = get("/2" + mentions_path + "?" + query, bearer);
        EXPECT_EQ(response.status, 400) << query;
        EXPECT_EQ(json::parse(response.body)["title"], "Invalid Request") << query;
    }
    EXPECT_EQ(get("/2" + mentions_path, "nobody").status, 401);
    EXPECT_EQ(get("/2" + mentions_path, "").status, 401);
    EXPECT_EQ(get("/2/users/me", "sim-twitter-app").status, 403);
    EXPECT_EQ(get("/2" + mentions_path, "sim-twitter-app").status, 200);
}

TEST_F(XRead, LimitsAreCountedForEachWindow)
{
    http::Response last;
    for (int i = 0; i < 15; ++i) last = get("/2/dm_events", bearer);
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.headers.find("x-rate-limit-limit"), "15");
    EXPECT_EQ(last.headers.find("x-rate-limit-remaining"), "0");
    const auto refused = get("/2/dm_events", bearer);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.headers.find("x-rate-limit-reset"), std::to_string(base::to_micros(clock.now() + 15min) / 1'000'000));
    EXPECT_EQ(get("/2/dm_events", "sim-twitter-TelecomItalia").status, 200) << "another account has a count of its own";
    clock.set(clock.now() + 15min);
    EXPECT_EQ(get("/2/dm_events", bearer).status, 200);
}

TEST_F(XRead, ASignedCallIsBelievedOnlyWithItsOwnSignature)
{
    const std::string base_url = "http://simulator.test/2/users/me";
    const std::string parameters = "oauth_consumer_key=sim-consumer-key&oauth_nonce=n&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1"
                                   "&oauth_token=sim-twitter-TIM_Sportello&oauth_version=1.0&user.fields=verified";
    const auto base_string = "GET&" + http::percent_encode(base_url) + "&" + http::percent_encode(parameters);
    const auto signature = base::hmac_sha1_base64("sim-consumer-secret&sim-twitter-secret-TIM_Sportello", base_string);
    const auto status_with = [&](const std::string& signed_by) {
        http::ClientRequest request;
        request.url = base_url + "?user.fields=verified";
        request.headers.set("Authorization", "OAuth oauth_consumer_key=\"sim-consumer-key\",oauth_nonce=\"n\", oauth_signature=\"" +
                                                 http::percent_encode(signed_by) +
                                                 "\", oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1\", "
                                                 "oauth_token=\"sim-twitter-TIM_Sportello\", oauth_version=\"1.0\"");
        return call(request).status;
    };
    EXPECT_EQ(status_with(signature), 200);
    EXPECT_EQ(status_with("AAAA" + signature.substr(4)), 401);
}

TEST_F(XRead, AppTokensAreIssuedForTheAppsKeys)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "http://simulator.test/oauth2/token";
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.headers.set("Authorization", "Basic c2ltLWNvbnN1bWVyLWtleTpzaW0tY29uc3VtZXItc2VjcmV0");
    request.body = "grant_type=client_credentials";
    EXPECT_EQ(json::parse(call(request).body)["access_token"], "sim-twitter-app");
    request.headers.set("Authorization", "Basic AAAA");
    EXPECT_EQ(call(request).status, 403);
}

TEST_F(XRead, DirectMessagesOfBothSidesStandInOneConversation)
{
    const auto in = writes(Platform::twitter, Kind::direct_message, "mario", "il mio numero & altro");
    const auto person = simulator.world().find(Platform::twitter, in)->author_id;
    const auto sent = json::parse(post("/2/dm_conversations/with/" + person + "/messages", {{"text", "Grazie"}}, bearer).body)["data"];
    const auto body = x("/dm_events?dm_event.fields=sender_id,dm_conversation_id,created_at&expansions=sender_id");
    ASSERT_EQ(ids(body), (std::vector{sent["dm_event_id"].get<std::string>(), in}));
    EXPECT_EQ(body["data"][1]["text"], "il mio numero &amp; altro");
    EXPECT_EQ(body["data"][1]["dm_conversation_id"], sent["dm_conversation_id"]);
    EXPECT_EQ(body["data"][0]["sender_id"], user);
    EXPECT_EQ(body["includes"]["users"].size(), 2U);
    const auto conversation = sent["dm_conversation_id"].get<std::string>();
    EXPECT_EQ(conversation, std::string(user) + "-" + person);
    EXPECT_EQ(ids(x("/dm_conversations/" + person + "-" + user + "/dm_events")), ids(body));
    EXPECT_EQ(ids(x("/dm_conversations/with/" + person + "/dm_events?max_results=1")).size(), 1U);
}

} // namespace
} // namespace sportello::test
