#include "support/house.hpp"
#include "support/test_seed.hpp"

#include <sportello/storage/messages.hpp>

#include <algorithm>
#include <random>
#include <tuple>

// Tickets merged, split, and put back as they were.
namespace sportello::test {
namespace {

using base::ErrorKind;
using domain::Delivery;
using domain::TicketId;
using domain::TicketStatus;
using domain::Visibility;
using simulator::Kind;

class Regroup : public testing::Test {
protected:
    Regroup() : house({.automatic_assignment = false})
    {
        house.start();
        house.run_for(1s);
    }
    std::string writes(const std::string& author, const std::string& text, const House::Account& account = House::handle,
                       const std::string& to = "")
    {
        const auto kind = account.first == simulator::Platform::facebook ? (to.empty() ? Kind::post : Kind::comment) : Kind::mention;
        const auto id = house.customer_writes(account, kind, author,
                                              account.first == simulator::Platform::twitter ? "@TIM_Sportello " + text : text, to);
        house.run_for(1min);
        return id;
    }
    TicketId newest() { return house.tickets().back().id; }
    auto merge(TicketId from, TicketId into) { return house.run(house.engine->regrouping().merge(from, into, house.as(1))); }
    auto undo_merge(TicketId id) { return house.run(house.engine->regrouping().undo_merge(id, house.as(1))); }
    auto split(TicketId id, std::vector<domain::MessageId> messages)
    {
        return house.run(house.engine->regrouping().split(id, std::move(messages), house.as(1)));
    }
    auto undo_split(TicketId id) { return house.run(house.engine->regrouping().undo_split(id, house.as(1))); }
    base::Result<domain::Reply> answer(TicketId ticket, const std::string& text, std::optional<domain::MessageId> to = std::nullopt)
    {
        engine::ReplyDraft draft;
        draft.text = text;
        draft.answers = to;
        auto accepted = house.run(house.engine->outbox().accept(ticket, draft, house.as(1)));
        house.run_for(1min);
        return accepted ? base::Result<domain::Reply>(house.reply(accepted->id)) : accepted;
    }
    void change(TicketId ticket, engine::TicketChange change)
    {
        ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket, std::move(change), house.as(1))));
    }
    std::vector<domain::Message> inbound(TicketId ticket)
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::vector<domain::Message>> {
                auto messages = storage::inbound_messages_of(tx, ticket, 100);
                std::ranges::reverse(messages);
                return messages;
            })
            .value();
    }
    /// All that people see of a ticket, and what is in it.
    std::string all_of(TicketId id)
    {
        const auto t = house.ticket(id);
        std::string all = std::to_string(id.value) + " " + std::string(to_string(t.status)) + " " + std::string(to_string(t.priority)) +
                          " " + t.subject + "|" + t.last_text + "|" + t.aside + "|" + t.status_reason + "|" + t.priority_why + "|" +
                          std::string(to_string(t.last_direction)) + "|" + std::to_string(t.message_count) + "|" +
                          std::to_string(t.last_inbound.value_or(domain::MessageId{}).value) + "|" +
                          std::to_string(t.first_response_office_seconds.value_or(-1));
        for (const auto& at :
             {std::optional(t.created_at), std::optional(t.first_inbound_at), std::optional(t.last_inbound_at), std::optional(t.last_at),
              t.waiting_since, t.due_at, t.first_response_at, t.snoozed_until, t.solved_at, t.closed_at}) {
            all += "|" + (at ? base::to_rfc3339(*at) : "-");
        }
        const auto list = [&](const std::string& sql) {
            (void)house.read([&](storage::Transaction& tx) -> base::Result<void> {
                static std::vector<std::unique_ptr<std::string>> kept; // statements live as long as the program
                kept.push_back(std::make_unique<std::string>(sql + std::to_string(id.value) + " ORDER BY 1"));
                tx.for_each(*kept.back(), [&](const storage::Row& row) { all += " " + row.string(0); });
                return {};
            });
        };
        list("SELECT 'm' || id FROM message WHERE ticket_id = ");
        list("SELECT 'r' || id FROM reply WHERE ticket_id = ");
        list("SELECT 'n' || id FROM note WHERE ticket_id = ");
        list("SELECT 'l' || label FROM ticket_label WHERE ticket_id = ");
        return all;
    }

    House house;
};

