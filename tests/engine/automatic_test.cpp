#include "../../src/engine/automatic.hpp"
#include "support/house.hpp"

namespace sportello::test {
namespace {

using domain::Delivery;
using simulator::Kind;

struct Automatic : testing::Test {
    House house{{.agents = 1, .automatic_assignment = false}};

    domain::Ticket ticket_of(const House::Account& account, Kind kind)
    {
        house.start();
        house.run_for(1s);
        house.customer_writes(account, kind, "mara", "la linea è giù");
        house.run_for(1min);
        return house.tickets().front();
    }
    base::Result<domain::Reply> send(const domain::Ticket& ticket, engine::AutomaticDraft draft)
    {
        draft.purpose = "test";
        auto unit = [&](storage::Transaction& tx) {
            return engine::enqueue_automatic(tx, house.engine->settings(), ticket, draft, house.clock.now());
        };
        return house.db->write_now(unit);
    }
};

TEST_F(Automatic, LeavesAtOnceAndAnswersNothing)
{
    const auto before = ticket_of(House::page, Kind::direct_message);
    const auto reply = send(before, {.text = "Ci siamo domani."});
    ASSERT_TRUE(reply) << reply.error().what();
    house.run_for(5s);
    EXPECT_EQ(house.reply(reply->id).state, Delivery::published) << "the outbox wakes with the commit";
    EXPECT_EQ(house.copies_on_platform("Ci siamo domani."), 1U);
    house.run_for(30min); // read back as well
    const auto after = house.ticket(before.id);
    EXPECT_EQ(after.waiting_since, before.waiting_since);
    EXPECT_EQ(after.due_at, before.due_at);
    EXPECT_FALSE(after.first_response_at);
    EXPECT_FALSE(after.assignee);
    EXPECT_EQ(after.status, domain::TicketStatus::new_);
    EXPECT_EQ(after.last_text, before.last_text);
    EXPECT_EQ(house.copies_on_platform("Ci siamo domani."), 1U);
}

TEST_F(Automatic, APersonsAnswerAfterItCounts)
{
    const auto before = ticket_of(House::page, Kind::direct_message);
    ASSERT_TRUE(send(before, {.text = "Ci siamo domani."}));
    house.run_for(10min);
    engine::ReplyDraft draft;
    draft.text = "Eccoci.";
    draft.visibility = domain::Visibility::private_;
    ASSERT_TRUE(house.run(house.engine->outbox().accept(before.id, draft, house.as(1))));
    house.run_for(1min);
    EXPECT_TRUE(house.ticket(before.id).first_response_at);
    EXPECT_FALSE(house.ticket(before.id).waiting_since);
}

TEST_F(Automatic, IsNotSentInPublic)
{
    const auto ticket = ticket_of(House::handle, Kind::mention);
    const auto refused = send(ticket, {.text = "Ci siamo domani."});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
    const auto command = house.as(1);
    EXPECT_TRUE(send(ticket, {.text = "Ci siamo.", .ordered_by = &command})) << "a person may order it";
}

TEST_F(Automatic, IsNotSentAfterItsTime)
{
    const auto ticket = ticket_of(House::page, Kind::direct_message);
    std::vector<std::string> channels{"tim-facebook"};
    ASSERT_TRUE(house.run(house.engine->pause_channels(channels, {.reading = false, .publishing = true}, true, house.as(1))));
    const auto reply = send(ticket, {.text = "Ci siamo domani.", .expires_at = house.clock.now() + 1h});
    ASSERT_TRUE(reply);
    house.run_for(2h);
    ASSERT_TRUE(house.run(house.engine->pause_channels(channels, {.reading = false, .publishing = true}, false, house.as(1))));
    house.run_for(1min);
    EXPECT_EQ(house.reply(reply->id).state, Delivery::failed);
    EXPECT_EQ(house.copies_on_platform("Ci siamo domani."), 0U);
}

TEST_F(Automatic, ItsAuthorIsNobodyInTheList)
{
    ticket_of(House::page, Kind::direct_message);
    auto everybody = [](storage::Transaction& tx) -> base::Result<std::size_t> { return storage::all_agents(tx).size(); };
    EXPECT_EQ(house.read(everybody).value(), 1U);
}

} // namespace
} // namespace sportello::test
