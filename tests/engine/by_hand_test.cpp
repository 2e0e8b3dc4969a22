#include "support/house.hpp"

#include <sportello/engine/routes.hpp>
#include <sportello/storage/by_hand.hpp>

namespace sportello::test {
namespace {

using domain::Delivery;
using simulator::Kind;

class ByHand : public testing::TestWithParam<House::Account> {
protected:
    House house;
    domain::Ticket ticket;
    std::string question;

    void SetUp() override
    {
        house.start();
        const bool page = GetParam() == House::page;
        question = house.customer_writes(GetParam(), page ? Kind::post : Kind::mention, "Sara Greco", "@TIM_Sportello la linea è giù");
        house.run_for(1min);
        ASSERT_EQ(house.tickets().size(), 1U);
        ticket = house.tickets().front();
    }
    base::Result<storage::ByHand> start(std::int64_t agent, const std::string& text = "Ci pensiamo noi.")
    {
        engine::HandDraft draft;
        draft.text = text;
        return house.run(house.engine->by_hand().start(ticket.id, draft, house.as(agent)));
    }
    /// Somebody of ours writes on the platform itself.
    void we_write(const std::string& text, const std::string& in_reply_to)
    {
        const bool page = GetParam() == House::page;
        house.customer_writes(GetParam(), page ? Kind::comment : Kind::mention, GetParam().second, text, in_reply_to);
    }
    std::optional<storage::ByHand> waiting()
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::optional<storage::ByHand>> {
                return storage::waiting_by_hand(tx, ticket.id);
            })
            .value();
    }
    std::vector<domain::Reply> replies()
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::vector<domain::Reply>> {
                return storage::replies_of_ticket(tx, ticket.id);
            })
            .value();
    }
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }
};

TEST_P(ByHand, OurPostReadBackEndsItStopsTheClockAndIsTheAgents)
{
    const auto started = start(2);
    ASSERT_TRUE(started) << started.error().what();
    EXPECT_EQ(started->target_id, question);
    EXPECT_FALSE(started->permalink.empty());
    house.run_for(5min);
    ASSERT_TRUE(waiting());
    const auto written_at = house.clock.now();
    we_write("Ci pensiamo noi, grazie.", question); // a person types it in other words
    house.run_for(1min);
    EXPECT_FALSE(waiting());
    const auto after = house.ticket(ticket.id);
    ASSERT_TRUE(after.first_response_at);
    EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(*after.first_response_at), std::chrono::floor<std::chrono::seconds>(written_at));
    EXPECT_FALSE(after.waiting_since);
    EXPECT_EQ(after.status, domain::TicketStatus::pending);
    ASSERT_EQ(replies().size(), 1U);
    EXPECT_EQ(replies().front().author.value, 2);
    EXPECT_EQ(replies().front().state, Delivery::published);
    EXPECT_EQ(replies().front().route, domain::RouteKind::by_hand);
    EXPECT_EQ(replies().front().text.find("Ci pensiamo noi, grazie.") != std::string::npos, true);
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'reply.published' AND actor_id = 2"), 1);
    EXPECT_EQ(events("message.written_elsewhere"), 0);
    house.run_for(2h);
    EXPECT_EQ(events("by_hand.unseen"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM delivery_attempt"), 0) << "nothing was sent from here";
}

TEST_P(ByHand, OnlyOneAtATimeAndItSurvivesACrash)
{
    ASSERT_TRUE(start(1));
    const auto second = start(2);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), base::ErrorKind::conflict);
    house.crash_and_restart();
    ASSERT_TRUE(waiting());
    EXPECT_EQ(waiting()->agent.value, 1);
    we_write("Fatto", question);
    house.run_for(1min);
    EXPECT_FALSE(waiting());
}

