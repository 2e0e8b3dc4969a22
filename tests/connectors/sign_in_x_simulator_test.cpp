#include "scripted_transport.hpp"
#include "support/memory_store.hpp"

#include "support/in_process_transport.hpp"
#include <sportello/connectors/sign_in.hpp>
#include <sportello/simulator/simulator.hpp>

#include <gmock/gmock.h>

// Signing in on X, from the first address to the first page read and the first refresh, against the simulated platform.
namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::SignInWay;
using testing::HasSubstr;
using State = connectors::ChannelTrouble::State;

class SignInOnX : public testing::Test {
protected:
    SignInOnX()
    {
        settings.id = "tim-twitter";
        settings.account = "TIM_Sportello";
        settings.platform = domain::Platform::twitter;
        settings.api_base = "http://simulator.test/2";
        settings.credentials.client_id = settings.credentials.consumer_key = std::string(simulator::consumer_key);
        settings.credentials.client_secret = settings.credentials.consumer_secret = std::string(simulator::consumer_secret);
    }
    std::unique_ptr<connectors::SignIn> begin(SignInWay way, const std::string& redirect = "http://localhost:8765/callback")
    {
        return connectors::make_sign_in(way, settings, redirect, transport, clock, random);
    }
    /// A person opens the page and presses the button of that account. @return what comes back.
    http::Response answer_page(const std::string& address, const std::string& field, const std::string& value)
    {
        http::ClientRequest look;
        look.url = address;
        const auto shown = run(transport.send(look));
        EXPECT_EQ(shown.response->status, 200) << shown.response->body;
        EXPECT_THAT(shown.response->body, HasSubstr("@TIM_Sportello"));
        http::ClientRequest press;
        press.method = http::Method::post;
        press.url = address;
        press.headers.set("Content-Type", "application/x-www-form-urlencoded");
        http::Parameters form;
        form.add(field, value);
        press.body = form.encode();
        const auto sent = run(transport.send(press));
        return *sent.response;
    }
    static http::Parameters query_of(const http::Response& sent)
    {
        EXPECT_EQ(sent.status, 302) << sent.body;
        const std::string url(sent.headers.find("Location").value_or(""));
        EXPECT_TRUE(url.starts_with("http://localhost:8765/callback?")) << url;
        return http::Parameters::parse(std::string_view(url).substr(url.find('?') + 1));
    }

    ManualClock clock;
    SeededRandom random{7};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport transport{world.handler()};
    connectors::ChannelSettings settings;
};

TEST_F(SignInOnX, WithPkceIsReadAndRenewsItself)
{
    const auto sign_in = begin(SignInWay::x_oauth2);
    const auto address = run(sign_in->begin());
    ASSERT_TRUE(address) << address.error().what();
    const auto done = run(sign_in->finish(query_of(answer_page(*address, "account", "TIM_Sportello")), false));
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_THAT(done->account, HasSubstr("TIM_Sportello"));
    EXPECT_THAT(done->notes, testing::IsEmpty()) << "every scope that a counter needs was granted";

    MemoryStore store;
    store.tokens = done->tokens;
    settings.token_store = &store;
    settings.tokens = done->tokens;
    settings.credentials.consumer_key.clear();
    const auto connector = connectors::make_connector(settings, transport, clock, random);
    auto result = run(connector->poll(""));
    EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
    clock.set(clock.now() + 3h);
    result = run(connector->poll(result.cursor));
    EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
    EXPECT_NE(store.tokens->refresh_token, done->tokens.refresh_token) << "the new pair is the one that is kept";
}

TEST_F(SignInOnX, WithThreeLegsAndWithAPin)
{
    const auto sign_in = begin(SignInWay::x_oauth1);
    const auto address = run(sign_in->begin());
    ASSERT_TRUE(address) << address.error().what();
    const auto done = run(sign_in->finish(query_of(answer_page(*address, "account", "TIM_Sportello")), false));
    ASSERT_TRUE(done) << done.error().what();

    settings.credentials.access_token = done->tokens.access_token;
    settings.credentials.access_token_secret = done->tokens.token_secret;
    const auto connector = connectors::make_connector(settings, transport, clock, random);
    const auto result = run(connector->poll(""));
    EXPECT_EQ(result.trouble.state, State::ok) << result.trouble.reason;

    const auto with_pin = begin(SignInWay::x_oauth1, std::string(connectors::no_redirect));
    const auto shown = answer_page(run(with_pin->begin()).value(), "account", "TIM_Sportello");
    const auto begin_of_pin = shown.body.find("<code>") + 6;
    http::Parameters typed;
    typed.add("oauth_verifier", shown.body.substr(begin_of_pin, shown.body.find("</code>") - begin_of_pin));
    const auto pinned = run(with_pin->finish(typed, true));
    ASSERT_TRUE(pinned) << pinned.error().what();
}

TEST_F(SignInOnX, WhoDeclinesOrIsAnotherAccountIsTold)
{
    const auto declined = begin(SignInWay::x_oauth2);
    const auto refused = run(declined->finish(query_of(answer_page(run(declined->begin()).value(), "deny", "1")), false));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what(), HasSubstr("did not let the app in"));

    const auto another = begin(SignInWay::x_oauth2);
    const auto elsewhere = run(another->finish(query_of(answer_page(run(another->begin()).value(), "account", "TelecomItalia")), false));
    ASSERT_FALSE(elsewhere);
    EXPECT_THAT(elsewhere.error().what(), HasSubstr("TelecomItalia"));
}

} // namespace
} // namespace sportello::test
