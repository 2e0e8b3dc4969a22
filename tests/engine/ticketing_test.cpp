#include "support/house.hpp"

#include <sportello/storage/idempotency.hpp>

#include <set>

namespace sportello::test {
namespace {

using domain::TicketStatus;
using simulator::Kind;

void customers_write(House& house, int count, const std::string& text = "La linea è giù")
{
    for (int i = 0; i < count; ++i) house.customer_writes(House::page, Kind::post, "Cliente " + std::to_string(i), text);
}

TEST(Assignment, HandsNewTicketsOutEvenly)
{
    House house({.agents = 3});
    house.start();
    customers_write(house, 9);
    house.run_for(1min);
    std::map<std::int64_t, int> load;
    for (const domain::Ticket& ticket : house.tickets()) ++load[ticket.assignee.value().value];
    EXPECT_EQ(load.size(), 3U);
    for (const auto& [agent, tickets] : load) EXPECT_EQ(tickets, 3) << "agent " << agent;
}

TEST(Assignment, StopsAtEveryonesCapacityAndGoesOnWhenThereIsRoom)
{
    House house({.agents = 2, .capacity = 2});
    house.start();
    customers_write(house, 6);
    house.run_for(1min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NOT NULL"), 4);
    const domain::Ticket first = house.tickets().front();
    engine::TicketChange solve;
    solve.status = TicketStatus::solved;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(first.id, solve, house.as(1))));
    house.run_for(11min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NOT NULL AND status <> 'solved'"), 4);
}

TEST(Assignment, ABrandWithoutRoomDoesNotHoldUpTheOthers)
{
    House house({.agents = 2, .capacity = 1, .brand_for_each_channel = true});
    house.start();
    house.customer_writes(House::handle, Kind::mention, "prima", "@TIM_Sportello la linea è giù");
    customers_write(house, 30);
    house.run_for(1min);
    house.customer_writes(House::handle, Kind::mention, "seconda", "@TIM_Sportello la linea è giù");
    house.run_for(1min);
    ASSERT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NULL AND brand = 'tim'"), 29);
    ASSERT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NULL AND brand = 'impresa'"), 1);
    engine::TicketChange solve;
    solve.status = TicketStatus::solved;
    for (const domain::Ticket& ticket : house.tickets()) {
        if (ticket.brand != "impresa" || !ticket.assignee) continue;
        ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket.id, solve, house.as(2))));
    }
    house.run_for(11min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NULL AND brand = 'impresa'"), 0);
}

TEST(Assignment, KeepsTheNightsQueueForTheOpening)
{
    House house({.office_always_open = false, .agents = 2});
    house.clock.set(base::parse_rfc3339("2026-03-02T22:00:00Z").value()); // Monday night
    house.start();
    customers_write(house, 4);
    house.run_for(1h);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NOT NULL"), 0) << "nobody is there";
    for (const domain::Ticket& ticket : house.tickets()) {
        EXPECT_EQ(base::to_rfc3339(ticket.due_at.value()), "2026-03-03T09:00:00Z") << "an hour of office time after 9 in Rome";
    }
    house.run_for(9h + 1min); // past 08:00 in UTC, nine o'clock in Rome
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NOT NULL"), 4);
}

TEST(Taking, OneWinsAndTheOtherIsTold)
{
    House house({.agents = 2, .automatic_assignment = false});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    EXPECT_TRUE(house.run(house.engine->ticketing().take(ticket.id, house.as(1))));
    const auto second = house.run(house.engine->ticketing().take(ticket.id, house.as(2)));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), base::ErrorKind::conflict);
    EXPECT_EQ(house.ticket(ticket.id).assignee, domain::AgentId{1});
}

