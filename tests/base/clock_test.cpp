#include <sportello/base/clock.hpp>

#include "support/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <vector>

namespace sportello::base {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(ManualClock, WakesSleepersInTheOrderOfTheirTimes)
{
    asio::io_context io;
    test::ManualClock clock;
    std::vector<int> woken;
    const Instant start = clock.now();
    auto sleeper = [&](int minutes) -> asio::awaitable<void> {
        const auto timer = clock.make_timer(io.get_executor());
        EXPECT_TRUE(co_await timer->wait_until(start + std::chrono::minutes(minutes)));
        EXPECT_EQ(clock.now(), start + std::chrono::minutes(minutes));
        woken.push_back(minutes);
    };
    for (const int minutes : {3, 1, 2, 10}) asio::co_spawn(io, sleeper(minutes), asio::detached);
    clock.run_for(io, 5min);
    EXPECT_EQ(woken, (std::vector{1, 2, 3}));
    EXPECT_EQ(clock.now(), start + 5min);
    clock.run_for(io, 5min);
    EXPECT_EQ(woken.size(), 4U);
}

TEST(Signal, KeepsACallThatCameBeforeTheWait)
{
    asio::io_context io;
    test::ManualClock clock;
    Signal signal(clock, io.get_executor());
    std::vector<bool> answers;
    auto waiter = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i) answers.push_back(co_await signal.wait_until(clock.now() + 1min));
    };
    signal.notify();
    signal.notify();
    asio::co_spawn(io, waiter(), asio::detached);
    clock.run_for(io, 30s);
    EXPECT_EQ(answers, (std::vector{true}));
    signal.notify();
    clock.run_for(io, 10s);
    EXPECT_EQ(answers, (std::vector{true, true}));
    clock.run_for(io, 2min);
    EXPECT_EQ(answers, (std::vector{true, true, false}));
}

TEST(SystemClock, RunsForward)
{
    SystemClock clock;
    const auto before = clock.since_boot();
    EXPECT_GT(clock.now(), parse_rfc3339("2026-01-01T00:00:00Z").value());
    EXPECT_GE(clock.since_boot(), before);
}

} // namespace
} // namespace sportello::base
