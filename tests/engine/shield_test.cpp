// What is ordered for a message on its platform is carried out, whatever comes between.
#include "support/house.hpp"

#include <sportello/engine/shield.hpp>

namespace sportello::test {
namespace {

using simulator::Kind;

class Hiding : public testing::Test {
protected:
    House house;
    std::string comment;
    domain::MessageId message;

    void SetUp() override
    {
        house.start();
        const auto post = house.customer_writes(House::page, Kind::post, House::page.second, "Novità per tutti");
        house.run_for(30s);
        comment = house.customer_writes(House::page, Kind::comment, "Sara", "chiamatemi al 333 1234567", post);
        house.run_for(1min);
        message.value = house.count("SELECT id FROM message WHERE direction = 'inbound'");
        ASSERT_GT(message.value, 0);
    }
    bool hidden() { return house.simulator.world().find(simulator::Platform::facebook, comment)->hidden; }
    auto hide(bool hide = true) { return house.run(house.engine->shield().hide(message, hide, house.as(1))); }
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }
};

TEST_F(Hiding, IsDoneSoonAndOnce)
{
    ASSERT_TRUE(hide());
    house.run_for(10s);
    EXPECT_TRUE(hidden());
    EXPECT_EQ(events("message.hidden"), 1);
    ASSERT_TRUE(hide(false));
    house.run_for(10s);
    EXPECT_FALSE(hidden());
    EXPECT_EQ(events("message.shown"), 1);
}

TEST_F(Hiding, OutlivesACrash)
{
    ASSERT_TRUE(hide());
    house.crash_and_restart();
    house.run_for(10s);
    EXPECT_TRUE(hidden());
    EXPECT_EQ(events("message.hidden"), 1);
}

TEST_F(Hiding, IsRepeatedAfterEveryLostAnswer)
{
    simulator::Fault fault;
    fault.platform = simulator::Platform::facebook;
    fault.endpoint = simulator::Endpoint::public_write;
    fault.kind = simulator::FaultKind::cut_after;
    fault.count = 3;
    house.simulator.faults().add(fault);
    ASSERT_TRUE(hide());
    house.run_for(5min);
    EXPECT_TRUE(hidden());
    EXPECT_EQ(events("message.hidden"), 1);
    EXPECT_EQ(house.count("SELECT attempts FROM message_action"), 4);
}

TEST_F(Hiding, WhatIsOrderedLastCounts)
{
    ASSERT_TRUE(house.run(house.engine->pause_channels({"tim-facebook"}, {.reading = false, .publishing = true}, true, house.as(1))));
    ASSERT_TRUE(hide());
    house.run_for(2min);
    EXPECT_FALSE(hidden()) << "publishing is paused";
    ASSERT_TRUE(hide(false));
    ASSERT_TRUE(house.run(house.engine->pause_channels({"tim-facebook"}, {.reading = false, .publishing = true}, false, house.as(1))));
    house.run_for(3min);
    EXPECT_FALSE(hidden());
    EXPECT_EQ(events("message.hidden"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM message_action WHERE state = 'replaced'"), 1);
}

} // namespace
} // namespace sportello::test
