#include "support/memory_store.hpp"
#include "twitter_account.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

// OAuth 2.0 tokens that last two hours, each with a refresh token that serves once.
namespace sportello::test {
namespace {

using connectors::Tokens;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

/// Answers only in the next turn of the executor, so that calls can overlap.
class SlowTransport final : public http::Transport {
public:
    explicit SlowTransport(http::Transport& fast) : fast_(fast) {}
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        auto executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
        http::Exchange exchange = co_await fast_.send(std::move(request));
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
        co_return exchange;
    }

private:
    http::Transport& fast_;
};

class TwitterLogin : public TwitterAccount {
protected:
    TwitterLogin()
    {
        settings.credentials = {};
        settings.credentials.client_id = "our-client";
        settings.credentials.client_secret = "our-client-secret";
        settings.token_store = &store;
        store.tokens = pair(0, clock.now() + 2h);
    }

    /// The n-th pair; X gives each once, for the refresh token of the one before.
    static Tokens pair(int n, std::optional<base::Instant> expires_at)
    {
        Tokens tokens;
        tokens.kind = Tokens::Kind::x_oauth2;
        tokens.access_token = "access-token-" + std::to_string(n);
        tokens.refresh_token = "refresh-token-" + std::to_string(n);
        tokens.expires_at = expires_at;
        tokens.scope = "tweet.read users.read";
        return tokens;
    }

    void connect()
    {
        settings.tokens = store.tokens;
        connector = connectors::make_connector(settings, slow, clock, random);
    }

    http::Exchange serve(const Asked& asked) override
    {
        if (asked.path == "/oauth2/token") return token_endpoint(asked);
        const auto authorization = asked.request.headers.find("Authorization").value_or("");
        // The invariant of this file: nothing is signed with what is not durable.
        EXPECT_EQ(authorization, "Bearer " + (store.tokens ? store.tokens->access_token : ""));
        if (authorization != "Bearer access-token-" + std::to_string(newest)) return refused();
        return TwitterAccount::serve(asked);
    }
    static http::Exchange refused()
    {
        return answer(401, R"({"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"})");
    }

    http::Exchange token_endpoint(const Asked& asked)
    {
        EXPECT_EQ(asked.request.headers.find("Authorization"), "Basic b3VyLWNsaWVudDpvdXItY2xpZW50LXNlY3JldA==");
        EXPECT_EQ(asked.form("grant_type"), "refresh_token");
        EXPECT_EQ(asked.form("client_id"), "our-client");
        if (before_effect) return *std::exchange(before_effect, std::nullopt);
        if (asked.form("refresh_token") != "refresh-token-" + std::to_string(newest)) {
            return answer(400, R"({"error":"invalid_request","error_description":"Value passed for the token was invalid."})");
        }
        ++newest;
        if (after_effect) return *std::exchange(after_effect, std::nullopt);
        return answer(Json{{"token_type", "bearer"},
                           {"expires_in", 7200},
                           {"access_token", "access-token-" + std::to_string(newest)},
                           {"refresh_token", "refresh-token-" + std::to_string(newest)},
                           {"scope", "tweet.read users.read offline.access"}});
    }
    [[nodiscard]] std::size_t refreshes() const { return transport.count("/oauth2/token"); }

    MemoryStore store;
    SlowTransport slow{transport};
    int newest = 0; ///< the pair that X takes
    std::optional<http::Exchange> before_effect;
    std::optional<http::Exchange> after_effect;
};

TEST_F(TwitterLogin, IsRenewedAheadOfItsEndAndKeptBeforeItIsUsed)
{
    connect();
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 0U);
    clock.set(clock.now() + 1h + 55min);
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 1U);
    EXPECT_EQ(store.tokens->access_token, "access-token-1");
    EXPECT_EQ(store.tokens->refresh_token, "refresh-token-1");
    EXPECT_EQ(store.tokens->expires_at, clock.now() + 2h);
    EXPECT_EQ(store.channels, std::vector<std::string>{"acme-twitter"});
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 1U);
}

