#include "scripted_transport.hpp"
#include "support/memory_store.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/connectors/examine.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/http/url.hpp>

#include <gmock/gmock.h>

// Signing a channel in, and looking at it before it goes live.
namespace sportello::test {
namespace {

using connectors::Finding;
using connectors::SignedIn;
using connectors::SignInWay;
using connectors::Tokens;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

http::Parameters query_of(const std::string& url)
{
    return http::Parameters::parse(std::string_view(url).substr(url.find('?') + 1));
}
std::string in(const http::Parameters& parameters, std::string_view name)
{
    return std::string(parameters.find(name).value_or(""));
}
http::Parameters answer_with(std::initializer_list<std::pair<std::string, std::string>> pairs)
{
    http::Parameters parameters;
    for (const auto& [name, value] : pairs) parameters.add(name, value);
    return parameters;
}

class XSignIn : public testing::Test {
protected:
    XSignIn()
    {
        settings.id = "tim-x";
        settings.platform = domain::Platform::twitter;
        settings.account = "TIM_Sportello";
        settings.api_base = "https://api.x.com/2";
        settings.credentials.client_id = "our client";
        settings.credentials.client_secret = "our-client-secret";
        settings.credentials.consumer_key = "consumer";
        settings.credentials.consumer_secret = "consumer-secret";
        transport.script = [this](const Asked& asked) { return serve(asked); };
    }
    std::unique_ptr<connectors::SignIn> start(SignInWay way, const std::string& callback = "http://127.0.0.1:8765/callback")
    {
        return connectors::make_sign_in(way, settings, callback, transport, clock, random);
    }
    virtual http::Exchange serve(const Asked& asked)
    {
        if (asked.path == "/2/oauth2/token") {
            EXPECT_EQ(asked.request.headers.find("Authorization"), "Basic " + base::base64("our%20client:our-client-secret"));
            EXPECT_EQ(asked.form("grant_type"), "authorization_code");
            EXPECT_EQ(asked.form("redirect_uri"), "http://127.0.0.1:8765/callback");
            // What PKCE is for: only who began the sign-in can end it.
            EXPECT_EQ(base::sha256_base64url(asked.form("code_verifier")), challenge);
            if (asked.form("code") != "the-code") {
                return answer(400,
                              R"({"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."})");
            }
            return answer(
                Json{{"access_token", "new-access-token"}, {"refresh_token", "new-refresh-token"}, {"expires_in", 7200}, {"scope", scope}});
        }
        if (asked.path == "/2/users/me") {
            EXPECT_EQ(asked.request.headers.find("Authorization"), "Bearer new-access-token");
            return answer(Json{{"data", {{"id", "1"}, {"username", handle}}}});
        }
        const std::string authorization(asked.request.headers.find("Authorization").value_or(""));
        if (asked.path == "/oauth/request_token") {
            EXPECT_EQ(asked.form("oauth_callback"), redirect);
            EXPECT_THAT(authorization, Not(HasSubstr("oauth_token=")));
            return answer(200, "oauth_token=request-token&oauth_token_secret=request-secret&oauth_callback_confirmed=true");
        }
        if (asked.path == "/oauth/access_token") {
            EXPECT_THAT(authorization, HasSubstr("oauth_token=\"request-token\""));
            if (asked.form("oauth_verifier") != "1234567")
                return answer(401, "Error processing your OAuth request: Invalid oauth_verifier parameter");
            return answer(200, "oauth_token=1-token&oauth_token_secret=lasting-secret&user_id=1&screen_name=" + handle);
        }
        ADD_FAILURE() << asked.path;
        return answer(404, "");
    }

