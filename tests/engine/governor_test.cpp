// How the engine governs its channels: money that no restart forgets, flags, and what was missed while it was down.
#include "support/house.hpp"

#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/channels.hpp>

namespace sportello::test {
namespace {

using Hour = std::chrono::sys_time<std::chrono::hours>;

class Governor : public testing::Test {
protected:
    storage::ChannelState channel(std::string_view id)
    {
        return house.read([&](storage::Transaction& tx) -> base::Result<storage::ChannelState> { return storage::load_channel(tx, id); })
            .value();
    }
    domain::Spending spent(std::string_view id)
    {
        const auto today = std::chrono::floor<std::chrono::days>(house.clock.now());
        return house.read([&](storage::Transaction& tx) -> base::Result<domain::Spending> { return storage::load_spending(tx, id, today); })
            .value();
    }
    /// So many messages came in each hour of the weeks before.
    void usual(std::string_view id, std::int64_t an_hour)
    {
        const Hour now = std::chrono::floor<std::chrono::hours>(house.clock.now());
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            for (Hour hour = now - std::chrono::hours(24 * 7 * 5); hour < now - std::chrono::hours(24); hour += 1h)
                storage::count_arrivals(tx, id, hour, an_hour);
            return {};
        };
        ASSERT_TRUE(house.db->write_now(unit));
    }

    House house;
};

TEST_F(Governor, CountsCallsAndMoneyAndNoRestartForgetsThem)
{
    house.start();
    house.customer_writes(House::handle, simulator::Kind::mention, "Carla", "@TIM_Sportello no line since this morning");
    house.run_for(5min);
    const auto before = spent("tim-x");
    EXPECT_GE(before.calls, 15);
    EXPECT_GE(before.today, 15'000) << "the post and its author";
    EXPECT_EQ(before.month, before.today);
    EXPECT_GT(spent("tim-facebook").calls, 0);
    EXPECT_EQ(spent("tim-facebook").today, 0) << "Facebook costs nothing";

    house.crash_and_restart();
    house.run_for(2min);
    const auto after = spent("tim-x");
    EXPECT_GT(after.calls, before.calls);
    EXPECT_GE(after.today, before.today);

    house.clock.set(house.clock.now() + 15h);
    house.run_for(1min);
    EXPECT_LT(spent("tim-x").today, after.today + before.today) << "a new day began";
    EXPECT_GE(spent("tim-x").month, after.today);
}

TEST_F(Governor, FlagsAChannelThatIsQuieterThanUsual)
{
    usual("tim-facebook", 30);
    usual("tim-x", 1);
    house.start();
    house.run_for(40min);
    EXPECT_NE(channel("tim-facebook").quiet, "");
    EXPECT_EQ(channel("tim-x").quiet, "") << "one an hour may stay away for an hour";
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'channel.flags'"), 1) << "told once, not each minute";

    for (int i = 0; i < 70; ++i) {
        house.customer_writes(House::page, simulator::Kind::post, "Customer " + std::to_string(i), "no line " + std::to_string(i));
    }
    house.run_for(2min);
    EXPECT_EQ(channel("tim-facebook").quiet, "");
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'channel.flags'"), 2);
}

TEST_F(Governor, FlagsAChannelThatIsBehindUntilItIsReadAgain)
{
    house.start();
    house.run_for(1min);
    EXPECT_EQ(channel("tim-facebook").behind, "");
    simulator::Fault fault;
    fault.platform = simulator::Platform::facebook;
    fault.endpoint = simulator::Endpoint::read;
    fault.kind = simulator::FaultKind::server_error;
    house.simulator.faults().add(fault);
    house.run_for(10min);
    EXPECT_NE(channel("tim-facebook").behind, "");
    EXPECT_EQ(channel("tim-x").behind, "");
    house.simulator.faults().clear();
    house.customer_writes(House::page, simulator::Kind::post, "Carla", "written while nobody could read");
    house.run_for(10min);
    EXPECT_EQ(channel("tim-facebook").behind, "");
    EXPECT_EQ(house.tickets().size(), 1U);
}

TEST_F(Governor, WhatCameWhileTheServerWasDownIsReadAgain)
{
    house.start();
    house.run_for(1min);
    for (int hour = 0; hour < 40; ++hour) {
        house.customer_writes(House::page, simulator::Kind::post, "F " + std::to_string(hour), "no line");
        house.customer_writes(House::handle, simulator::Kind::mention, "X " + std::to_string(hour), "@TIM_Sportello no line");
        house.clock.set(house.clock.now() + 1h); // the server does not run
    }
    house.crash_and_restart();
    house.run_for(10min);
    EXPECT_EQ(house.tickets().size(), 80U);
    EXPECT_EQ(house.count("SELECT count(*) FROM message"), 80);
}

} // namespace
} // namespace sportello::test
