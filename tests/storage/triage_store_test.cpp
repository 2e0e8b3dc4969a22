// What rules have done and wait for, what was released, and what is to be done to messages.
#include "support.hpp"

#include <sportello/storage/message_actions.hpp>
#include <sportello/storage/personal_data.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/triage.hpp>

namespace sportello::storage::test {
namespace {

class TriageStore : public RepositoryTest {
protected:
    domain::TicketId ticket;

    void SetUp() override
    {
        RepositoryTest::SetUp();
        const auto identity = person("u1");
        ticket = write_for(*db, [&](Transaction& tx) { return insert_ticket(tx, ticket_of(tx, identity, "r"), "because"); });
    }
    std::vector<std::int64_t> listed(const TicketFilter& filter)
    {
        return read(*db, [&](Transaction& tx) {
            std::vector<std::int64_t> ids;
            for_each_ticket_row(tx, filter, std::nullopt, 10, [&](const TicketRow& row) { ids.push_back(row.id.value); });
            return ids;
        });
    }
};

TEST_F(TriageStore, ARuleFiresOnceOnAnOccasion)
{
    write(*db, [&](Transaction& tx) {
        EXPECT_TRUE(note_firing(tx, ticket, "r", "message:1", nine_oclock));
        EXPECT_FALSE(note_firing(tx, ticket, "r", "message:1", nine_oclock + 1h));
        EXPECT_TRUE(note_firing(tx, ticket, "r", "message:2", nine_oclock));
        EXPECT_TRUE(has_fired(tx, ticket, "r", "message:2"));
        forget_firing(tx, ticket, "r", "message:2");
        EXPECT_FALSE(has_fired(tx, ticket, "r", "message:2"));
        EXPECT_TRUE(has_fired(tx, ticket, "r", "message:1"));
    });
}

TEST_F(TriageStore, WhatIsDueComesInItsOrderAndOncePerRule)
{
    write(*db, [&](Transaction& tx) {
        plan_rule(tx, {ticket, "late", "received:1", nine_oclock, nine_oclock + 2h});
        plan_rule(tx, {ticket, "early", "received:1", nine_oclock, nine_oclock + 1h});
        EXPECT_EQ(next_rule_due(tx), nine_oclock + 1h);
        EXPECT_TRUE(rules_due(tx, nine_oclock + 59min).empty());
        const auto due = rules_due(tx, nine_oclock + 2h);
        ASSERT_EQ(due.size(), 2U);
        EXPECT_EQ(due[0].rule, "early");
        EXPECT_EQ(due[1].occasion, "received:1");
        plan_rule(tx, {ticket, "early", "received:2", nine_oclock + 1h, nine_oclock + 3h});
        EXPECT_EQ(find_rule_due(tx, ticket, "early")->occasion, "received:2");
        EXPECT_EQ(rules_due(tx, nine_oclock + 9h).size(), 2U);
        drop_rule_due(tx, ticket, "late");
        EXPECT_EQ(next_rule_due(tx), nine_oclock + 3h);
    });
}

TEST_F(TriageStore, AReaderKnowsItsPlace)
{
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(reader_place(tx, "rules"));
        move_reader(tx, "rules", 7);
        move_reader(tx, "rules", 9);
        EXPECT_EQ(reader_place(tx, "rules"), 9);
        forget_reader(tx, "rules");
        EXPECT_FALSE(reader_place(tx, "rules"));
    });
}

TEST_F(TriageStore, AProposalAndAReleaseAreKeptOnce)
{
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        propose_reply(tx, ticket, "sorry", "first", nine_oclock);
        propose_reply(tx, ticket, "sorry", "second", nine_oclock);
        ASSERT_EQ(proposals_of(tx, ticket).size(), 1U);
        EXPECT_EQ(proposals_of(tx, ticket)[0].rule, "first");
        EXPECT_TRUE(release_personal_data(tx, ticket, "d", "phone", anna, nine_oclock));
        EXPECT_FALSE(release_personal_data(tx, ticket, "d", "phone", anna, nine_oclock));
        EXPECT_EQ(released_personal_data(tx, ticket), (std::set<std::string, std::less<>>{"d"}));
    });
}

TEST_F(TriageStore, ALaterOrderReplacesTheOneThatWaits)
{
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        const auto message = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, item("m1", "text"), std::nullopt, nine_oclock).id;
        MessageAction action;
        action.message = message;
        action.ticket = ticket;
        action.channel = "tim_twitter";
        action.kind = "hide";
        action.agent = anna;
        action.next_try = action.asked_at = nine_oclock;
        const auto first = insert_message_action(tx, action);
        action.kind = "unhide";
        action.next_try = nine_oclock + 1h;
        const auto second = insert_message_action(tx, action);
        EXPECT_EQ(find_message_action(tx, first)->state, "replaced");
        EXPECT_EQ(last_action_of(tx, message)->id, second);
        EXPECT_TRUE(due_message_actions(tx, nine_oclock).empty());
        EXPECT_EQ(next_message_action(tx), nine_oclock + 1h);
        auto due = due_message_actions(tx, nine_oclock + 1h);
        ASSERT_EQ(due.size(), 1U);
        due[0].state = "done";
        due[0].ended_at = nine_oclock + 2h;
        save_message_action(tx, due[0]);
        EXPECT_FALSE(next_message_action(tx));
        set_hidden(tx, message, true);
        EXPECT_TRUE(find_message(tx, message)->hidden);
    });
}

TEST_F(TriageStore, ListsLeaveNoiseOutUnlessItIsAskedFor)
{
    const auto other = person("u2");
    const auto noise = write_for(*db, [&](Transaction& tx) {
        auto fresh = ticket_of(tx, other, "n");
        fresh.aside = "noise";
        return insert_ticket(tx, fresh, "because");
    });
    TicketFilter filter;
    EXPECT_EQ(listed(filter), std::vector<std::int64_t>{ticket.value});
    filter.aside = "noise";
    EXPECT_EQ(listed(filter), std::vector<std::int64_t>{noise.value});
    filter.aside = "spam";
    EXPECT_TRUE(listed(filter).empty());
    filter.aside.reset();
    filter.customer = read(*db, [&](Transaction& tx) { return find_identity(tx, other)->customer; });
    EXPECT_EQ(listed(filter), std::vector<std::int64_t>{noise.value}) << "of one customer all are shown";
    filter.aside = "spam";
    EXPECT_TRUE(listed(filter).empty());
}

} // namespace
} // namespace sportello::storage::test