TEST_P(ByHand, TheAgentIsAskedAfterHalfAnHourAndMayGoOnWaitingOrGiveUp)
{
    ASSERT_TRUE(start(1));
    house.run_for(29min);
    EXPECT_EQ(events("by_hand.unseen"), 0);
    const auto revision = house.ticket(ticket.id).revision;
    house.run_for(2min);
    EXPECT_EQ(events("by_hand.unseen"), 1);
    EXPECT_TRUE(waiting()->asked_at);
    EXPECT_GT(house.ticket(ticket.id).revision, revision) << "the ticket shows it";
    ASSERT_TRUE(house.run(house.engine->by_hand().keep_waiting(ticket.id, house.as(1))));
    EXPECT_FALSE(waiting()->asked_at);
    house.run_for(31min);
    EXPECT_EQ(events("by_hand.unseen"), 2);
    ASSERT_TRUE(house.run(house.engine->by_hand().give_up(ticket.id, house.as(1))));
    EXPECT_FALSE(waiting());
    we_write("Dopo tutto", question);
    house.run_for(1min);
    EXPECT_EQ(events("message.written_elsewhere"), 1) << "as anything that we write outside Sportello";
    EXPECT_TRUE(replies().empty());
    EXPECT_FALSE(house.run(house.engine->by_hand().keep_waiting(ticket.id, house.as(1))));
}

TEST_P(ByHand, ANewQuestionMeanwhileGoesOnWaitingForItsAnswer)
{
    ASSERT_TRUE(start(1));
    house.run_for(1min);
    we_write("Ecco", question);
    house.run_for(5s);
    const bool page = GetParam() == House::page;
    house.customer_writes(GetParam(), page ? Kind::comment : Kind::mention, "Sara Greco", "@TIM_Sportello e il modem?", question);
    house.run_for(1min);
    EXPECT_FALSE(waiting());
    EXPECT_TRUE(house.ticket(ticket.id).waiting_since);
    EXPECT_TRUE(house.ticket(ticket.id).first_response_at);
}

INSTANTIATE_TEST_SUITE_P(Platforms, ByHand, testing::Values(House::page, House::handle),
                         [](const auto& test) { return test.param == House::page ? "Facebook" : "X"; });

TEST(ByHandUnderOnePost, EndsOnlyTheWaitOfThePersonAnswered)
{
    House house;
    house.start();
    const auto post = house.customer_writes(House::page, Kind::post, House::page.second, "Guasto in centro");
    const auto first = house.customer_writes(House::page, Kind::comment, "Sara Greco", "Anche da me", post);
    const auto second = house.customer_writes(House::page, Kind::comment, "Luca Marino", "Quando torna?", post);
    house.run_for(1min);
    ASSERT_EQ(house.tickets().size(), 2U);
    const auto tickets = house.tickets();
    for (const auto& ticket : tickets) {
        engine::HandDraft draft;
        draft.text = "Entro sera.";
        ASSERT_TRUE(house.run(house.engine->by_hand().start(ticket.id, draft, house.as(ticket.id.value))));
    }
    const auto waits = [&] { return house.count("SELECT count(*) FROM by_hand WHERE ended_at IS NULL"); };
    house.customer_writes(House::page, Kind::comment, House::page.second, "Aggiornamento: ci lavoriamo", post);
    house.run_for(1min);
    EXPECT_EQ(waits(), 2) << "a word to everybody answers nobody";
    house.customer_writes(House::page, Kind::comment, House::page.second, "Entro sera", second);
    house.run_for(1min);
    EXPECT_EQ(waits(), 1);
    EXPECT_EQ(house.count("SELECT count(*) FROM by_hand WHERE ended_at IS NULL AND target_id = '" + first + "'"), 1);
}

// ---- routes, from acceptance to sending ----

base::Result<domain::Reply> answer(House& house, domain::TicketId ticket, engine::ReplyDraft draft)
{
    return house.run(house.engine->outbox().accept(ticket, std::move(draft), house.as(1)));
}

