#include "support/house.hpp"

#include <sportello/storage/links.hpp>
#include <sportello/storage/people.hpp>

// One person on two platforms: proposed by evidence, decided by a person, undone without loss.
namespace sportello::test {
namespace {

using base::ErrorKind;
using simulator::Kind;
using storage::ProposalState;

class PeopleLinked : public testing::Test {
protected:
    PeopleLinked() : house({.automatic_assignment = false})
    {
        house.start();
        house.run_for(1s);
    }
    void writes(const House::Account& account, const std::string& author, const std::string& text, Kind kind = Kind::direct_message)
    {
        house.customer_writes(account, kind, author, text);
        house.run_for(1min);
    }
    std::vector<storage::LinkProposal> proposals(ProposalState state = ProposalState::open)
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::vector<storage::LinkProposal>> {
                return storage::proposals_in(tx, state, 0, 100);
            })
            .value();
    }
    auto decide(std::int64_t id, bool accept) { return house.run(house.engine->people().decide(id, accept, house.as(1))); }
    House house;
};

TEST_F(PeopleLinked, TheSameNumberGivenInPrivateIsProposedOnceAndLinksNothing)
{
    writes(House::handle, "mara", "chiamatemi al 333 1234567");
    EXPECT_TRUE(proposals().empty());
    writes(House::page, "Mara Rossi", "+39 333.1234567, grazie");
    writes(House::page, "Mara Rossi", "ripeto: 3331234567");
    ASSERT_EQ(proposals().size(), 1U);
    EXPECT_EQ(proposals().at(0).kind, "phone");
    EXPECT_EQ(proposals().at(0).shown, "…4567");
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 2U);
    EXPECT_NE(tickets[0].customer, tickets[1].customer) << "never silently";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM event WHERE data LIKE '%4567%'"), 0);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM identity_clue WHERE digest LIKE '%333%1234567%'"), 0);
}

TEST_F(PeopleLinked, WhatIsWrittenInPublicIsNoEvidence)
{
    writes(House::handle, "mara", "@TIM_Sportello il contratto è 12345678", Kind::mention);
    writes(House::page, "Mara Rossi", "contratto 12345678", Kind::post);
    writes(House::page, "Altro", "contratto 12345678");
    EXPECT_TRUE(proposals().empty());
}

TEST_F(PeopleLinked, ANumberThatManyGiveIsNobodys)
{
    for (int i = 0; i < 9; ++i) writes(House::page, "Cliente " + std::to_string(i), "ho chiamato lo 06 12345678");
    EXPECT_LE(proposals().size(), 10U) << "of the first five at most";
}

TEST_F(PeopleLinked, AcceptedDismissedAndUndone)
{
    writes(House::handle, "mara", "codice cliente 12345678");
    writes(House::page, "Mara Rossi", "codice cliente 12345678");
    const auto id = proposals().at(0).id;
    const auto before = house.tickets();
    ASSERT_TRUE(decide(id, true));
    EXPECT_EQ(house.tickets()[0].customer, house.tickets()[1].customer);
    EXPECT_EQ(house.tickets()[1].customer, before[0].customer) << "the younger joins the older";
    EXPECT_EQ(decide(id, false).error().kind(), ErrorKind::conflict);
    writes(House::page, "Mara Rossi", "novità?");
    ASSERT_TRUE(house.run(house.engine->people().undo_decision(id, house.as(1))));
    EXPECT_EQ(house.tickets()[1].customer, before[1].customer);
    EXPECT_EQ(proposals().size(), 1U) << "open again";
    ASSERT_TRUE(decide(id, false));
    EXPECT_TRUE(proposals().empty());
    EXPECT_EQ(proposals(ProposalState::dismissed).at(0).decided_by, domain::AgentId{1});
    writes(House::page, "Mara Rossi", "codice cliente 12345678");
    EXPECT_TRUE(proposals().empty()) << "dismissed is dismissed";
}

TEST_F(PeopleLinked, MergesOfCustomersAreTakenBackInTheirOrder)
{
    for (const char* author : {"uno", "due", "tre"}) writes(House::page, author, "la linea è giù", Kind::post);
    const auto before = house.tickets();
    ASSERT_EQ(before.size(), 3U);
    const auto merge = [&](std::size_t from, std::size_t into) {
        return house.run(house.engine->people().merge(before[from].customer, before[into].customer, house.as(1)));
    };
    const auto undo = [&](std::size_t of) { return house.run(house.engine->people().undo_merge(before[of].customer, house.as(1))); };
    EXPECT_EQ(merge(0, 0).error().kind(), ErrorKind::invalid_input);
    ASSERT_TRUE(merge(0, 1));
    EXPECT_EQ(merge(0, 2).error().kind(), ErrorKind::conflict) << "it is another's already";
    ASSERT_TRUE(merge(1, 2));
    for (const auto& ticket : house.tickets()) EXPECT_EQ(ticket.customer, before[2].customer);
    EXPECT_EQ(undo(0).error().kind(), ErrorKind::conflict);
    ASSERT_TRUE(undo(1));
    ASSERT_TRUE(undo(0));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(house.tickets()[i].customer, before[i].customer);
    EXPECT_EQ(undo(0).error().kind(), ErrorKind::conflict);
}

} // namespace
} // namespace sportello::test
