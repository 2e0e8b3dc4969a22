#include "fake_platform.hpp"

#include <sportello/storage/leases.hpp>
#include <sportello/storage/lineage.hpp>

// What one of several nodes does; that there are several is played with real ones in tests/app/crash_loop_test.cpp.
namespace sportello::test {
namespace {

using domain::Delivery;
const std::string nodes_answer = "Ci stiamo lavorando.";

HouseOptions as_one_of_several()
{
    HouseOptions options;
    options.one_of_several = true;
    options.start_at = base::from_micros(0); // its first reading comes after the customer's post
    return options;
}

class OneOfSeveral : public testing::Test, public FakeHouse {
protected:
    OneOfSeveral() : FakeHouse(as_one_of_several()) {}
};

TEST_F(OneOfSeveral, TheOnlyNodeReadsPublishesAndKeepsTheClock)
{
    house.run_for(30s);
    EXPECT_TRUE(house.engine->keeps_the_clock());
    const auto reply = answer(nodes_answer)->id;
    house.run_for(1s);
    EXPECT_EQ(state(reply), Delivery::published);
    const auto snoozed_until = house.clock.now() + 30s;
    engine::TicketChange snooze;
    snooze.snoozed_until = snoozed_until;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket, snooze, house.as(1))));
    house.run_for(40s);
    EXPECT_FALSE(house.ticket(ticket).snoozed_until);
}

TEST_F(OneOfSeveral, WhatTheNodeBeforeWasSendingIsLookedForAfterItsDeadlineOnly)
{
    house.run_for(30s);
    platform.ends = {SendEnd::effect_never_told};
    const auto reply = answer(nodes_answer)->id;
    house.run_for(1s);
    ASSERT_EQ(platform.sends.size(), 1u);
    house.crash_and_restart();
    house.run_for(14s);
    EXPECT_FALSE(house.engine->keeps_the_clock()) << "the lease of the node before has not stood still for long enough";
    EXPECT_EQ(state(reply), Delivery::sending);
    house.run_for(1min);
    EXPECT_EQ(state(reply), Delivery::published);
    EXPECT_EQ(platform.sends.size(), 1u);
    EXPECT_EQ(platform.copies(nodes_answer), 1u);
}

TEST_F(OneOfSeveral, ANodeThatStoppedLeavesItsDutiesToTheNextAtOnce)
{
    house.run_for(30s);
    house.run(house.engine->stop());
    EXPECT_FALSE(house.engine->keeps_the_clock());
    house.crash_and_restart();
    house.run_for(7s);
    EXPECT_TRUE(house.engine->keeps_the_clock());
}

TEST_F(OneOfSeveral, TheLeasesOfNodesThatAreGoneDoNotStay)
{
    for (int i = 0; i < 5; ++i) {
        house.crash_and_restart();
        house.run_for(30s);
    }
    house.run_for(2min);
    EXPECT_EQ(house.count("SELECT count(*) FROM lease WHERE name LIKE 'node:%'"), 1);
}

} // namespace
} // namespace sportello::test
