#include "support/house.hpp"

namespace sportello::test {
namespace {

using domain::Delivery;
using simulator::Endpoint;
using simulator::FaultKind;
using simulator::Kind;

/// A customer wrote on both platforms; an agent answers one of them.
class Outbox : public testing::TestWithParam<House::Account> {
protected:
    House house;
    domain::Ticket ticket;

    void SetUp() override
    {
        house.start();
        const bool page = GetParam() == House::page;
        house.customer_writes(GetParam(), page ? Kind::post : Kind::mention, "Sara Greco",
                              page ? "La linea è giù" : "@TIM_Sportello la linea è giù");
        house.run_for(1min);
        ASSERT_EQ(house.tickets().size(), 1U);
        ticket = house.tickets().front();
    }

    base::Result<domain::Reply> answer(const std::string& text, base::Duration undo = 0s, std::string key = "")
    {
        engine::ReplyDraft draft;
        draft.text = text;
        draft.visibility = ticket.visibility;
        draft.last_seen = ticket.last_inbound;
        draft.undo = undo;
        return house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1, std::move(key))));
    }
    void fault(FaultKind kind, Endpoint endpoint = Endpoint::public_write, std::optional<int> count = 1)
    {
        simulator::Fault fault;
        fault.platform = GetParam().first;
        fault.endpoint = endpoint;
        fault.kind = kind;
        fault.count = count;
        house.simulator.faults().add(fault);
    }
};

TEST_P(Outbox, PublishesAReplyOnceAndStopsTheClock)
{
    const auto accepted = answer("Buongiorno, verifichiamo subito.");
    ASSERT_TRUE(accepted) << accepted.error().what();
    house.run_for(1min);
    const domain::Reply reply = house.reply(accepted->id);
    EXPECT_EQ(reply.state, Delivery::published);
    EXPECT_FALSE(reply.platform_id.empty());
    EXPECT_EQ(house.copies_on_platform("verifichiamo subito"), 1U);
    const domain::Ticket after = house.ticket(ticket.id);
    EXPECT_EQ(after.status, domain::TicketStatus::pending);
    EXPECT_TRUE(after.first_response_at);
    EXPECT_FALSE(after.waiting_since);
    house.run_for(10min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE direction = 'outbound' AND reply_part_id IS NULL"), 0)
        << "our own reply, read back, is recognised";
    EXPECT_EQ(house.tickets().size(), 1U) << "and opens no ticket";
}

TEST_P(Outbox, TheSameKeyGivesTheSameReplyAndAnotherBodyIsRefused)
{
    const auto first = answer("Una risposta", 0s, "key-1");
    const auto again = answer("Una risposta", 0s, "key-1");
    ASSERT_TRUE(first);
    ASSERT_TRUE(again);
    EXPECT_EQ(first->id, again->id);
    engine::Command other = house.as(1, "key-1");
    other.request_hash = "another body";
    engine::ReplyDraft draft;
    draft.text = "Altro";
    const auto refused = house.run(house.engine->outbox().accept(ticket.id, draft, other));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid_input);
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform("Una risposta"), 1U);
}

TEST_P(Outbox, ALostAnswerIsReadBackAndNeverSentAgain)
{
    fault(FaultKind::cut_after);
    const auto accepted = answer("Ci stiamo lavorando.");
    house.run_for(1s);
    EXPECT_NE(house.reply(accepted->id).state, Delivery::published);
    house.run_for(10min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::published);
    EXPECT_EQ(house.copies_on_platform("Ci stiamo lavorando"), 1U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM delivery_attempt"), 1);
}

TEST_P(Outbox, AnAnswerThatNeverComesIsUnknownThenFound)
{
    fault(FaultKind::lost_answer);
    const auto accepted = answer("Ci stiamo lavorando.");
    house.run_for(10min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::published);
    EXPECT_EQ(house.copies_on_platform("Ci stiamo lavorando"), 1U);
}

TEST_P(Outbox, AnUnknownReplyThatIsNowhereWaitsForAPersonsDecision)
{
    fault(FaultKind::cut_before);
    const auto accepted = answer("Ci stiamo lavorando.");
    // Other people go on writing: what shows that the platform's lists are fresh.
    for (int i = 0; i < 30; ++i) {
        house.run_for(1min);
        const bool page = GetParam() == House::page;
        house.customer_writes(GetParam(), page ? Kind::post : Kind::mention, "Altri " + std::to_string(i), "@TIM_Sportello altro");
        if (!page) house.customer_writes(GetParam(), Kind::mention, "TIM_Sportello", "Avviso " + std::to_string(i));
        if (page) house.customer_writes(GetParam(), Kind::comment, "Sara Greco", "ancora " + std::to_string(i), ticket.root_id);
        EXPECT_EQ(house.copies_on_platform("Ci stiamo lavorando"), 0U) << "never sent again by our own decision";
    }
    house.run_for(3h);
    ASSERT_EQ(house.reply(accepted->id).state, Delivery::needs_decision) << house.reply(accepted->id).reason;
    const auto resent = house.run(house.engine->outbox().decide(accepted->id, {engine::Decision::Kind::resend, ""}, house.as(1)));
    ASSERT_TRUE(resent) << resent.error().what();
    house.run_for(1min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::published);
    EXPECT_EQ(house.copies_on_platform("Ci stiamo lavorando"), 1U);
}

TEST_P(Outbox, IsAskedToWaitAndWaits)
{
    fault(FaultKind::too_many);
    const auto accepted = answer("Ci stiamo lavorando.");
    house.run_for(5s);
    EXPECT_EQ(house.copies_on_platform("Ci stiamo"), 0U);
    house.run_for(70min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::published);
    EXPECT_EQ(house.copies_on_platform("Ci stiamo"), 1U);
}

TEST_P(Outbox, AReplyInTheUndoWindowCanBeTakenBack)
{
    const auto accepted = answer("Troppo in fretta", 10s);
    house.run_for(5s);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::queued);
    ASSERT_TRUE(house.run(house.engine->outbox().cancel(accepted->id, house.as(1))));
    house.run_for(1min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::cancelled);
    EXPECT_EQ(house.copies_on_platform("Troppo in fretta"), 0U);
    EXPECT_EQ(house.ticket(ticket.id).last_text, ticket.last_text) << "the list shows the customer's words again";
    EXPECT_EQ(house.ticket(ticket.id).message_count, ticket.message_count);
    const auto late = answer("Va bene", 0s);
    house.run_for(1min);
    EXPECT_FALSE(house.run(house.engine->outbox().cancel(late->id, house.as(1)))) << "it is published";
}

