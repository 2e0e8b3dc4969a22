#include "support/house.hpp"

#include <sportello/storage/messages.hpp>

#include <set>

// Which ticket a message goes to, over posts, private conversations and time.
namespace sportello::test {
namespace {

using domain::Delivery;
using domain::TicketStatus;
using domain::Visibility;
using simulator::Kind;

HouseOptions with(domain::ThreadingPolicy policy)
{
    HouseOptions options{.automatic_assignment = false};
    options.settings = [policy](engine::Settings& settings) {
        for (auto& brand : settings.brands) brand.threading = policy;
    };
    return options;
}

class Threads : public testing::Test {
protected:
    void open(HouseOptions options = {.automatic_assignment = false})
    {
        options.poll = 50s; // days pass in these
        options.recheck = 6h;
        house.emplace(std::move(options));
        house->start();
        house->run_for(1s);
    }
    std::string writes(const House::Account& account, Kind kind, const std::string& text, const std::string& to = "",
                       const std::string& author = "mara")
    {
        const auto id = house->customer_writes(account, kind, author, text, to);
        house->run_for(1min);
        return id;
    }
    domain::Reply answer(domain::TicketId ticket, const std::string& text, Visibility visibility,
                         std::optional<domain::RouteKind> route = std::nullopt)
    {
        engine::ReplyDraft draft;
        draft.text = text;
        draft.visibility = visibility;
        draft.route = route;
        const auto accepted = house->run(house->engine->outbox().accept(ticket, draft, house->as(1)));
        if (!accepted) throw std::runtime_error(accepted.error().what());
        house->run_for(1min);
        return house->reply(accepted->id);
    }
    void solve(domain::TicketId ticket)
    {
        engine::TicketChange solve;
        solve.status = TicketStatus::solved;
        ASSERT_TRUE(house->run(house->engine->ticketing().change(ticket, solve, house->as(1))));
    }
    std::vector<domain::Message> inbound(domain::TicketId ticket)
    {
        return house
            ->read([&](storage::Transaction& tx) -> base::Result<std::vector<domain::Message>> {
                return storage::inbound_messages_of(tx, ticket, 100);
            })
            .value();
    }
    std::optional<House> house;
};

TEST_F(Threads, WhatIsWrittenInPrivateAfterAnInvitationJoinsThePublicTicket)
{
    open();
    writes(House::handle, Kind::mention, "@TIM_Sportello la bolletta è sbagliata");
    const auto ticket = house->tickets().at(0).id;
    const auto invited = answer(ticket, "Scrivici qui: https://x.com/TIM_Sportello", Visibility::public_, domain::RouteKind::invitation);
    ASSERT_EQ(invited.state, Delivery::published) << invited.reason;
    writes(House::handle, Kind::direct_message, "il contratto è 12345678");
    house->run_for(2min); // X lets private messages be read once a minute only
    ASSERT_EQ(house->tickets().size(), 1U);
    EXPECT_EQ(house->ticket(ticket).status, TicketStatus::open);
    ASSERT_EQ(inbound(ticket).size(), 2U);
    EXPECT_EQ(inbound(ticket).at(0).visibility, Visibility::private_);
    EXPECT_EQ(inbound(ticket).at(1).visibility, Visibility::public_);

    // Each of the two is answered where it was written.
    const auto secret = answer(ticket, "Grazie, verifichiamo il contratto.", Visibility::private_);
    EXPECT_EQ(secret.route, domain::RouteKind::private_message);
    EXPECT_EQ(secret.state, Delivery::published) << secret.reason;
    const auto open_word = answer(ticket, "Ti abbiamo risposto in privato.", Visibility::public_);
    EXPECT_EQ(open_word.route, domain::RouteKind::public_reply);
    EXPECT_EQ(open_word.state, Delivery::published) << open_word.reason;
    EXPECT_EQ(open_word.target_id, inbound(ticket).at(1).platform_id);
    for (const auto& item : house->simulator.world().items()) {
        if (item.now().text.find("contratto") != std::string::npos) { EXPECT_EQ(item.kind, Kind::direct_message) << item.now().text; }
    }
    writes(House::handle, Kind::direct_message, "grazie");
    EXPECT_EQ(house->tickets().size(), 1U) << "the conversation goes on there";
    EXPECT_EQ(house->count("SELECT COUNT(*) FROM message WHERE reply_id IS NULL AND direction = 'outbound'"), 0);
}

TEST_F(Threads, APrivateAnswerToACommentIsAnInvitationToo)
{
    open();
    writes(House::page, Kind::post, "la linea è giù");
    const auto ticket = house->tickets().at(0).id;
    ASSERT_EQ(answer(ticket, "Ti scriviamo in privato.", Visibility::private_).state, Delivery::published);
    writes(House::page, Kind::direct_message, "eccomi");
    EXPECT_EQ(house->tickets().size(), 1U);
    EXPECT_EQ(inbound(ticket).size(), 2U);
    EXPECT_EQ(answer(ticket, "Qual è il numero?", Visibility::private_).state, Delivery::published);
}

TEST_F(Threads, WithoutAnInvitationPrivateAndPublicAreTwoMatters)
{
    domain::ThreadingPolicy policy;
    policy.join_open_within = 48h;
    open(with(policy));
    writes(House::handle, Kind::mention, "@TIM_Sportello la linea è giù");
    writes(House::handle, Kind::direct_message, "la bolletta è sbagliata");
    const auto tickets = house->tickets();
    ASSERT_EQ(tickets.size(), 2U);
    EXPECT_EQ(tickets[0].visibility, Visibility::public_);
    EXPECT_EQ(tickets[1].visibility, Visibility::private_);
}

TEST_F(Threads, ANewPostJoinsTheOpenTicketWithinTheBrandsTime)
{
    domain::ThreadingPolicy policy;
    policy.join_open_within = 2h;
    open(with(policy));
    writes(House::handle, Kind::mention, "@TIM_Sportello la linea è giù");
    house->run_for(1h);
    const auto second = writes(House::handle, Kind::mention, "@TIM_Sportello ancora niente");
    writes(House::handle, Kind::mention, "@TIM_Sportello anche qui", "", "bruno");
    ASSERT_EQ(house->tickets().size(), 2U);
    const auto ticket = house->tickets().at(0);
    EXPECT_EQ(ticket.message_count, 2);
    writes(House::handle, Kind::mention, "@TIM_Sportello e allora?", second);
    EXPECT_EQ(house->ticket(ticket.id).message_count, 3) << "what is said under the second post goes on there";
    const auto reply = answer(ticket.id, "Ci siamo.", Visibility::public_);
    EXPECT_EQ(reply.state, Delivery::published) << reply.reason;
    house->run_for(3h);
    writes(House::handle, Kind::mention, "@TIM_Sportello un'altra cosa");
    EXPECT_EQ(house->tickets().size(), 3U);
}

TEST_F(Threads, EveryPersonUnderOurPostHasATicketWithThePostAsContext)
{
    open();
    simulator::NewItem post;
    post.platform = House::page.first;
    post.account = House::page.second;
    post.kind = Kind::post;
    post.author = House::page.second;
    post.text = "Lavori sulla rete di Torino";
    const auto id = house->simulator.write(post).value();
    house->run_for(1min);
    for (int i = 0; i < 5; ++i) {
        house->customer_writes(House::page, Kind::comment, "Cliente " + std::to_string(i), "anche qui", id);
        house->customer_writes(House::page, Kind::comment, "Cliente " + std::to_string(i), "ancora", id);
    }
    house->run_for(1min);
    std::set<std::int64_t> people;
    for (const auto& ticket : house->tickets()) {
        people.insert(ticket.identity.value);
        EXPECT_EQ(ticket.message_count, 2);
        EXPECT_EQ(ticket.root_id, id);
    }
    EXPECT_EQ(people.size(), 5U);
    EXPECT_EQ(house->tickets().size(), 5U);
}

TEST_F(Threads, ASolvedTicketIsReopenedAndLaterFollowedUp)
{
    domain::ThreadingPolicy policy;
    policy.reopen_within = 24h;
    policy.close_solved_after = 0h;
    open(with(policy));
    const auto root = writes(House::handle, Kind::mention, "@TIM_Sportello la linea è giù");
    const auto first = house->tickets().at(0).id;
    solve(first);
    EXPECT_TRUE(house->ticket(first).solved_at);
    house->run_for(20h);
    writes(House::handle, Kind::mention, "@TIM_Sportello di nuovo", root);
    EXPECT_EQ(house->ticket(first).status, TicketStatus::open);
    EXPECT_EQ(house->ticket(first).status_reason, "the customer wrote again");
    EXPECT_FALSE(house->ticket(first).solved_at);
    solve(first);
    house->run_for(25h);
    writes(House::handle, Kind::mention, "@TIM_Sportello e ancora", root);
    ASSERT_EQ(house->tickets().size(), 2U);
    const auto second = house->tickets().at(1);
    EXPECT_EQ(second.follow_up_of, first);
    EXPECT_EQ(second.status, TicketStatus::new_);
    EXPECT_EQ(house->ticket(first).status, TicketStatus::solved);
    writes(House::handle, Kind::mention, "@TIM_Sportello ci siete?", root);
    EXPECT_EQ(house->tickets().size(), 2U);
    EXPECT_EQ(house->ticket(second.id).message_count, 2);
    EXPECT_EQ(
        house->count("SELECT COUNT(*) FROM ticket WHERE opened_why LIKE 'it takes up ticket #1 again, which was solved more than 1 day%'"),
        1);
}

TEST_F(Threads, TimeClosesWhatIsSolvedAndClosedIsFinal)
{
    domain::ThreadingPolicy policy;
    policy.reopen_within = 24h * 100;
    policy.close_solved_after = 48h;
    open(with(policy));
    const auto root = writes(House::handle, Kind::mention, "@TIM_Sportello la linea è giù");
    writes(House::handle, Kind::mention, "@TIM_Sportello un'altra", "", "bruno");
    const auto first = house->tickets().at(0).id;
    solve(first);
    house->run_for(47h);
    EXPECT_EQ(house->ticket(first).status, TicketStatus::solved);
    house->run_for(1h + 11min);
    const auto closed = house->ticket(first);
    EXPECT_EQ(closed.status, TicketStatus::closed);
    EXPECT_EQ(closed.status_reason, "closed by itself 2 days after it was solved");
    EXPECT_TRUE(closed.closed_at);
    EXPECT_EQ(house->count("SELECT COUNT(*) FROM event WHERE type = 'ticket.closed'"), 1);
    EXPECT_EQ(house->tickets().at(1).status, TicketStatus::new_) << "only what was solved";
    for (const auto status : {TicketStatus::open, TicketStatus::solved}) {
        engine::TicketChange change;
        change.status = status;
        EXPECT_EQ(house->run(house->engine->ticketing().change(first, change, house->as(1))).error().kind(), base::ErrorKind::conflict);
    }
    writes(House::handle, Kind::mention, "@TIM_Sportello di nuovo", root);
    EXPECT_EQ(house->ticket(first).status, TicketStatus::closed);
    EXPECT_EQ(house->tickets().at(2).follow_up_of, first);
}

TEST_F(Threads, ASubjectThatAPersonWordedOutlivesEdits)
{
    open();
    writes(House::page, Kind::post, "la linea è giù");
    const auto ticket = house->tickets().at(0).id;
    EXPECT_EQ(house->ticket(ticket).subject, "la linea è giù");
    engine::TicketChange change;
    change.subject = "Guasto";
    change.priority = domain::Priority::high;
    change.status = TicketStatus::on_hold;
    change.status_reason = "aspetta il tecnico";
    ASSERT_TRUE(house->run(house->engine->ticketing().change(ticket, change, house->as(1))));
    const auto changed = house->ticket(ticket);
    EXPECT_EQ(changed.priority_why, "set by Agent 1");
    EXPECT_EQ(changed.status_reason, "aspetta il tecnico");
    const auto message = inbound(ticket).at(0);
    for (const char* text : {"Guasto", "tutto bene"}) {
        ASSERT_TRUE(house->simulator.world().edit(message.platform_id, text, house->clock.now()));
        house->run_for(3min);
    }
    EXPECT_EQ(inbound(ticket).at(0).text, "tutto bene");
    EXPECT_EQ(house->ticket(ticket).subject, "Guasto");
    EXPECT_EQ(house->ticket(ticket).last_text, "tutto bene");
}

} // namespace
} // namespace sportello::test