TEST_F(TwitterLogin, CallsSideBySideShareOneRefresh)
{
    store.tokens->expires_at = clock.now() - 1s;
    connect();
    boost::asio::io_context io;
    int well = 0;
    for (int i = 0; i < 5; ++i) {
        connectors::ReadBackRequest request;
        request.since = clock.now();
        boost::asio::co_spawn(io, connector->read_back(request), [&](std::exception_ptr error, const connectors::ReadBackResult& result) {
            well += !error && result.trouble.state == State::ok;
        });
    }
    io.run();
    EXPECT_EQ(well, 5);
    EXPECT_EQ(refreshes(), 1U);
    EXPECT_EQ(newest, 1);
}

TEST_F(TwitterLogin, ARefusedReadIsRenewedAndAskedOnceMore)
{
    newest = 1; // the access token was revoked, its refresh token is the newest still
    store.tokens->refresh_token = "refresh-token-1";
    connect();
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 1U);
    EXPECT_EQ(transport.count("/users/me"), 2U);
}

TEST_F(TwitterLogin, ATokenThatIsRefusedAgainIsNotRenewedInACircle)
{
    connect();
    newest = 0;
    pages["/users/me"] = [](const Asked&) { return refused(); };
    transport.script = [this](const Asked& asked) { return asked.path == "/oauth2/token" ? token_endpoint(asked) : refused(); };
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
    EXPECT_EQ(refreshes(), 1U);
    EXPECT_EQ(transport.count("/users/me"), 2U);
}

TEST_F(TwitterLogin, ARefusedSendRenewsTheTokenAndIsNotRepeated)
{
    connect();
    ASSERT_EQ(poll().trouble.state, State::ok); // who we are is known
    transport.script = [this](const Asked& asked) { return asked.path == "/oauth2/token" ? token_endpoint(asked) : refused(); };
    connectors::PublishRequest request;
    request.target_id = "1700000000000000001";
    request.text = "Verifichiamo";
    const PublishOutcome outcome = run(connector->publish(request));
    EXPECT_EQ(outcome.outcome, PublishOutcome::Class::not_sent_probably);
    EXPECT_EQ(outcome.trouble.state, State::unavailable) << outcome.reason;
    EXPECT_EQ(transport.count("/tweets"), 1U);
    EXPECT_EQ(store.tokens->access_token, "access-token-1") << "the next one goes out with a good token";
}

TEST_F(TwitterLogin, ALostAnswerEndsInWordsThatSayWhatToDo)
{
    connect();
    clock.set(clock.now() + 1h + 55min);
    after_effect = broken(true);
    newest = 0;
    transport.script = [this](const Asked& asked) { // the old access token lives on to its end
        return asked.path == "/oauth2/token" ? token_endpoint(asked) : TwitterAccount::serve(asked);
    };
    EXPECT_EQ(poll().trouble.state, State::ok) << "the token is good for five minutes more";
    EXPECT_EQ(newest, 1);
    clock.set(clock.now() + 5min);
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
    EXPECT_THAT(result.trouble.reason, HasSubstr("lost on the way"));
    EXPECT_THAT(result.trouble.reason, HasSubstr("run `sportello channel connect acme-twitter`"));
    const std::size_t asked = refreshes();
    EXPECT_EQ(poll().trouble.state, State::needs_authorisation);
    EXPECT_EQ(refreshes(), asked) << "what serves no more is not offered again";

    store.tokens = pair(1, clock.now() + 2h); // somebody runs the command beside us
    EXPECT_EQ(poll().trouble.state, State::ok);
}

TEST_F(TwitterLogin, AnAnswerLostBeforeItsEffectIsMendedByTheNextTry)
{
    store.tokens->expires_at = clock.now() - 1s;
    connect();
    before_effect = broken(true);
    EXPECT_EQ(poll().trouble.state, State::unavailable);
    EXPECT_EQ(poll().trouble.state, State::unavailable) << "not asked again at once";
    EXPECT_EQ(refreshes(), 1U);
    clock.set(clock.now() + 1min);
    EXPECT_EQ(poll().trouble.state, State::ok);
}