TEST_F(Regroup, AMergedTicketComesBackExactlyAsItWas)
{
    writes("mara", "la linea è giù");
    const auto one = newest();
    writes("mara", "e la bolletta è sbagliata");
    const auto two = newest();
    ASSERT_TRUE(answer(one, "Verifichiamo."));
    ASSERT_TRUE(house.run(house.engine->ticketing().add_note(one, "richiamare", house.as(1))));
    engine::TicketChange urgent;
    urgent.priority = domain::Priority::urgent;
    urgent.labels = {{"adsl", "guasto"}};
    change(one, urgent);
    engine::TicketChange labels;
    labels.labels = {{"guasto"}};
    labels.status = TicketStatus::on_hold;
    labels.status_reason = "aspetta il tecnico";
    change(two, labels);
    const auto before = std::pair(all_of(one), all_of(two));

    const auto into = merge(one, two);
    ASSERT_TRUE(into) << into.error().what();
    EXPECT_EQ(into->id, two);
    EXPECT_EQ(house.ticket(one).merged_into, two);
    EXPECT_EQ(house.ticket(one).status, TicketStatus::closed);
    EXPECT_EQ(house.ticket(one).aside, "merged");
    EXPECT_EQ(into->priority, domain::Priority::urgent);
    EXPECT_EQ(into->message_count, 3);
    EXPECT_EQ(into->status, TicketStatus::on_hold) << "nothing of the merged one waited";
    EXPECT_TRUE(into->first_response_at);
    EXPECT_EQ(inbound(two).size(), 2U);
    EXPECT_TRUE(inbound(one).empty());

    const auto back = undo_merge(one);
    ASSERT_TRUE(back) << back.error().what();
    EXPECT_EQ(std::pair(all_of(one), all_of(two)), before);
    EXPECT_EQ(undo_merge(one).error().kind(), ErrorKind::conflict);
}

TEST_F(Regroup, WhatTheCustomerWritesNextGoesToTheTargetAndBackWithTheRest)
{
    const auto root = writes("mara", "la linea è giù");
    const auto one = newest();
    writes("bruno", "anche da me");
    const auto two = newest();
    engine::TicketChange solved;
    solved.status = TicketStatus::solved;
    change(two, solved);
    ASSERT_TRUE(merge(one, two));
    EXPECT_EQ(house.ticket(two).status, TicketStatus::open) << "the merged one was waiting";
    writes("mara", "e adesso?", House::handle, root);
    EXPECT_EQ(inbound(two).size(), 3U);
    EXPECT_EQ(house.tickets().size(), 2U);
    ASSERT_TRUE(undo_merge(one));
    EXPECT_EQ(inbound(one).size(), 2U);
    EXPECT_EQ(inbound(two).size(), 1U);
    EXPECT_EQ(house.ticket(one).message_count, 2);
    EXPECT_EQ(house.ticket(one).status, TicketStatus::new_);
    EXPECT_EQ(house.ticket(two).status, TicketStatus::solved);
    EXPECT_FALSE(house.ticket(two).waiting_since);
    writes("mara", "ehi", House::handle, root);
    EXPECT_EQ(inbound(one).size(), 3U);
}

TEST_F(Regroup, EachMessageIsAnsweredThroughTheAccountThatWasAddressed)
{
    writes("mara", "la linea è giù");
    const auto on_x = newest();
    writes("Mara Rossi", "vi ho scritto anche di là", House::page);
    const auto on_facebook = newest();
    ASSERT_TRUE(merge(on_x, on_facebook));
    const auto messages = inbound(on_facebook);
    ASSERT_EQ(messages.size(), 2U);
    const auto first = answer(on_facebook, "Rispondiamo su X.", messages.at(0).id);
    ASSERT_TRUE(first) << first.error().what();
    EXPECT_EQ(first->channel, "tim-x");
    EXPECT_EQ(first->state, Delivery::published) << first->reason;
    const auto second = answer(on_facebook, "Rispondiamo su Facebook.", messages.at(1).id);
    ASSERT_TRUE(second) << second.error().what();
    EXPECT_EQ(second->channel, "tim-facebook");
    EXPECT_EQ(second->state, Delivery::published) << second->reason;
    EXPECT_EQ(house.copies_on_platform("Rispondiamo su X."), 1U);
    EXPECT_EQ(house.copies_on_platform("Rispondiamo su Facebook."), 1U);
}

TEST_F(Regroup, WhatWasAnsweredSinceStays)
{
    writes("mara", "la linea è giù");
    const auto one = newest();
    writes("mara", "e la bolletta");
    const auto two = newest();
    ASSERT_TRUE(merge(one, two));
    ASSERT_TRUE(answer(two, "Vediamo.", inbound(two).at(0).id));
    const auto refused = undo_merge(one);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what(), "what was moved was answered in ticket #" + std::to_string(two.value) + " since");
    writes("mara", "terza");
    const auto three = newest();
    ASSERT_TRUE(merge(three, two));
    ASSERT_TRUE(undo_merge(three)) << "nothing of this one was";
}

TEST_F(Regroup, MergesAreTakenBackInTheirOrder)
{
    std::vector<TicketId> tickets;
    for (int i = 0; i < 3; ++i) {
        writes("mara", "messaggio " + std::to_string(i));
        tickets.push_back(newest());
    }
    ASSERT_TRUE(merge(tickets[0], tickets[1]));
    ASSERT_TRUE(merge(tickets[1], tickets[2]));
    EXPECT_EQ(merge(tickets[0], tickets[2]).error().kind(), ErrorKind::conflict);
    const auto refused = undo_merge(tickets[0]);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what().find("take that back first"), std::string::npos) << refused.error().what();
    ASSERT_TRUE(undo_merge(tickets[1]));
    ASSERT_TRUE(undo_merge(tickets[0]));
    for (const auto ticket : tickets) EXPECT_EQ(inbound(ticket).size(), 1U);
}

