#include "support/manual_clock.hpp"
#include "webhooks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using simulator::Platform;
using simulator::WebhookDelivery;
using simulator::WebhookQuirks;

/// A listener that answers as it is told and remembers what came when.
class Listener final : public http::Transport {
public:
    explicit Listener(base::Clock& clock) : clock_(clock) {}
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        came.push_back(request.body);
        at.push_back(clock_.now());
        http::Exchange exchange;
        if (status == 0) {
            exchange.failure = "connection refused";
        } else {
            exchange.response = http::Response::empty(status);
        }
        co_return exchange;
    }

    int status = 200;
    std::vector<std::string> came;
    std::vector<base::Instant> at;

private:
    base::Clock& clock_;
};

/// The queue under a clock that the test turns, running as the program runs it.
class WebhookQueue : public testing::Test {
protected:
    WebhookQueue()
    {
        webhooks.reach_through(listener);
        boost::asio::co_spawn(io, webhooks.run(), boost::asio::detached);
    }
    void post(const std::string& body, std::vector<base::Duration> retries = {})
    {
        WebhookDelivery delivery;
        delivery.url = "http://listener.test/";
        delivery.body = body;
        delivery.retries = std::move(retries);
        delivery.on_failure = [this](base::Duration failing) { failures.push_back(failing); };
        webhooks.post(std::move(delivery));
    }

    boost::asio::io_context io;
    ManualClock clock;
    Listener listener{clock};
    simulator::Webhooks webhooks{clock};
    std::vector<base::Duration> failures;
};

TEST_F(WebhookQueue, SendsAtOnceAndInOrder)
{
    post("one");
    post("two");
    clock.run_for(io, 0s);
    post("three");
    clock.run_for(io, 0s);
    EXPECT_EQ(listener.came, (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_FALSE(webhooks.next_due());
}

TEST_F(WebhookQueue, TriesAgainByItsPlanAndThenNoMore)
{
    for (const int status : {0, 500, 301}) {
        listener.status = status;
        listener.at.clear();
        failures.clear();
        const auto start = clock.now();
        post("body", {0s, 10s, 1min});
        clock.run_for(io, 1h);
        EXPECT_EQ(listener.at, (std::vector{start, start, start + 10s, start + 70s})) << status;
        EXPECT_EQ(failures, (std::vector<base::Duration>{0s, 0s, 10s, 70s}));
        EXPECT_EQ(webhooks.waiting(), 0U);
    }
}

TEST_F(WebhookQueue, StopsTryingOnceItIsTaken)
{
    listener.status = 503;
    post("body", {10s, 10s, 10s});
    clock.run_for(io, 5s);
    listener.status = 204;
    clock.run_for(io, 1h);
    EXPECT_EQ(listener.came.size(), 2U);
    EXPECT_EQ(webhooks.attempts().back().number, 2);
}

TEST_F(WebhookQueue, HasTheHabitsItIsGiven)
{
    const auto sent = [&](const WebhookQuirks& quirks) {
        webhooks.set_quirks(Platform::facebook, quirks);
        listener.came.clear();
        post("one");
        post("two");
        clock.run_for(io, 1min);
        return listener.came;
    };
    using Bodies = std::vector<std::string>;
    WebhookQuirks quirks;
    quirks.duplicates = 1;
    EXPECT_EQ(sent(quirks), (Bodies{"one", "one", "two", "two"}));
    quirks = {};
    quirks.reorder = true;
    EXPECT_EQ(sent(quirks), (Bodies{"two", "one"}));
    quirks = {};
    quirks.drop = true;
    EXPECT_EQ(sent(quirks), Bodies{});
    quirks = {};
    quirks.forge = true;
    EXPECT_EQ(sent(quirks), (Bodies{"one ", "one", "two ", "two"}));
    quirks = {};
    quirks.delay = 90s;
    EXPECT_EQ(sent(quirks), Bodies{});
    clock.run_for(io, 1min);
    EXPECT_EQ(listener.came, (Bodies{"one", "two"}));
    webhooks.set_quirks(Platform::facebook, {});
    webhooks.set_quirks(Platform::twitter, {.drop = true});
    EXPECT_EQ(sent({}), (Bodies{"one", "two"})) << "each platform has its own";
}

TEST_F(WebhookQueue, AForgedOneIsNotSentAgain)
{
    webhooks.set_quirks(Platform::facebook, {.forge = true});
    listener.status = 401;
    post("body", {1s});
    clock.run_for(io, 1min);
    EXPECT_EQ(listener.came, (std::vector<std::string>{"body ", "body", "body"}));
}

} // namespace
} // namespace sportello::test
