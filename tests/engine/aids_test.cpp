#include "support/house.hpp"

#include <sportello/storage/messages.hpp>
#include <sportello/storage/ratings.hpp>

// Canned replies, macros, reminders, and the question after solving.
namespace sportello::test {
namespace {

using base::ErrorKind;
using domain::TicketStatus;
using simulator::Kind;
using storage::Aid;
using storage::AidKind;

HouseOptions asking()
{
    HouseOptions options{.automatic_assignment = false};
    options.settings = [](engine::Settings& settings) {
        for (auto& brand : settings.brands) {
            brand.rating.ask = true;
            brand.signature = "Il tuo team";
        }
    };
    return options;
}

class AtWork : public testing::Test {
protected:
    AtWork() : house(asking())
    {
        house.start();
        house.run_for(1s);
    }
    domain::TicketId ticket_of(const std::string& author, const std::string& text, Kind kind = Kind::direct_message)
    {
        writes(author, text, kind);
        return house.tickets().back().id;
    }
    void writes(const std::string& author, const std::string& text, Kind kind = Kind::direct_message)
    {
        house.customer_writes(House::handle, kind, author, text);
        house.run_for(2min); // private messages are read every 100 s at worst
    }
    std::int64_t make(AidKind kind, const std::string& name, const std::string& body, const std::string& brand = "")
    {
        Aid aid{.id = 0, .brand = brand, .language = "it", .name = name, .body = body, .updated_at = {}, .revision = 1};
        const auto made = house.run(house.engine->aids().create(kind, aid, house.as(1)));
        EXPECT_TRUE(made) << (made ? "" : made.error().what());
        return made ? made->id : 0;
    }
    std::int64_t macro(const engine::MacroActions& actions) { return make(AidKind::macro, "Risolto", engine::to_json(actions)); }
    auto apply(std::int64_t id, domain::TicketId ticket, std::string key = "")
    {
        return house.run(house.engine->aids().apply(id, ticket, std::nullopt, house.as(1, std::move(key))));
    }
    void solve(domain::TicketId ticket, TicketStatus status = TicketStatus::solved)
    {
        engine::TicketChange change;
        change.status = status;
        ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket, change, house.as(1))));
    }
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }
    std::int64_t in_state(const std::string& state) { return house.count("SELECT count(*) FROM rating WHERE state = '" + state + "'"); }

    House house;
};

TEST_F(AtWork, ACannedReplyIsExpandedOnceForItsTicket)
{
    const auto ticket = ticket_of("mara", "{{signature}}");
    const auto canned = make(AidKind::canned_reply, "Saluti",
                             "Gentile {{customer.handle}} (#{{ticket.id}}: {{ticket.subject}}), {{agent.name}} - {{signature}}");
    const auto expanded = house.run(house.engine->aids().expand(canned, ticket, house.as(1).actor));
    ASSERT_TRUE(expanded) << expanded.error().what();
    EXPECT_EQ(expanded->text, "Gentile mara (#1: {{signature}}), Agent 1 - Il tuo team");
    EXPECT_TRUE(expanded->missing.empty());
    const auto bad = house.run(house.engine->aids().create(
        AidKind::canned_reply,
        {.id = 0, .brand = "", .language = "", .name = "x", .body = "{{customer.iban}}", .updated_at = {}, .revision = 1}, house.as(1)));
    EXPECT_EQ(bad.error().fields().at(0).pointer, "/text");
}

TEST_F(AtWork, AMacroDoesAllItsStepsAndSaysWhich)
{
    const auto ticket = ticket_of("mara", "@TIM_Sportello la linea è giù", Kind::mention);
    engine::MacroActions actions;
    actions.take = true;
    actions.status = TicketStatus::solved;
    actions.priority = domain::Priority::low;
    actions.add_labels = {"guasto"};
    actions.note = "risolto da {{agent.name}}";
    actions.canned_reply = make(AidKind::canned_reply, "Risolto", "Ora funziona. {{signature}}");
    const auto id = macro(actions);
    const auto done = apply(id, ticket, "key");
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_EQ(done->done, (std::vector<std::string>{"taken by Agent 1", "priority low", "labels guasto", "a note", "the reply Risolto",
                                                    "status solved"}));
    house.run_for(1min);
    const auto after = house.ticket(ticket);
    EXPECT_EQ(after.status, TicketStatus::solved);
    EXPECT_EQ(after.status_reason, "by the macro Risolto");
    EXPECT_EQ(after.priority_why, "by the macro Risolto");
    EXPECT_EQ(after.assignee, domain::AgentId{1});
    EXPECT_TRUE(after.first_response_at);
    EXPECT_EQ(house.copies_on_platform("Ora funziona. Il tuo team"), 1U);
    EXPECT_EQ(apply(id, ticket, "key")->reply, done->reply) << "a repeat does nothing";
    EXPECT_EQ(events("ticket.macro_applied"), 1);
    EXPECT_EQ(house.count("SELECT count(*) FROM note WHERE text = 'risolto da Agent 1'"), 1);
}

TEST_F(AtWork, AMacroThatCannotDoOneStepDoesNone)
{
    const auto ticket = ticket_of("mara", "@TIM_Sportello la linea è giù", Kind::mention);
    engine::MacroActions actions;
    actions.priority = domain::Priority::urgent;
    actions.add_labels = {"guasto"};
    actions.note = "nota";
    actions.canned_reply = make(AidKind::canned_reply, "Privato", "Ciao");
    actions.visibility = domain::Visibility::private_; // this person has never written in private
    const auto before = house.ticket(ticket);
    const auto refused = apply(macro(actions), ticket);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
    const auto after = house.ticket(ticket);
    EXPECT_EQ(after.revision, before.revision);
    EXPECT_EQ(after.priority, before.priority);
    EXPECT_EQ(house.count("SELECT count(*) FROM note"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM ticket_label"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM reply"), 0);
}