TEST_F(Regroup, ASplitMakesATicketOfItsOwnAndCanBeTakenBack)
{
    const auto root = writes("mara", "la linea è giù");
    const auto ticket = newest();
    writes("mara", "inoltre la bolletta è sbagliata", House::handle, root);
    const auto first = inbound(ticket).at(0);
    ASSERT_TRUE(answer(ticket, "Controlliamo la linea.", first.id));
    const auto before = all_of(ticket);
    const auto bill = inbound(ticket).at(1);
    const auto made = split(ticket, {bill.id});
    ASSERT_TRUE(made) << made.error().what();
    EXPECT_EQ(made->status, TicketStatus::open);
    EXPECT_EQ(made->waiting_since, bill.at);
    EXPECT_NE(made->subject.find("bolletta"), std::string::npos);
    EXPECT_EQ(made->message_count, 1);
    EXPECT_EQ(house.ticket(ticket).message_count, 2);
    EXPECT_TRUE(house.ticket(ticket).first_response_at);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE opened_why = 'split from ticket #1 by Agent 1'"), 1);
    const auto reply = answer(made->id, "La bolletta è corretta.");
    ASSERT_TRUE(reply) << reply.error().what();
    EXPECT_EQ(reply->target_id, bill.platform_id);
    EXPECT_FALSE(undo_split(made->id)) << "it was answered";

    const auto again = split(ticket, {inbound(ticket).at(0).id});
    ASSERT_FALSE(again) << "nothing would stay behind";
    EXPECT_EQ(again.error().kind(), ErrorKind::invalid_input);
    (void)before;
}

TEST_F(Regroup, ASplitTakenBackLeavesNothingBehind)
{
    const auto root = writes("mara", "la linea è giù");
    const auto ticket = newest();
    writes("mara", "inoltre la bolletta è sbagliata", House::handle, root);
    const auto before = all_of(ticket);
    const auto made = split(ticket, {inbound(ticket).at(1).id});
    ASSERT_TRUE(made);
    const auto back = undo_split(made->id);
    ASSERT_TRUE(back) << back.error().what();
    EXPECT_EQ(back->id, ticket);
    EXPECT_EQ(all_of(ticket), before);
    EXPECT_EQ(house.ticket(made->id).merged_into, ticket);
    EXPECT_EQ(house.ticket(made->id).aside, "merged");
    writes("mara", "ci siete?", House::handle, root);
    EXPECT_EQ(inbound(ticket).size(), 3U);
}

TEST_F(Regroup, AnEditReachesTheTicketThatStandsAside)
{
    writes("Mara", "il mio numero è 333 1234567", House::page);
    const auto one = newest();
    writes("Mara", "la linea è giù", House::page);
    const auto two = newest();
    ASSERT_TRUE(merge(one, two));
    ASSERT_TRUE(house.simulator.world().erase(inbound(two).at(0).platform_id, house.clock.now()));
    house.run_for(5min);
    for (const auto& ticket : house.tickets()) {
        EXPECT_EQ(ticket.subject.find("333"), std::string::npos);
        EXPECT_EQ(ticket.last_text.find("333"), std::string::npos);
    }
}

TEST_F(Regroup, WhateverIsMergedAndTakenBackInReverseIsAsItWas)
{
    std::mt19937_64 random(test_seed(41));
    std::vector<std::string> roots;
    for (int i = 0; i < 5; ++i) roots.push_back(writes(i % 2 == 0 ? "mara" : "bruno", "questione " + std::to_string(i)));
    for (int i = 0; i < 6; ++i) {
        const auto which = random() % roots.size();
        writes(which % 2 == 0 ? "mara" : "bruno", "ancora " + std::to_string(i), House::handle, roots[which]);
    }
    const auto tickets = house.tickets();
    for (const auto& ticket : tickets) {
        if (random() % 2 == 0) { ASSERT_TRUE(answer(ticket.id, "risposta a " + std::to_string(ticket.id.value))); }
        engine::TicketChange change_it;
        change_it.labels = {{"l" + std::to_string(random() % 3)}};
        if (random() % 3 == 0) change_it.status = TicketStatus::solved;
        change(ticket.id, change_it);
    }
    const auto state = [&] {
        std::vector<std::string> all;
        for (const auto& ticket : tickets) all.push_back(all_of(ticket.id));
        return all;
    };
    for (int round = 0; round < 12; ++round) {
        const auto before = state();
        std::vector<TicketId> merged;
        for (int i = 0; i < 4; ++i) {
            const auto from = tickets[random() % tickets.size()].id;
            const auto into = tickets[random() % tickets.size()].id;
            if (merge(from, into)) merged.push_back(from);
        }
        for (auto one = merged.rbegin(); one != merged.rend(); ++one) {
            const auto back = undo_merge(*one);
            ASSERT_TRUE(back) << back.error().what();
        }
        ASSERT_EQ(state(), before) << "round " << round;
    }
}

} // namespace
} // namespace sportello::test