TEST(Taking, TheNextIsTheMostUrgentAndTheQueueEnds)
{
    House house({.agents = 1, .automatic_assignment = false});
    house.start();
    customers_write(house, 2);
    house.run_for(10min);
    house.customer_writes(House::page, Kind::post, "Ultima", "Urgente");
    house.run_for(1min);
    const domain::Ticket last = house.tickets().back();
    engine::TicketChange urgent;
    urgent.priority = domain::Priority::urgent;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(last.id, urgent, house.as(1))));
    std::set<std::int64_t> seen;
    for (int i = 0; i < 3; ++i) {
        const auto next = house.run(house.engine->ticketing().take_next(house.as(1)));
        ASSERT_TRUE(next);
        ASSERT_TRUE(*next);
        if (i == 0) { EXPECT_EQ((*next)->id, last.id) << "urgent first"; }
        seen.insert((*next)->id.value);
        engine::TicketChange solve;
        solve.status = TicketStatus::solved;
        ASSERT_TRUE(house.run(house.engine->ticketing().change((*next)->id, solve, house.as(1))));
    }
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_FALSE(house.run(house.engine->ticketing().take_next(house.as(1))).value()) << "all is answered";
}

TEST(Changing, ARevisionThatDiffersIsRefused)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    engine::TicketChange change;
    change.labels = std::vector<std::string>{"ADSL"};
    ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket.id, change, house.as(1), ticket.revision)));
    const auto late = house.run(house.engine->ticketing().change(ticket.id, change, house.as(1), ticket.revision));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), base::ErrorKind::conflict);
}

TEST(Changing, AnotherBrandsTicketIsNotThere)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    engine::Command stranger = house.as(1);
    stranger.actor.brands = {"impresa-semplice"};
    const auto taken = house.run(house.engine->ticketing().take(house.tickets().front().id, stranger));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind(), base::ErrorKind::not_found);
}

TEST(Snoozing, ComesBackAtItsTime)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    engine::TicketChange snooze;
    snooze.snoozed_until = std::optional(house.clock.now() + 3h);
    ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket.id, snooze, house.as(1))));
    house.run_for(3h - 10s);
    EXPECT_TRUE(house.ticket(ticket.id).snoozed_until);
    house.run_for(20s);
    EXPECT_FALSE(house.ticket(ticket.id).snoozed_until);
}

TEST(Handover, PassesTheTicketToThePhoneWithAReference)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    const auto handed = house.run(house.engine->phone_desk().hand_over(ticket.id, {"06 1234567", "Fibra tagliata", {}}, house.as(1, "h1")));
    ASSERT_TRUE(handed) << handed.error().what();
    EXPECT_EQ(handed->reference.size(), 8U);
    EXPECT_EQ(house.ticket(ticket.id).status, TicketStatus::on_hold);
    const auto again = house.run(house.engine->phone_desk().hand_over(ticket.id, {"06 1234567", "Fibra tagliata", {}}, house.as(1, "h1")));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->reference, handed->reference) << "the same key, the same hand-over";
}

TEST(Notes, AreKeptOnceForEachKey)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::TicketId id = house.tickets().front().id;
    const auto note = house.run(house.engine->ticketing().add_note(id, "  richiamare domani  ", house.as(1, "n1")));
    ASSERT_TRUE(note);
    EXPECT_EQ(note->text, "richiamare domani");
    ASSERT_TRUE(house.run(house.engine->ticketing().add_note(id, "  richiamare domani  ", house.as(1, "n1"))));
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM note"), 1);
    EXPECT_FALSE(house.run(house.engine->ticketing().add_note(id, "   ", house.as(1))));
}

TEST(Notes, OfAKeyThatAnotherNodeHasAnsweredMeanwhileAreAskedForAgain)
{
    House house({.agents = 1});
    house.start();
    customers_write(house, 1);
    house.run_for(1min);
    const domain::TicketId id = house.tickets().front().id;
    const auto write = [&] { return house.run(house.engine->ticketing().add_note(id, "richiamare domani", house.as(1, "n1"))); };
    ASSERT_TRUE(write());
    ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
        storage::keep_final_answer(tx, domain::AgentId{1}, "n1", {"n1", 201, R"({"id": 1})"}, house.clock.now());
        return {};
    }));
    const auto repeated = write();
    ASSERT_FALSE(repeated) << "its answer is no number of a note";
    EXPECT_EQ(repeated.error().kind(), base::ErrorKind::conflict);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM note"), 1);
}

} // namespace
} // namespace sportello::test
