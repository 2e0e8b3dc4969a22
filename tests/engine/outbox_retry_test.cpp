#include "fake_platform.hpp"

#include <sportello/storage/replies.hpp>

namespace sportello::test {
namespace {

using domain::Delivery;
using engine::Decision;

/// A person tries a failed reply again: what is out stays, what is not goes out once.
class OutboxRetry : public testing::Test {
protected:
    FakeHouse fake;

    /// Of several parts.
    static std::string long_text()
    {
        std::string text;
        for (int i = 1; i <= 40; ++i) text += "Passo " + std::to_string(i) + " della procedura. ";
        return text;
    }
    /// The platform refuses the third part for good.
    domain::ReplyId broken_off()
    {
        fake.platform.ends = {SendEnd::published, SendEnd::published, SendEnd::failed};
        const auto accepted = fake.answer(long_text());
        EXPECT_TRUE(accepted);
        fake.house.run_for(1min);
        EXPECT_EQ(fake.state(accepted->id), Delivery::failed);
        return accepted->id;
    }
    base::Result<domain::Reply> retry(domain::ReplyId id, engine::Retry order = {})
    {
        return fake.house.run(fake.house.engine->outbox().retry(id, order, fake.house.as(1)));
    }
    bool may_retry(domain::ReplyId id)
    {
        return fake.house.read([&](storage::Transaction& tx) -> base::Result<bool> { return engine::may_retry(tx, id); }).value();
    }
    std::vector<domain::ReplyPart> parts(domain::ReplyId id)
    {
        return fake.house
            .read([&](storage::Transaction& tx) -> base::Result<std::vector<domain::ReplyPart>> { return storage::parts_of(tx, id); })
            .value();
    }
};

TEST_F(OutboxRetry, GoesOnFromThePartThatFailed)
{
    const auto id = broken_off();
    const auto before = parts(id);
    ASSERT_GT(before.size(), 3U);
    EXPECT_EQ(before[2].state, Delivery::failed);
    EXPECT_EQ(before[3].state, Delivery::cancelled);
    EXPECT_TRUE(may_retry(id));
    const auto sends = fake.platform.sends.size();

    const auto retried = retry(id);
    ASSERT_TRUE(retried) << retried.error().what();
    EXPECT_EQ(retried->state, Delivery::sending) << "two parts are out, the others on their way";
    EXPECT_EQ(retried->reason, "");
    fake.house.run_for(1min);

    EXPECT_EQ(fake.state(id), Delivery::published);
    EXPECT_EQ(fake.platform.sends.size(), sends + before.size() - 2);
    const auto after = parts(id);
    for (std::size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i].state, Delivery::published) << after[i].number;
        EXPECT_EQ(fake.platform.copies(after[i].text), 1U) << after[i].text;
    }
    EXPECT_EQ(fake.platform.sends[sends].target_id, before[1].platform_id) << "the thread goes on behind what is out";
    EXPECT_EQ(fake.events("reply.retried"), 1);
}

TEST_F(OutboxRetry, ANewFailureIsShownAgainAndMayBeTriedAgain)
{
    const auto id = broken_off();
    fake.platform.ends = {SendEnd::failed};
    ASSERT_TRUE(retry(id));
    fake.house.run_for(1min);
    EXPECT_EQ(fake.state(id), Delivery::failed);
    EXPECT_EQ(parts(id)[3].state, Delivery::cancelled);
    ASSERT_TRUE(retry(id));
    fake.house.run_for(1min);
    EXPECT_EQ(fake.state(id), Delivery::published);
}

TEST_F(OutboxRetry, PressedTwiceItIsTriedOnce)
{
    const auto id = broken_off();
    ASSERT_TRUE(retry(id));
    const auto again = retry(id);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind(), base::ErrorKind::conflict);
    fake.house.run_for(1min);
    for (const auto& part : parts(id)) EXPECT_EQ(fake.platform.copies(part.text), 1U);
    EXPECT_FALSE(may_retry(id)) << "it is published";
}

TEST_F(OutboxRetry, WhatMayBeOutIsNot)
{
    fake.platform.ends = {SendEnd::error};
    const auto accepted = fake.answer("Ci stiamo lavorando.");
    fake.house.run_for(1min);
    ASSERT_EQ(fake.state(accepted->id), Delivery::unknown);
    EXPECT_FALSE(retry(accepted->id)) << "nobody knows yet";
    ASSERT_TRUE(fake.decide(accepted->id, {Decision::Kind::discard, ""}));
    ASSERT_EQ(fake.state(accepted->id), Delivery::failed);
    EXPECT_FALSE(may_retry(accepted->id)) << "left alone by a person, not refused by the platform";
    EXPECT_FALSE(retry(accepted->id));
    fake.house.run_for(1min);
    EXPECT_EQ(fake.platform.sends.size(), 1U);
}

TEST_F(OutboxRetry, ACustomerWhoWroteMeanwhileIsReadFirst)
{
    const auto id = broken_off();
    const auto seen = fake.house.ticket(fake.ticket).last_inbound;
    fake.platform.customer_writes("@TIM_Sportello lasciate stare", fake.house.clock.now(), fake.question);
    fake.house.run_for(1min);
    const auto stale = retry(id, {.last_seen = seen});
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().fields().at(0).pointer, "/last_seen");
    EXPECT_TRUE(retry(id, {.last_seen = fake.house.ticket(fake.ticket).last_inbound}));
}

TEST_F(OutboxRetry, WrittenAnewMeanwhileItIsNotSentTwiceUnawares)
{
    fake.platform.ends = {SendEnd::failed};
    const auto failed = fake.answer("Ci stiamo lavorando.");
    fake.house.run_for(1min);
    ASSERT_TRUE(fake.answer("Ci stiamo lavorando."));
    fake.house.run_for(1min);
    const auto twice = retry(failed->id);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().fields().at(0).pointer, "/confirm_duplicate");
    EXPECT_TRUE(retry(failed->id, {.confirm_duplicate = true}));
    fake.house.run_for(1min);
    EXPECT_EQ(fake.platform.copies("Ci stiamo lavorando."), 2U);
}

TEST_F(OutboxRetry, ACrashAfterTheOrderLosesNothing)
{
    const auto id = broken_off();
    ASSERT_TRUE(retry(id));
    fake.house.crash_and_restart();
    fake.house.run_for(5min);
    EXPECT_EQ(fake.state(id), Delivery::published);
    for (const auto& part : parts(id)) EXPECT_EQ(fake.platform.copies(part.text), 1U);
}

} // namespace
} // namespace sportello::test