    ManualClock clock;
    SeededRandom random{7};
    connectors::ChannelSettings settings;
    ScriptedTransport transport{"https://api.x.com"};
    std::string challenge;
    std::string handle = "tim_sportello";
    std::string redirect = "oob";
    std::string scope = "tweet.read tweet.write tweet.moderate.write users.read dm.read dm.write media.write offline.access";
};

TEST_F(XSignIn, GoesFromTheAddressToAPairOfTokens)
{
    const auto sign_in = start(SignInWay::x_oauth2);
    const auto address = run(sign_in->begin());
    ASSERT_TRUE(address) << address.error().what();
    EXPECT_TRUE(address->starts_with("https://x.com/i/oauth2/authorize?"));
    const auto query = query_of(*address);
    EXPECT_EQ(in(query, "response_type"), "code");
    EXPECT_EQ(in(query, "client_id"), "our client");
    EXPECT_EQ(in(query, "redirect_uri"), "http://127.0.0.1:8765/callback");
    EXPECT_EQ(in(query, "code_challenge_method"), "S256");
    EXPECT_THAT(in(query, "scope"), HasSubstr("offline.access"));
    challenge = in(query, "code_challenge");
    const auto done = run(sign_in->finish(answer_with({{"code", "the-code"}, {"state", in(query, "state")}}), false));
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_EQ(done->account, "@tim_sportello") << "handles compare without case";
    EXPECT_EQ(done->tokens.kind, Tokens::Kind::x_oauth2);
    EXPECT_EQ(done->tokens.access_token, "new-access-token");
    EXPECT_EQ(done->tokens.refresh_token, "new-refresh-token");
    EXPECT_EQ(done->tokens.expires_at, clock.now() + 2h);
    EXPECT_TRUE(done->notes.empty()) << done->notes.front();
}

TEST_F(XSignIn, AnotherStateAccountOrCodeIsNotTaken)
{
    for (const char* const state : {"", "another"}) {
        const auto sign_in = start(SignInWay::x_oauth2);
        ASSERT_TRUE(run(sign_in->begin()));
        const auto done = run(sign_in->finish(answer_with({{"code", "the-code"}, {"state", state}}), false));
        ASSERT_FALSE(done);
        EXPECT_THAT(done.error().what(), HasSubstr("another sign-in"));
    }
    EXPECT_EQ(transport.calls.size(), 0U) << "nothing is asked for an answer of somebody else";
    for (const auto& [code, who, words] :
         {std::tuple("the-code", "somebody", "you logged in as @somebody"), std::tuple("old", "tim_sportello", "start again")}) {
        handle = who;
        const auto sign_in = start(SignInWay::x_oauth2);
        const auto query = query_of(run(sign_in->begin()).value());
        challenge = in(query, "code_challenge");
        const auto done = run(sign_in->finish(answer_with({{"code", code}, {"state", in(query, "state")}}), false));
        ASSERT_FALSE(done);
        EXPECT_THAT(done.error().what(), HasSubstr(words));
        EXPECT_THAT(done.error().what(), Not(HasSubstr("secret")));
    }
}

TEST_F(XSignIn, SaysWhatWasNotGranted)
{
    scope = "tweet.read users.read";
    const auto sign_in = start(SignInWay::x_oauth2);
    const auto query = query_of(run(sign_in->begin()).value());
    challenge = in(query, "code_challenge");
    const auto done = run(sign_in->finish(answer_with({{"code", "the-code"}}), true));
    ASSERT_TRUE(done) << done.error().what();
    ASSERT_EQ(done->notes.size(), 1U);
    EXPECT_THAT(done->notes.front(), HasSubstr("tweet.write"));
    const auto declined = run(sign_in->finish(answer_with({{"error", "access_denied"}}), false));
    EXPECT_THAT(declined.error().what(), HasSubstr("access_denied"));
}

TEST_F(XSignIn, OAuth1EndsWithAPin)
{
    const auto sign_in = start(SignInWay::x_oauth1, "oob");
    const auto address = run(sign_in->begin());
    ASSERT_TRUE(address) << address.error().what();
    EXPECT_EQ(*address, "https://api.x.com/oauth/authorize?oauth_token=request-token&force_login=true");
    EXPECT_FALSE(run(sign_in->finish(answer_with({{"oauth_verifier", "0"}}), true)));
    const auto done = run(sign_in->finish(answer_with({{"oauth_verifier", "1234567"}}), true));
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_EQ(done->tokens.kind, Tokens::Kind::x_oauth1);
    EXPECT_EQ(done->tokens.access_token, "1-token");
    EXPECT_EQ(done->tokens.token_secret, "lasting-secret");
}

TEST_F(XSignIn, OAuth1TakesTheRedirectOfItsOwnTokenOnly)
{
    redirect = "http://127.0.0.1:8765/callback";
    const auto sign_in = start(SignInWay::x_oauth1, redirect);
    ASSERT_TRUE(run(sign_in->begin()));
    EXPECT_FALSE(run(sign_in->finish(answer_with({{"oauth_token", "another"}, {"oauth_verifier", "1234567"}}), false)));
    EXPECT_TRUE(run(sign_in->finish(answer_with({{"oauth_token", "request-token"}, {"oauth_verifier", "1234567"}}), false)));
    handle = "somebody";
    const auto other = start(SignInWay::x_oauth1, redirect);
    ASSERT_TRUE(run(other->begin()));
    EXPECT_FALSE(run(other->finish(answer_with({{"oauth_token", "request-token"}, {"oauth_verifier", "1234567"}}), false)));
}

class PageSignIn : public testing::Test {
protected:
    PageSignIn()
    {
        settings.id = "tim-facebook";
        settings.account = "104";
        settings.api_base = "https://graph.facebook.com/v25.0";
        settings.credentials.app_id = "4711";
        settings.credentials.app_secret = "example-app-secret";
        transport.script = [this](const Asked& asked) { return serve(asked); };
    }
    http::Exchange serve(const Asked& asked)
    {
        const std::string bearer(asked.request.headers.find("Authorization").value_or(""));
        if (asked.path == "/oauth/access_token") {
            EXPECT_EQ(asked.parameter("client_id"), "4711");
            EXPECT_EQ(asked.parameter("client_secret"), "example-app-secret");
            if (asked.parameter("grant_type") == "fb_exchange_token") {
                EXPECT_EQ(asked.parameter("fb_exchange_token"), "short-lived-token");
                return answer(Json{{"access_token", "long-lived-token"}, {"token_type", "bearer"}, {"expires_in", 5'184'000}});
            }
            EXPECT_EQ(asked.parameter("redirect_uri"), "http://localhost:8765/callback");
            if (asked.parameter("code") != "the-code") return error("This authorization code has been used.");
            return answer(Json{{"access_token", "short-lived-token"}, {"token_type", "bearer"}, {"expires_in", 5400}});
        }
        if (asked.path == "/debug_token") return answer(Json{{"data", facts}});
        EXPECT_EQ(asked.parameter("appsecret_proof"),
                  base::hmac_sha256_hex("example-app-secret", bearer.substr(std::min<std::size_t>(7, bearer.size()))));
        if (asked.path == "/me") {
            if (bearer == "Bearer page-token") return answer(Json{{"id", token_of_page}, {"name", "TIM"}});
            return answer(Json{{"id", "7"}, {"name", "Chiara Conti"}});
        }
        if (asked.path == "/me/accounts") {
            EXPECT_EQ(bearer, "Bearer " + lister);
            const bool first = asked.parameter("after").empty();
            Json rows = Json::array();
            rows.push_back({{"id", first ? "103" : page_id},
                            {"name", first ? "Altra" : "TIM"},
                            {"access_token", first ? "other" : "page-token"},
                            {"tasks", tasks}});
            Json body{{"data", rows}, {"paging", {{"cursors", {{"after", first ? "A" : "B"}}}}}};
            if (first) body["paging"]["next"] = "https://graph.facebook.com/next";
            return answer(body);
        }
        return answer(Json{{"data", Json::array()}});
    }
    static http::Exchange error(const std::string& message)
    {
        return answer(400, Json{{"error", {{"message", message}, {"type", "OAuthException"}, {"code", 100}}}}.dump());
    }
    base::Result<SignedIn> sign_in(const std::string& code = "the-code")
    {
        const auto steps =
            connectors::make_sign_in(SignInWay::facebook, settings, "http://localhost:8765/callback", transport, clock, random);
        const auto address = run(steps->begin());
        EXPECT_TRUE(address);
        EXPECT_TRUE(address->starts_with("https://www.facebook.com/v25.0/dialog/oauth?")) << *address;
        const auto query = query_of(*address);
        EXPECT_THAT(in(query, "scope"), HasSubstr("pages_messaging"));
        return run(steps->finish(answer_with({{"code", code}, {"state", in(query, "state")}}), false));
    }

