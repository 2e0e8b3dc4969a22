#include "fake_platform.hpp"

// What has gone wrong elsewhere, each by the name under which reliability, section 2, knows it. In all of them a reply is never
// published twice by our own decision, and never lost from sight.
namespace sportello::test {
namespace {

using domain::Delivery;
using engine::Decision;
const std::string text = "Ci stiamo lavorando.";

class OutboxScenario : public testing::Test, public FakeHouse {
protected:
    void expect_at_rest(domain::ReplyId id, Delivery wanted, std::size_t copies, std::size_t sent)
    {
        EXPECT_EQ(state(id), wanted) << house.reply(id).reason;
        EXPECT_EQ(platform.copies(text), copies);
        EXPECT_EQ(platform.sends.size(), sent);
    }
};

TEST_F(OutboxScenario, EffectThenError)
{
    platform.ends = {SendEnd::effect_then_error};
    const auto reply = answer(text)->id;
    house.run_for(1s);
    EXPECT_EQ(state(reply), Delivery::unknown);
    house.run_for(1min);
    expect_at_rest(reply, Delivery::published, 1, 1);
    EXPECT_EQ(house.reply(reply).platform_id, platform.newest_own().platform_id);
    EXPECT_EQ(events("message.written_elsewhere"), 0);
}

TEST_F(OutboxScenario, ErrorThenEffectLate)
{
    platform.ends = {SendEnd::error};
    const auto reply = answer(text)->id;
    const auto sent_at = house.clock.now();
    house.run_for(2h);
    expect_at_rest(reply, Delivery::needs_decision, 0, 1);
    platform.we_write(text, sent_at + 15s, question); // the platform had kept it to itself
    house.run_for(2min);
    expect_at_rest(reply, Delivery::published, 1, 1);
    EXPECT_EQ(events("message.written_elsewhere"), 0);
}

TEST_F(OutboxScenario, Duplicate403AfterTimeout)
{
    platform.ends = {SendEnd::effect_then_error, SendEnd::duplicate};
    platform.shows_own = false;
    const auto reply = answer(text)->id;
    house.run_for(1h);
    expect_at_rest(reply, Delivery::needs_decision, 1, 1);
    ASSERT_TRUE(decide(reply, {Decision::Kind::resend, "", true}));
    house.run_for(1s);
    expect_at_rest(reply, Delivery::unknown, 1, 2);
    EXPECT_EQ(attempts(reply).back().outcome, "duplicate");
    platform.shows_own = true;
    house.run_for(10min);
    expect_at_rest(reply, Delivery::published, 1, 2);
}

TEST_F(OutboxScenario, IdenticalTextsTwoAgents)
{
    platform.ends = {SendEnd::effect_then_error};
    const auto first = answer(text, 1)->id;
    const auto second = answer(text, 2)->id;
    house.run_for(10min);
    expect_at_rest(first, Delivery::published, 2, 2);
    expect_at_rest(second, Delivery::published, 2, 2);
    EXPECT_NE(house.reply(first).platform_id, house.reply(second).platform_id);
    EXPECT_EQ(events("reply.doubled"), 0) << "each is somebody's";
}

TEST_F(OutboxScenario, EditedBeforeReadBack)
{
    platform.ends = {SendEnd::effect_then_error};
    const auto reply = answer(text)->id;
    house.run_for(1s);
    platform.newest_own().text = "Ci stiamo lavorando!!";
    house.run_for(2h);
    EXPECT_EQ(state(reply), Delivery::needs_decision);
    EXPECT_EQ(platform.sends.size(), 1U);
    const std::string there = platform.newest_own().platform_id;
    EXPECT_NE(house.reply(reply).reason.find(there), std::string::npos) << "says where to look";
    ASSERT_TRUE(decide(reply, {Decision::Kind::published, there}));
    EXPECT_EQ(house.reply(reply).platform_id, there);
}

TEST_F(OutboxScenario, DeletedBeforeReadBack)
{
    platform.ends = {SendEnd::effect_then_error};
    const auto reply = answer(text)->id;
    house.run_for(1s);
    platform.newest_own().deleted = true;
    house.run_for(3h);
    expect_at_rest(reply, Delivery::needs_decision, 0, 1);
}

TEST_F(OutboxScenario, CanaryMissing)
{
    platform.ends = {SendEnd::error};
    platform.canary = false;
    const auto reply = answer(text)->id;
    house.run_for(20h);
    expect_at_rest(reply, Delivery::unknown, 0, 1);
    platform.canary = true;
    house.run_for(2h);
    expect_at_rest(reply, Delivery::needs_decision, 0, 1);
}

TEST_F(OutboxScenario, TokenDiesInSending)
{
    platform.ends = {SendEnd::probably_not_but};
    platform.send_takes = 1s;
    const auto reply = answer(text)->id;
    platform.readable = false;
    house.run_for(2h);
    expect_at_rest(reply, Delivery::queued, 1, 1);
    platform.readable = true;
    house.run_for(10min);
    expect_at_rest(reply, Delivery::published, 1, 1);
}

TEST_F(OutboxScenario, CrashAfterMark)
{
    platform.ends = {SendEnd::never_returns};
    const auto reply = answer(text)->id;
    house.run_for(2s);
    EXPECT_EQ(state(reply), Delivery::sending);
    house.crash_and_restart();
    house.run_for(1s);
    EXPECT_EQ(state(reply), Delivery::unknown) << "never queued again";
    house.run_for(2h);
    expect_at_rest(reply, Delivery::needs_decision, 0, 1);
}

TEST_F(OutboxScenario, CrashAfterAnswer)
{
    platform.ends = {SendEnd::effect_never_told};
    const auto reply = answer(text)->id;
    house.run_for(2s);
    house.crash_and_restart();
    house.run_for(2min);
    expect_at_rest(reply, Delivery::published, 1, 1);
    EXPECT_EQ(events("message.written_elsewhere"), 0);
}

TEST_F(OutboxScenario, RestoreAnHourBack)
{
    const auto early = answer("Buongiorno!")->id;
    house.run_for(1min);
    const auto reply = answer(text, 1, 30s)->id;
    const auto later = answer("E altro ancora.", 1, 30s)->id;
    house.back_up();
    house.run_for(1h);
    expect_at_rest(reply, Delivery::published, 1, 3);
    platform.readable = false; // at first nobody can say what is out
    house.restore_and_restart();
    house.run_for(10min);
    EXPECT_EQ(state(early), Delivery::published);
    EXPECT_EQ(state(reply), Delivery::unknown) << "the backup knows it as queued";
    EXPECT_EQ(state(later), Delivery::queued);
    EXPECT_EQ(events("outbox.quarantined"), 1);
    platform.readable = true;
    house.run_for(2h);
    expect_at_rest(reply, Delivery::published, 1, 3);
    EXPECT_EQ(state(later), Delivery::published);
    EXPECT_EQ(platform.copies("E altro ancora."), 1U);
    house.crash_and_restart();
    house.run_for(1min);
    EXPECT_EQ(events("outbox.quarantined"), 1) << "only when the database is another than before";
}

TEST_F(OutboxScenario, RestoreOfWhatWasNeverSent)
{
    platform.customer_writes("@TIM_Sportello anche da me", house.clock.now(), "", "luca");
    house.run_for(1min);
    const auto others = house.tickets().back().id;
    ASSERT_NE(others, ticket);
    const auto early = answer("Buongiorno!")->id;
    house.run_for(1min);
    const auto reply = answer(text, 1, 60s)->id;
    house.back_up();
    ASSERT_TRUE(house.run(house.engine->outbox().cancel(reply, house.as(1))));
    engine::ReplyDraft elsewhere;
    elsewhere.text = "Un altro.";
    ASSERT_TRUE(house.run(house.engine->outbox().accept(others, elsewhere, house.as(2))));
    house.run_for(1h);
    house.restore_and_restart();
    house.run_for(10min);
    EXPECT_EQ(state(reply), Delivery::unknown);
    EXPECT_EQ(platform.copies(text), 0U);
    house.run_for(2h);
    expect_at_rest(reply, Delivery::published, 1, 3);
    EXPECT_EQ(state(early), Delivery::published);
}

TEST_F(OutboxScenario, CommitUnknown)
{
    lose_next_mark = true;
    const auto reply = answer(text)->id;
    house.run_for(1min);
    EXPECT_FALSE(lose_next_mark) << "the commit was lost sight of";
    expect_at_rest(reply, Delivery::published, 1, 1);
    ASSERT_EQ(attempts(reply).size(), 2U);
    EXPECT_EQ(attempts(reply).front().outcome, "not_sent") << "looked up, not guessed";
}

TEST_F(OutboxScenario, RetryButtonThatSendsNothing)
{
    platform.ends = {SendEnd::error};
    const auto reply = answer(text)->id;
    house.run_for(2h);
    ASSERT_EQ(state(reply), Delivery::needs_decision);
    ASSERT_TRUE(decide(reply, {Decision::Kind::resend, ""}));
    house.run_for(5s);
    expect_at_rest(reply, Delivery::published, 1, 2);
}

TEST_F(OutboxScenario, JobDiesShownAsSent)
{
    platform.ends = {SendEnd::throws};
    const auto reply = answer(text)->id;
    house.run_for(1s);
    EXPECT_EQ(state(reply), Delivery::unknown);
    house.run_for(2h);
    expect_at_rest(reply, Delivery::needs_decision, 0, 1);
    platform.ends = {SendEnd::effect_then_throws};
    ASSERT_TRUE(decide(reply, {Decision::Kind::discard, ""}));
    const auto other = answer("Altro")->id;
    house.run_for(1min);
    EXPECT_EQ(state(other), Delivery::published);
}

TEST_F(OutboxScenario, EffectBeforeState)
{
    for (const SendEnd end : {SendEnd::published, SendEnd::effect_then_error}) {
        platform.ends = {end};
        platform.send_takes = 2min; // longer than from poll to poll
        const std::string words = text + (end == SendEnd::published ? " 1" : " 2");
        const auto reply = answer(words)->id;
        house.run_for(1min);
        EXPECT_EQ(state(reply), Delivery::sending);
        house.run_for(5min);
        EXPECT_EQ(state(reply), Delivery::published);
        EXPECT_EQ(platform.copies(words), 1U);
    }
    EXPECT_EQ(events("message.written_elsewhere"), 0);
    EXPECT_EQ(events("reply.doubled"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM message WHERE direction = 'outbound' AND reply_id IS NULL"), 0);
}

TEST_F(OutboxScenario, TwoCopiesAreTold)
{
    platform.ends = {SendEnd::effect_then_error};
    platform.shows_own = false;
    const auto reply = answer(text)->id;
    house.run_for(1s);
    platform.we_write(text, house.clock.now(), question); // a retry inside the platform
    platform.shows_own = true;
    house.run_for(2min);
    EXPECT_EQ(state(reply), Delivery::published);
    EXPECT_EQ(events("reply.doubled"), 1);
    EXPECT_TRUE(house.reply(reply).doubled_at);
}

TEST_F(OutboxScenario, ASecondCopyOfAPublishedOneIsTold)
{
    const auto reply = answer(text)->id;
    house.run_for(1s);
    EXPECT_EQ(state(reply), Delivery::published);
    platform.we_write(text, house.clock.now(), question);
    platform.we_write("Altre parole", house.clock.now(), question);
    house.run_for(1min);
    EXPECT_EQ(events("reply.doubled"), 1);
    EXPECT_EQ(events("message.written_elsewhere"), 2) << "and shown, as anything that we wrote elsewhere";
}

TEST_F(OutboxScenario, APlatformsOwnClockIsMinded)
{
    for (const base::Duration ahead : {base::Duration(1h), base::Duration(-3h)}) {
        platform.ahead = ahead;
        const std::string side = ahead > 0s ? "avanti" : "indietro";
        (void)answer("Buongiorno " + side); // shows the platform's clock
        house.run_for(1min);
        platform.ends = {SendEnd::effect_then_error};
        const std::string words = text + side;
        const auto reply = answer(words)->id;
        house.run_for(2min);
        EXPECT_EQ(state(reply), Delivery::published);
        EXPECT_EQ(platform.copies(words), 1U);
    }
}

TEST_F(OutboxScenario, SupervisorsAreToldAfterTenMinutes)
{
    platform.ends = {SendEnd::error};
    platform.readable = false;
    const auto reply = answer(text)->id;
    house.run_for(9min);
    EXPECT_EQ(events("reply.unresolved"), 0);
    house.run_for(2min);
    EXPECT_EQ(events("reply.unresolved"), 1);
    house.run_for(5h);
    EXPECT_EQ(events("reply.unresolved"), 1) << "once";
    expect_at_rest(reply, Delivery::unknown, 0, 1);
}

TEST_F(OutboxScenario, IsLookedForAsSoonAsReadingWorksAgain)
{
    platform.ends = {SendEnd::effect_then_error};
    platform.readable = false;
    const auto reply = answer(text)->id;
    house.run_for(5h); // now it is read back every hour
    platform.readable = true;
    house.run_for(2min);
    expect_at_rest(reply, Delivery::published, 1, 1);
}

TEST_F(OutboxScenario, AnUnknownOneHoldsTheLaterOnesOfItsConversation)
{
    platform.ends = {SendEnd::error};
    const auto first = answer(text)->id;
    const auto second = answer("E poi")->id;
    house.run_for(14min);
    EXPECT_EQ(state(first), Delivery::unknown);
    EXPECT_EQ(state(second), Delivery::queued);
    ASSERT_TRUE(decide(first, {Decision::Kind::discard, ""}));
    house.run_for(5s);
    EXPECT_EQ(state(second), Delivery::published);
}

TEST_F(OutboxScenario, AResendWhileItIsLookedForNeedsToBeConfirmed)
{
    platform.ends = {SendEnd::error};
    const auto reply = answer(text)->id;
    house.run_for(1min);
    ASSERT_EQ(state(reply), Delivery::unknown);
    EXPECT_FALSE(decide(reply, {Decision::Kind::resend, ""}));
    EXPECT_TRUE(decide(reply, {Decision::Kind::resend, "", true}));
    house.run_for(5s);
    expect_at_rest(reply, Delivery::published, 1, 2);
}

class ResendUnseen : public testing::Test, public FakeHouse {
protected:
    ResendUnseen() : FakeHouse({.resend_unseen = true}) {}
};

TEST_F(ResendUnseen, OnceByItself)
{
    platform.ends = {SendEnd::error, SendEnd::error};
    const auto reply = answer(text)->id;
    house.run_for(2h);
    EXPECT_EQ(platform.sends.size(), 2U);
    EXPECT_EQ(state(reply), Delivery::needs_decision);
}

TEST_F(ResendUnseen, NeverAfterADuplicate)
{
    platform.ends = {SendEnd::duplicate};
    const auto reply = answer(text)->id;
    house.run_for(2h);
    EXPECT_EQ(platform.sends.size(), 1U);
    EXPECT_EQ(state(reply), Delivery::needs_decision);
}

TEST_F(ResendUnseen, NotWhileItCannotBeRead)
{
    platform.ends = {SendEnd::error};
    platform.readable = false;
    const auto reply = answer(text)->id;
    house.run_for(10h);
    EXPECT_EQ(platform.sends.size(), 1U);
    EXPECT_EQ(state(reply), Delivery::unknown);
}

} // namespace
} // namespace sportello::test
