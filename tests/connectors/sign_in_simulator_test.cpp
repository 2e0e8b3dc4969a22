#include "scripted_transport.hpp"

#include "support/in_process_transport.hpp"
#include <sportello/connectors/examine.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/simulator/simulator.hpp>

#include <gmock/gmock.h>

// A sign-in from the first address to the first page read, against the simulated platform.
namespace sportello::test {
namespace {

using connectors::SignInWay;
using testing::HasSubstr;
using testing::Not;

class SignInOnTheSimulator : public testing::Test {
protected:
    SignInOnTheSimulator()
    {
        settings.id = "tim-facebook";
        settings.account = "104000000000002";
        settings.api_base = "http://simulator.test/v25.0";
        settings.credentials.app_id = "100000000000001";
        settings.credentials.app_secret = std::string(simulator::app_secret);
    }

    /// The dialog answered by a person: the address to which the browser is sent then.
    std::string answer_dialog(const std::string& address, const std::string& action, const std::string& page)
    {
        http::ClientRequest look;
        look.url = address;
        const auto shown = run(transport.send(look));
        EXPECT_EQ(shown.response->status, 200) << shown.response->body;
        http::Parameters form;
        const auto query = http::Parameters::parse(std::string_view(address).substr(address.find('?') + 1));
        for (const auto& [name, value] : query) {
            if (name != "scope") form.add(name, value);
        }
        std::string scope(query.find("scope").value_or(""));
        for (std::size_t at = 0; at <= scope.size();) {
            const std::size_t end = std::min(scope.find(',', at), scope.size());
            form.add("scope", scope.substr(at, end - at));
            at = end + 1;
        }
        form.add("page", page);
        form.add("action", action);
        http::ClientRequest press;
        press.method = http::Method::post;
        press.url = address.substr(0, address.find('?'));
        press.headers.set("Content-Type", "application/x-www-form-urlencoded");
        press.body = form.encode();
        const auto sent = run(transport.send(press));
        EXPECT_EQ(sent.response->status, 302) << sent.response->body;
        return std::string(sent.response->headers.find("Location").value_or(""));
    }
    static http::Parameters query_of(const std::string& url)
    {
        const auto question = url.find('?');
        return http::Parameters::parse(std::string_view(url).substr(question + 1, url.find('#') - question - 1));
    }

    ManualClock clock;
    SeededRandom random{7};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport transport{world.handler()};
    connectors::ChannelSettings settings;
};

TEST_F(SignInOnTheSimulator, ThePageIsConnectedAndRead)
{
    const auto sign_in =
        connectors::make_sign_in(SignInWay::facebook, settings, "http://localhost:8765/callback", transport, clock, random);
    const auto address = run(sign_in->begin());
    ASSERT_TRUE(address) << address.error().what();
    const std::string back = answer_dialog(*address, "allow", settings.account);
    ASSERT_TRUE(back.starts_with("http://localhost:8765/callback?")) << back;
    const auto done = run(sign_in->finish(query_of(back), false));
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_THAT(done->account, HasSubstr(settings.account));
    EXPECT_FALSE(done->tokens.access_token.empty());

    settings.credentials.access_token = done->tokens.access_token;
    const auto connector = connectors::make_connector(settings, transport, clock, random);
    const auto result = run(connector->poll(""));
    EXPECT_EQ(result.trouble.state, connectors::ChannelTrouble::State::ok) << result.trouble.reason;
    ASSERT_TRUE(result.access);
    EXPECT_EQ(result.access->lacks, "");
    for (const auto& finding : run(connectors::examine(settings, transport, clock, random))) {
        EXPECT_NE(finding.weight, connectors::Finding::Weight::problem) << finding.topic << ": " << finding.text;
    }
}

TEST_F(SignInOnTheSimulator, WhoDeclinesOrChoosesAnotherPageIsTold)
{
    const auto declined =
        connectors::make_sign_in(SignInWay::facebook, settings, "http://localhost:8765/callback", transport, clock, random);
    const std::string back = answer_dialog(run(declined->begin()).value(), "deny", settings.account);
    const auto refused = run(declined->finish(query_of(back), false));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what(), HasSubstr("did not let the app in"));

    const auto another =
        connectors::make_sign_in(SignInWay::facebook, settings, "http://localhost:8765/callback", transport, clock, random);
    const std::string elsewhere = answer_dialog(run(another->begin()).value(), "allow", "104000000000001");
    const auto missing = run(another->finish(query_of(elsewhere), false));
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().what(), HasSubstr("may not act for the Page " + settings.account));
}

} // namespace
} // namespace sportello::test