TEST(OutboxRoutes, APrivateAnswerToACommentGoesOnce)
{
    for (const bool answer_is_lost : {false, true}) {
        House house;
        house.start();
        const auto post = house.customer_writes(House::page, Kind::post, House::page.second, "Novità");
        house.customer_writes(House::page, Kind::comment, "Sara Greco", "Il mio numero di contratto?", post);
        house.run_for(1min);
        ASSERT_EQ(house.tickets().size(), 1U);
        const auto ticket = house.tickets().front().id;
        if (answer_is_lost) {
            simulator::Fault fault;
            fault.platform = simulator::Platform::facebook;
            fault.endpoint = simulator::Endpoint::direct_message;
            fault.kind = simulator::FaultKind::cut_after;
            fault.count = 1;
            house.simulator.faults().add(fault);
        }
        engine::ReplyDraft draft;
        draft.text = "Ce lo scriva qui.";
        draft.visibility = domain::Visibility::private_;
        const auto accepted = answer(house, ticket, draft);
        ASSERT_TRUE(accepted) << accepted.error().what();
        EXPECT_EQ(accepted->route, domain::RouteKind::private_reply);
        house.run_for(10min);
        EXPECT_EQ(house.reply(accepted->id).state, Delivery::published) << house.reply(accepted->id).reason;
        EXPECT_EQ(house.copies_on_platform(draft.text), 1U);
        EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'message.written_elsewhere'"), 0);
        EXPECT_EQ(house.tickets().size(), 1U);
        draft.text = "E ancora";
        const auto again = answer(house, ticket, draft);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().fields().at(0).pointer, "/route");
        EXPECT_EQ(again.error().what(), "the one private answer to this comment has been used");
        draft.text = std::string(2500, 'a');
        draft.visibility = domain::Visibility::public_;
        EXPECT_TRUE(answer(house, ticket, draft)) << "in public as long as a comment may be";
    }
}

TEST(OutboxRoutes, AWindowThatClosesBeforeTheSendFailsTheReplyWithTheReason)
{
    House house({.poll = 10min, .recheck = 24h});
    house.start();
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Il mio contratto?");
    house.run_for(10min);
    const auto ticket = house.tickets().front();
    house.run_for(ticket.last_inbound_at + 24h - 90s - house.clock.now());
    engine::ReplyDraft draft;
    draft.text = "Eccolo.";
    draft.visibility = domain::Visibility::private_;
    draft.undo = 60s;
    const auto accepted = answer(house, ticket.id, draft);
    ASSERT_TRUE(accepted) << accepted.error().what();
    house.run_for(2min);
    EXPECT_EQ(house.reply(accepted->id).state, Delivery::failed);
    EXPECT_EQ(house.reply(accepted->id).reason, "Messenger's 24 hours after the person's last message are over");
    EXPECT_EQ(house.copies_on_platform("Eccolo."), 0U);
    EXPECT_TRUE(house.ticket(ticket.id).waiting_since) << "the customer still waits";
    const auto late = answer(house, ticket.id, draft);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), base::ErrorKind::conflict);
}

TEST(OutboxRoutes, OnXOnlyWhatNamesUsInItsAuthorsWordsIsAnswered)
{
    House house({.reply_rule = domain::ReplyRule::mentioned});
    house.start();
    const auto question = house.customer_writes(House::handle, Kind::mention, "saragreco", "@TIM_Sportello la linea è giù");
    house.run_for(1min);
    const auto ticket = house.tickets().front();
    engine::ReplyDraft draft;
    draft.text = "Verifichiamo.";
    const auto first = answer(house, ticket.id, draft);
    ASSERT_TRUE(first) << first.error().what();
    house.run_for(1min);
    const auto ours = house.reply(first->id).platform_id;
    ASSERT_FALSE(ours.empty());
    // X puts "@TIM_Sportello" in front of an answer to us by itself.
    house.customer_writes(House::handle, Kind::mention, "saragreco", "@TIM_Sportello ancora niente", ours);
    house.run_for(1min);
    draft.text = "Ancora un momento.";
    const auto second = answer(house, ticket.id, draft);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fields().at(0).pointer, "/route");
    draft.answers = ticket.last_inbound; // the question itself
    const auto to_question = answer(house, ticket.id, draft);
    ASSERT_TRUE(to_question) << to_question.error().what();
    EXPECT_EQ(to_question->target_id, question);
}

} // namespace
} // namespace sportello::test
