#include "support/house.hpp"

namespace sportello::test {
namespace {

using simulator::Kind;

TEST(Intake, MakesATicketOfAPostOnFacebookAndOfAMentionOnX)
{
    House house;
    house.start();
    const std::string post = house.customer_writes(House::page, Kind::post, "Sara Greco", "La linea è giù da mezzogiorno");
    const std::string mention = house.customer_writes(House::handle, Kind::mention, "lucamarino", "@TIM_Sportello ADSL lenta");
    house.run_for(1min);
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 2U);
    for (const domain::Ticket& ticket : tickets) {
        EXPECT_EQ(ticket.brand, "tim");
        EXPECT_TRUE(ticket.assignee) << "the office is open and people are on shift";
        EXPECT_EQ(ticket.message_count, 1);
        ASSERT_TRUE(ticket.due_at);
        EXPECT_EQ(*ticket.due_at, ticket.first_inbound_at + 1h);
    }
}

TEST(Intake, RepeatedPollsChangeNothing)
{
    House house;
    house.start();
    house.customer_writes(House::page, Kind::post, "Sara Greco", "La linea è giù");
    house.run_for(1min);
    const std::int64_t events = house.count("SELECT COUNT(*) FROM event");
    house.run_for(30min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM event"), events);
}

TEST(Intake, PeopleUnderOnePostGetTheirOwnTicketsAndOnePersonOne)
{
    House house;
    house.start();
    const std::string root = house.customer_writes(House::page, Kind::post, "Anna Costa", "Guasto in via Roma?");
    const std::string comment = house.customer_writes(House::page, Kind::comment, "Bruno Neri", "Anche da me", root);
    house.run_for(1min);
    house.customer_writes(House::page, Kind::comment, "Bruno Neri", "Ancora niente", root);
    house.customer_writes(House::page, Kind::comment, "Anna Costa", "Allora?", comment);
    house.run_for(1min);
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 2U);
    EXPECT_EQ(tickets[0].message_count, 2);
    EXPECT_EQ(tickets[1].message_count, 2);
    EXPECT_NE(tickets[0].identity, tickets[1].identity);
    EXPECT_EQ(tickets[0].root_id, tickets[1].root_id);
}

/// Somebody answers a post that was never addressed to us: it is kept, so that the answer can be understood.
TEST(Intake, WhatIsAnsweredOnXIsContextAndOpensNoTicket)
{
    House house;
    house.start();
    const House::Account other{simulator::Platform::twitter, "TelecomItalia"};
    const std::string elsewhere = house.customer_writes(other, Kind::mention, "saragreco", "@TelecomItalia la linea e' giu'");
    house.customer_writes(House::handle, Kind::mention, "lucamarino", "@TIM_Sportello anche da me", elsewhere);
    house.run_for(1min);
    EXPECT_EQ(house.tickets().size(), 1U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 2);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE intake = 'context' AND ticket_id IS NULL"), 1);
}

TEST(Intake, WhatTheCompanyWritesOnThePlatformAnswersTheTicketAndOpensNone)
{
    House house;
    house.start();
    const std::string mention = house.customer_writes(House::handle, Kind::mention, "lucamarino", "@TIM_Sportello ADSL lenta");
    house.run_for(1min);
    house.customer_writes(House::handle, Kind::mention, "TIM_Sportello", "Buongiorno, verifichiamo", mention);
    house.run_for(1min);
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 1U);
    EXPECT_EQ(tickets[0].message_count, 2);
    EXPECT_TRUE(tickets[0].first_response_at);
    EXPECT_FALSE(tickets[0].waiting_since);
}

TEST(Intake, AnEditIsANewRevisionAndADeletionRemovesTheText)
{
    House house;
    house.start();
    const std::string post = house.customer_writes(House::page, Kind::post, "Sara Greco", "La linea e giu");
    const std::string mention =
        house.customer_writes(House::handle, Kind::mention, "lucamarino", "@TIM_Sportello il mio numero è 3331234567");
    house.run_for(1min);
    ASSERT_TRUE(house.simulator.world().edit(post, "La linea è giù", house.clock.now()));
    ASSERT_TRUE(house.simulator.world().erase(mention, house.clock.now()));
    house.run_for(5min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 2);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE text = 'La linea è giù' AND revision = 2"), 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE deleted_at IS NOT NULL AND text = ''"), 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE subject = '' AND last_text = ''"), 1) << "the ticket repeats it no more";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE subject = 'La linea è giù' AND last_text = 'La linea è giù'"), 1);
}

TEST(Intake, PrivateMessagesOfBothPlatformsAreTicketsOfTheirOwn)
{
    House house;
    house.start();
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Il mio contratto è 12345");
    house.customer_writes(House::handle, Kind::direct_message, "lucamarino", "Vi scrivo in privato");
    house.run_for(1min);
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 2U);
    for (const domain::Ticket& ticket : tickets) EXPECT_EQ(ticket.visibility, domain::Visibility::private_);
    house.run_for(10min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE deleted_at IS NOT NULL"), 0) << "looking for deletions leaves them alone";
}

TEST(Intake, ACrashBetweenPollsLosesAndDoublesNothing)
{
    House house;
    house.start();
    for (int i = 0; i < 40; ++i) {
        house.customer_writes(i % 2 ? House::page : House::handle, i % 2 ? Kind::post : Kind::mention, "Customer" + std::to_string(i % 7),
                              "@TIM_Sportello messaggio " + std::to_string(i));
        house.run_for(base::Duration(std::chrono::seconds(house.random.below(15))));
        if (i % 5 == 4) house.crash_and_restart();
    }
    house.run_for(2min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 40);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE ticket_id IS NULL"), 0);
}

} // namespace
} // namespace sportello::test
