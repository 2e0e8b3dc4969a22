#include "facebook_page.hpp"
#include "support/memory_store.hpp"

#include <sportello/base/digest.hpp>

#include <gmock/gmock.h>

// What a Page's token is good for, until when, and another one that a sign-in stores meanwhile.
namespace sportello::test {
namespace {

using connectors::Tokens;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class FacebookAccess : public FacebookPage {
protected:
    FacebookAccess()
    {
        settings.credentials = {};
        settings.credentials.app_id = "4711";
        settings.credentials.app_secret = "example-app-secret";
        settings.token_store = &store;
        store.tokens = page_token("page-token-one");
        connect();
    }
    static Tokens page_token(const std::string& text)
    {
        Tokens tokens;
        tokens.access_token = text;
        return tokens;
    }
    void connect()
    {
        settings.tokens = store.tokens;
        connector = connectors::make_connector(settings, transport, clock, random);
    }
    http::Exchange serve(const Asked& asked) override
    {
        if (asked.path == "/debug_token") return answer(Json{{"data", facts}});
        if (!good.empty() && asked.request.headers.find("Authorization") != "Bearer " + good)
            return error(400, 190, 463, "Session has expired");
        return FacebookPage::serve(asked);
    }
    [[nodiscard]] static std::int64_t seconds(base::Instant when) { return base::to_micros(when) / 1'000'000; }
    [[nodiscard]] std::size_t looks() const { return transport.count("/debug_token"); }

    MemoryStore store;
    std::string good; ///< the one token that is taken; empty: any
    Json facts{{"is_valid", true}, {"type", "PAGE"}, {"app_id", "4711"}, {"expires_at", 0}};
};

const Json all_scopes{"pages_show_list",    "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
                      "pages_manage_posts", "pages_manage_metadata", "pages_messaging"};

TEST_F(FacebookAccess, IsLookedAtOnceADay)
{
    EXPECT_TRUE(poll().access);
    EXPECT_FALSE(poll().access) << "as it was";
    clock.set(clock.now() + 23h);
    (void)poll();
    EXPECT_EQ(looks(), 1U);
    clock.set(clock.now() + 2h);
    EXPECT_TRUE(poll().access);
    EXPECT_EQ(looks(), 2U);
    const Asked& asked = *transport.last("/debug_token");
    EXPECT_EQ(asked.parameter("input_token"), "page-token-one");
    EXPECT_EQ(asked.request.headers.find("Authorization"), "Bearer 4711|example-app-secret");
    EXPECT_EQ(asked.parameter("appsecret_proof"), base::hmac_sha256_hex("example-app-secret", "4711|example-app-secret"));
}

TEST_F(FacebookAccess, EndsWithWhateverEndsFirst)
{
    const base::Instant soon = clock.now() + 24h * 10, late = clock.now() + 24h * 50;
    for (const auto& [token, data, expected] : {std::tuple(soon, late, soon), std::tuple(late, soon, soon)}) {
        facts["expires_at"] = seconds(token);
        facts["data_access_expires_at"] = seconds(data);
        connect();
        EXPECT_EQ(poll().access->ends_at, expected);
    }
    facts["expires_at"] = 0;
    facts["data_access_expires_at"] = 0;
    connect();
    EXPECT_FALSE(poll().access->ends_at) << "0 is never";
}

TEST_F(FacebookAccess, NamesWhatIsLacking)
{
    facts["scopes"] = all_scopes;
    connect();
    EXPECT_EQ(poll().access->lacks, "");
    facts["scopes"] = Json{"pages_show_list",         "pages_read_engagement", "pages_read_user_content",
                           "pages_manage_engagement", "pages_manage_metadata", "pages_messaging"};
    facts["granular_scopes"] = Json{{{"scope", "pages_messaging"}, {"target_ids", {"999"}}}, {{"scope", "pages_show_list"}}};
    connect();
    EXPECT_EQ(poll().access->lacks, "pages_manage_posts (no post of our own can be published); "
                                    "pages_messaging (Messenger is neither read nor answered; it was granted for other Pages only)");
}

TEST_F(FacebookAccess, HostileFactsAreNone)
{
    for (const Json& hostile : {Json(), Json(5), Json{{"is_valid", "yes"}}, Json{{"is_valid", true}, {"expires_at", "x"}, {"scopes", 5}},
                                Json{{"is_valid", true}, {"expires_at", INT64_MAX}, {"scopes", {1, nullptr, Json::array()}}},
                                Json{{"is_valid", true}, {"granular_scopes", {nullptr, {{"scope", 4}, {"target_ids", "x"}}}}}}) {
        facts = hostile;
        connect();
        const auto result = poll();
        EXPECT_EQ(result.trouble.state, State::ok) << hostile;
        if (result.access) {
            EXPECT_FALSE(result.access->ends_at) << hostile;
            EXPECT_EQ(result.access->lacks, "") << hostile;
        }
    }
}

TEST_F(FacebookAccess, WithoutTheAppNobodyIsAsked)
{
    settings.credentials.app_id.clear();
    connect();
    EXPECT_FALSE(poll().access);
    EXPECT_EQ(looks(), 0U);
}

TEST_F(FacebookAccess, ARefusedTokenSaysTheCommandAndANewOneIsTaken)
{
    good = "page-token-two";
    const auto refused = poll();
    EXPECT_EQ(refused.trouble.state, State::needs_authorisation);
    EXPECT_THAT(refused.trouble.reason, HasSubstr("expired"));
    EXPECT_THAT(refused.trouble.reason, HasSubstr("Run `sportello channel connect acme-facebook`"));
    EXPECT_EQ(poll().trouble.state, State::needs_authorisation);
    store.tokens = page_token("page-token-two"); // somebody runs the command beside us
    EXPECT_EQ(poll().trouble.state, State::ok);
    const Asked& asked = *transport.last("/104/feed");
    EXPECT_EQ(asked.parameter("appsecret_proof"), base::hmac_sha256_hex("example-app-secret", "page-token-two"));
}

TEST_F(FacebookAccess, WithoutATokenNobodyIsAsked)
{
    store.tokens.reset();
    connect();
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
    EXPECT_THAT(result.trouble.reason, HasSubstr("run `sportello channel connect acme-facebook`"));
    connectors::PublishRequest request;
    request.target_kind = domain::MessageKind::comment;
    request.target_id = "900_701";
    request.text = "Verifichiamo";
    const PublishOutcome outcome = run(connector->publish(request));
    EXPECT_EQ(outcome.outcome, PublishOutcome::Class::not_sent) << outcome.reason;
    EXPECT_EQ(transport.calls.size(), 0U);
}

} // namespace
} // namespace sportello::test