TEST_F(AtWork, AReminderIsToldOnceAndFollowsItsTicket)
{
    const auto one = ticket_of("mara", "ciao");
    const auto two = ticket_of("bruno", "ciao");
    auto& aids = house.engine->aids();
    const auto at = house.clock.now() + 90s;
    EXPECT_EQ(house.run(aids.remind(one, house.clock.now(), "", house.as(1))).error().fields().at(0).pointer, "/at");
    const auto reminder = house.run(aids.remind(one, at, "richiamare", house.as(1)));
    ASSERT_TRUE(reminder);
    const auto other = house.run(aids.remind(two, at, "", house.as(1)));
    EXPECT_EQ(house.run(aids.forget(other->id, house.as(2))).error().kind(), ErrorKind::not_found) << "only one's own";
    ASSERT_TRUE(house.run(aids.forget(other->id, house.as(1))));
    ASSERT_TRUE(house.run(house.engine->regrouping().merge(one, two, house.as(1))));
    house.run_for(80s);
    EXPECT_EQ(events("ticket.reminder"), 0);
    house.run_for(15s);
    EXPECT_EQ(events("ticket.reminder"), 1) << "at its time, not when the clockwork looks next";
    EXPECT_EQ(house.count("SELECT ticket_id FROM event WHERE type = 'ticket.reminder'"), two.value);
    EXPECT_EQ(house.count("SELECT ticket_id FROM notification WHERE kind = 'reminder' AND agent_id = 1"), two.value)
        << "who was away finds it";
    house.run_for(1h);
    EXPECT_EQ(events("ticket.reminder"), 1);
}

TEST_F(AtWork, AfterSolvingTheCustomerIsAskedOnceInPrivate)
{
    const auto ticket = ticket_of("mara", "la bolletta è sbagliata");
    solve(ticket);
    const auto solved = house.ticket(ticket);
    house.run_for(29min);
    EXPECT_EQ(in_state("due"), 1);
    house.run_for(2min);
    ASSERT_EQ(in_state("asked"), 1) << "nothing else wakes whoever looks";
    house.run_for(13min);
    EXPECT_EQ(house.copies_on_platform("quanto sei soddisfatto della nostra assistenza? Rispondi con un solo numero. Il tuo team"), 1U);
    const auto asked = house.ticket(ticket);
    EXPECT_EQ(asked.first_response_at, solved.first_response_at) << "an automatic question is no answer";
    EXPECT_EQ(asked.status, TicketStatus::solved);
    EXPECT_EQ(asked.message_count, solved.message_count);
    writes("mara", "5!");
    EXPECT_EQ(in_state("given"), 1);
    EXPECT_EQ(house.count("SELECT score FROM rating"), 5);
    EXPECT_EQ(house.ticket(ticket).status, TicketStatus::solved) << "a rating is no matter of its own";
    EXPECT_EQ(house.tickets().size(), 1U);
    EXPECT_EQ(events("rating.given"), 1);
    writes("mara", "4");
    EXPECT_EQ(house.ticket(ticket).status, TicketStatus::open) << "nobody asked";
    solve(ticket);
    house.run_for(1h);
    EXPECT_EQ(house.count("SELECT count(*) FROM rating"), 1) << "once for a ticket";
}

TEST_F(AtWork, AnotherAnswerIsAMessageLikeAnyOther)
{
    const auto ticket = ticket_of("mara", "la bolletta è sbagliata");
    solve(ticket);
    house.run_for(45min);
    ASSERT_EQ(in_state("asked"), 1);
    writes("mara", "5 giorni e ancora niente");
    EXPECT_EQ(in_state("passed"), 1);
    EXPECT_EQ(house.ticket(ticket).status, TicketStatus::open);
    writes("mara", "3");
    EXPECT_EQ(in_state("given"), 0) << "only the next message counts";
}

TEST_F(AtWork, NobodyIsAskedInPublicOrAboutWhatWasReopened)
{
    const auto in_public = ticket_of("mara", "@TIM_Sportello la linea è giù", Kind::mention);
    const auto reopened = ticket_of("bruno", "ciao");
    solve(in_public);
    solve(reopened);
    house.run_for(10min);
    solve(reopened, TicketStatus::open);
    house.run_for(40min);
    EXPECT_EQ(in_state("not_asked"), 2);
    EXPECT_EQ(house.count("SELECT count(*) FROM reply"), 0);
    EXPECT_EQ(house.count("SELECT count(*) FROM rating WHERE why = 'the customer did not write in private about it'"), 1);
    solve(reopened);
    house.run_for(45min);
    EXPECT_EQ(in_state("asked"), 1) << "it was not asked before";
}

TEST(Ratings, NobodyIsAskedWhereTheBrandDoesNotWantIt)
{
    House house({.automatic_assignment = false});
    house.start();
    house.run_for(1s);
    house.customer_writes(House::handle, Kind::direct_message, "mara", "ciao");
    house.run_for(1min);
    engine::TicketChange solve;
    solve.status = TicketStatus::solved;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(house.tickets().at(0).id, solve, house.as(1))));
    house.run_for(2h);
    EXPECT_EQ(house.count("SELECT count(*) FROM rating"), 0);
}

} // namespace
} // namespace sportello::test