TEST_P(Outbox, AStaleReplyIsRefusedWithWhatWasMissed)
{
    const bool page = GetParam() == House::page;
    const auto root = ticket.root_id;
    house.customer_writes(GetParam(), page ? Kind::comment : Kind::mention, "Sara Greco", "@TIM_Sportello anzi, è tornata", root);
    house.run_for(1min);
    const auto stale = answer("Mandiamo un tecnico");
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().kind(), base::ErrorKind::conflict);
    ASSERT_EQ(stale.error().fields().size(), 1U);
    EXPECT_EQ(stale.error().fields()[0].pointer, "/last_seen");
}

TEST_P(Outbox, ACrashWhileSendingNeverSendsTwice)
{
    const auto first = answer("Prima risposta");
    for (int i = 0; i < 5; ++i) {
        fault(FaultKind::lost_answer);
        answer("Risposta numero " + std::to_string(i) + "!");
        house.run_for(base::Duration(std::chrono::milliseconds(house.random.below(3000))));
        house.crash_and_restart();
        house.run_for(base::Duration(std::chrono::seconds(house.random.below(40))));
    }
    house.run_for(2h);
    EXPECT_EQ(house.copies_on_platform("Prima risposta"), 1U);
    for (int i = 0; i < 5; ++i) EXPECT_LE(house.copies_on_platform("Risposta numero " + std::to_string(i) + "!"), 1U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM reply WHERE state NOT IN ('published', 'unknown', 'needs_decision')"), 0);
}

INSTANTIATE_TEST_SUITE_P(Platforms, Outbox, testing::Values(House::page, House::handle),
                         [](const auto& test) { return test.param == House::page ? "Facebook" : "X"; });

TEST(OutboxThread, ALongAnswerOnXIsANumberedThread)
{
    House house;
    house.start();
    house.customer_writes(House::handle, Kind::mention, "Sara Greco", "@TIM_Sportello cosa devo fare?");
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    std::string text;
    for (int i = 1; i <= 60; ++i) text += "Passo " + std::to_string(i) + " della procedura. ";
    engine::ReplyDraft draft;
    draft.text = text;
    const auto accepted = house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1)));
    ASSERT_TRUE(accepted) << accepted.error().what();
    house.run_for(5min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::published);
    const auto parts = house
                           .read([&](storage::Transaction& tx) -> base::Result<std::vector<domain::ReplyPart>> {
                               return storage::parts_of(tx, accepted->id);
                           })
                           .value();
    ASSERT_GT(parts.size(), 3U);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const simulator::Item* item = house.simulator.world().find(simulator::Platform::twitter, parts[i].platform_id);
        ASSERT_NE(item, nullptr);
        EXPECT_EQ(item->in_reply_to, parts[i - 1].platform_id) << "each part answers the one before";
    }
}

TEST(OutboxPrivate, AnswersPrivateMessagesOnBothPlatforms)
{
    House house;
    house.start();
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Il mio contratto?");
    house.customer_writes(House::handle, Kind::direct_message, "lucamarino", "Vi scrivo in privato");
    house.run_for(1min);
    for (const domain::Ticket& ticket : house.tickets()) {
        engine::ReplyDraft draft;
        draft.text = "Risposta privata " + std::to_string(ticket.id.value) + ".";
        draft.visibility = domain::Visibility::private_;
        const auto accepted = house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1)));
        ASSERT_TRUE(accepted) << accepted.error().what();
        house.run_for(1min);
        EXPECT_EQ(house.reply(accepted->id).state, Delivery::published) << house.reply(accepted->id).reason;
        EXPECT_EQ(house.copies_on_platform(draft.text), 1U);
        draft.visibility = domain::Visibility::public_;
        EXPECT_FALSE(house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1)))) << "what was private stays private";
    }
}

} // namespace
} // namespace sportello::test