    ManualClock clock;
    SeededRandom random{7};
    connectors::ChannelSettings settings;
    ScriptedTransport transport{"https://graph.facebook.com/v25.0"};
    Json facts{{"is_valid", true}, {"type", "PAGE"}, {"app_id", "4711"}, {"expires_at", 0}};
    Json tasks{"MESSAGING", "MODERATE", "CREATE_CONTENT"};
    std::string page_id = "104";
    std::string token_of_page = "104";
    std::string lister = "long-lived-token";
};

TEST_F(PageSignIn, GoesFromTheDialogToThePagesOwnToken)
{
    const auto done = sign_in();
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_EQ(done->account, "TIM (104)") << "found on the second page of Pages";
    EXPECT_EQ(done->tokens.kind, Tokens::Kind::facebook_page);
    EXPECT_EQ(done->tokens.access_token, "page-token");
    EXPECT_FALSE(done->tokens.expires_at);
    EXPECT_TRUE(done->notes.empty()) << done->notes.front();
    for (const Asked& asked : transport.calls) EXPECT_EQ(asked.request.method, http::Method::get);
}

TEST_F(PageSignIn, TellsOfTasksPermissionsAndTheEnd)
{
    tasks = Json{"ANALYZE", "MODERATE"};
    facts["scopes"] = Json{"pages_show_list"};
    facts["data_access_expires_at"] = base::to_micros(clock.now() + 24h * 90) / 1'000'000;
    const auto done = sign_in();
    ASSERT_TRUE(done);
    std::string all;
    for (const std::string& note : done->notes) all += note + "\n";
    EXPECT_THAT(all, HasSubstr("MESSAGING"));
    EXPECT_THAT(all, HasSubstr("CREATE_CONTENT"));
    EXPECT_THAT(all, HasSubstr("pages_read_engagement"));
    EXPECT_THAT(all, HasSubstr("2026-05-31"));
}

TEST_F(PageSignIn, WithoutThePageNothingIsGiven)
{
    page_id = "105";
    const auto done = sign_in();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().what(), HasSubstr("Chiara Conti may not act for the Page 104"));
    page_id = "104";
    token_of_page = "105";
    EXPECT_FALSE(sign_in()) << "the token is another Page's";
    EXPECT_FALSE(sign_in("used"));
    settings.credentials.app_id.clear();
    const auto steps = connectors::make_sign_in(SignInWay::facebook, settings, "x", transport, clock, random);
    EXPECT_THAT(run(steps->begin()).error().what(), HasSubstr("app_id"));
}

TEST_F(PageSignIn, ATokenMadeElsewhereLeadsToThePages)
{
    lister = "system-user-token";
    const auto of_system_user = run(connectors::page_token_from("system-user-token", settings, transport, clock));
    ASSERT_TRUE(of_system_user) << of_system_user.error().what();
    EXPECT_EQ(of_system_user->tokens.access_token, "page-token");
    const auto own = run(connectors::page_token_from("page-token", settings, transport, clock));
    ASSERT_TRUE(own);
    EXPECT_EQ(own->tokens.access_token, "page-token");
}

// ---- sportello channel check ----

std::string text_of(const std::vector<Finding>& findings)
{
    std::string all;
    for (const Finding& finding : findings)
        all += std::string(to_string(finding.weight)) + " " + finding.topic + ": " + finding.text + "\n";
    return all;
}
bool only_read(const ScriptedTransport& transport)
{
    return std::all_of(transport.calls.begin(), transport.calls.end(),
                       [](const Asked& asked) { return asked.request.method == http::Method::get; });
}

TEST_F(PageSignIn, ALookOnlyReadsAndSaysWhatIsMissing)
{
    settings.credentials.access_token = "page-token";
    facts["scopes"] = Json{"pages_show_list", "pages_read_engagement"};
    facts["expires_at"] = base::to_micros(clock.now() + 24h * 5) / 1'000'000;
    const std::string said = text_of(run(connectors::examine(settings, transport, clock, random)));
    EXPECT_TRUE(only_read(transport));
    EXPECT_GT(transport.calls.size(), 3U);
    EXPECT_THAT(said, HasSubstr("warning permissions: missing: pages_read_user_content"));
    EXPECT_THAT(
        said, HasSubstr("warning token: the token ends at 2026-03-07T09:00:00Z (in 5 days): run `sportello channel connect tim-facebook`"));
    EXPECT_THAT(said, HasSubstr("good reading: one page read"));
    EXPECT_THAT(said, HasSubstr("note reply rule: Messenger: 24 hours"));
    EXPECT_THAT(said, HasSubstr("note price: none"));
    EXPECT_THAT(said, Not(HasSubstr("page-token")));
    EXPECT_THAT(said, Not(HasSubstr("example-app-secret")));
}

TEST_F(PageSignIn, ALookAtARefusedTokenSaysHowToMendIt)
{
    settings.credentials.access_token = "page-token";
    facts = {{"is_valid", false}, {"error", {{"code", 190}, {"message", "The session was invalidated."}}}};
    const std::string said = text_of(run(connectors::examine(settings, transport, clock, random)));
    EXPECT_THAT(said, HasSubstr("problem token: Facebook refuses it: The session was invalidated."));
    EXPECT_THAT(said, HasSubstr("sportello channel connect tim-facebook"));
}

TEST_F(XSignIn, ALookAtAnAccountOnlyReads)
{
    settings.credentials.consumer_key.clear();
    MemoryStore store;
    settings.token_store = &store;
    Tokens tokens;
    tokens.kind = Tokens::Kind::x_oauth2;
    tokens.access_token = "new-access-token";
    tokens.refresh_token = "new-refresh-token";
    tokens.scope = "tweet.read users.read tweet.write dm.read offline.access media.write tweet.moderate.write";
    tokens.expires_at = clock.now() + 1h;
    store.tokens = settings.tokens = tokens;
    transport.script = [this](const Asked& asked) {
        http::Headers headers;
        headers.add("x-access-level", "read-write");
        headers.add("x-rate-limit-limit", "300");
        headers.add("x-rate-limit-remaining", "299");
        if (asked.path == "/2/users/me") return answer(Json{{"data", {{"id", "1"}, {"name", "TIM"}, {"username", handle}}}}, headers);
        return answer(Json{{"meta", {{"result_count", 0}}}}, headers);
    };
    const std::string said = text_of(run(connectors::examine(settings, transport, clock, random)));
    EXPECT_TRUE(only_read(transport));
    EXPECT_TRUE(store.channels.empty()) << "nothing was kept";
    EXPECT_THAT(said, HasSubstr("missing: dm.write (no direct message can be sent)"));
    EXPECT_THAT(said, HasSubstr("the app's access is \"read-write\""));
    EXPECT_THAT(said, HasSubstr("299 of 300 calls left"));
    EXPECT_THAT(said, HasSubstr("mentions or quotes @TIM_Sportello"));
    EXPECT_THAT(said, HasSubstr("note price: pay-per-use"));

    tokens.expires_at = clock.now() - 1h;
    store.tokens = settings.tokens = tokens;
    transport.calls.clear();
    EXPECT_THAT(text_of(run(connectors::examine(settings, transport, clock, random))), HasSubstr("the running server renews it"));
    tokens.expires_at = clock.now() + 1min; // inside the time in which the server would renew it
    store.tokens = settings.tokens = tokens;
    (void)run(connectors::examine(settings, transport, clock, random));
    EXPECT_TRUE(only_read(transport));
    EXPECT_EQ(store.tokens->access_token, "new-access-token");
}

TEST_F(XSignIn, AChannelWithoutTokensIsNotAskedFor)
{
    MemoryStore store;
    settings.token_store = &store;
    const auto findings = run(connectors::examine(settings, transport, clock, random));
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings.front().weight, Finding::Weight::problem);
    EXPECT_EQ(transport.calls.size(), 0U);
}

} // namespace
} // namespace sportello::test