TEST_F(TwitterLogin, WhatCannotBeKeptIsNotUsed)
{
    store.tokens->expires_at = clock.now() - 1s;
    connect();
    store.full = true;
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::unavailable);
    EXPECT_THAT(result.trouble.reason, HasSubstr("the disk is full"));
    EXPECT_EQ(transport.calls.size(), 1U) << "nothing but the refresh was asked";
    EXPECT_EQ(poll().trouble.state, State::unavailable);
    store.full = false;
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 1U) << "the pair in hand is kept, not asked for anew";
}

TEST_F(TwitterLogin, TakesWhatAnotherProcessKept)
{
    store.tokens->expires_at = clock.now() - 1s;
    connect();
    newest = 1;
    store.tokens = pair(1, clock.now() + 2h);
    EXPECT_EQ(poll().trouble.state, State::ok);
    EXPECT_EQ(refreshes(), 0U);
}

TEST_F(TwitterLogin, WithoutTokensNobodyIsAsked)
{
    store.tokens.reset();
    connect();
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
    EXPECT_THAT(result.trouble.reason, HasSubstr("run `sportello channel connect acme-twitter`"));
    connectors::PublishRequest request;
    request.target_id = "1700000000000000001";
    request.text = "Verifichiamo";
    const PublishOutcome outcome = run(connector->publish(request));
    EXPECT_EQ(outcome.outcome, PublishOutcome::Class::not_sent);
    EXPECT_EQ(transport.calls.size(), 0U);
    store.tokens = pair(0, clock.now() + 2h);
    EXPECT_EQ(poll().trouble.state, State::ok) << "connected while the server runs";
}

TEST_F(TwitterLogin, ARefusedAppIsAMistakeOfTheConfiguration)
{
    store.tokens->expires_at = clock.now() - 1s;
    connect();
    before_effect = answer(401, R"({"error":"unauthorized_client","error_description":"Missing valid authorization header"})");
    const auto result = poll();
    EXPECT_EQ(result.trouble.state, State::misconfigured);
    EXPECT_THAT(result.trouble.reason, HasSubstr("client_secret"));
}

TEST_F(TwitterLogin, HostileAnswersOfTheTokenEndpointChangeNothing)
{
    for (const std::string body : {"", "{", "[]", "null", R"({"access_token":5})", R"({"access_token":""})", R"({"expires_in":"x"})"}) {
        store.tokens = pair(0, clock.now() - 1s);
        transport.calls.clear();
        connect();
        before_effect = answer(200, body);
        const auto result = poll();
        EXPECT_EQ(result.trouble.state, State::unavailable) << body;
        EXPECT_THAT(result.trouble.reason, Not(HasSubstr("refresh-token")));
        EXPECT_EQ(transport.calls.size(), 1U) << body;
        EXPECT_EQ(store.tokens->access_token, "access-token-0");
    }
}

TEST_F(TwitterLogin, SaysWhichScopesAreLacking)
{
    connect();
    const auto result = poll();
    ASSERT_TRUE(result.access);
    EXPECT_FALSE(result.access->ends_at) << "it renews itself";
    EXPECT_THAT(result.access->lacks, HasSubstr("dm.write (no direct message can be sent)"));
    EXPECT_THAT(result.access->lacks, Not(HasSubstr("tweet.read")));
}

TEST_F(TwitterLogin, StoredTokensOfOAuth1AreSignedWith)
{
    settings.credentials.consumer_key = "consumer";
    settings.credentials.consumer_secret = "consumer-secret";
    Tokens tokens;
    tokens.kind = Tokens::Kind::x_oauth1;
    tokens.access_token = "oauth1-token";
    tokens.token_secret = "oauth1-token-secret";
    store.tokens = tokens;
    connect();
    transport.script = [this](const Asked& asked) {
        const std::string header(asked.request.headers.find("Authorization").value_or(""));
        EXPECT_THAT(header, HasSubstr("oauth_token=\"oauth1-token\""));
        EXPECT_THAT(header, HasSubstr("oauth_consumer_key=\"consumer\""));
        return TwitterAccount::serve(asked);
    };
    EXPECT_EQ(poll().trouble.state, State::ok);
}

} // namespace
} // namespace sportello::test
