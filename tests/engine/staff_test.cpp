// Who is there, who gets work, and what becomes of the work of those who are not.
#include "support/house.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/sessions.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace sportello::test {
namespace {

using domain::TicketStatus;
using simulator::Kind;

void many_write(House& house, int count, const std::string& who = "Cliente ")
{
    for (int i = 0; i < count; ++i) house.customer_writes(House::page, Kind::post, who + std::to_string(i), "La linea è giù");
}

/// A sign of life of these agents now.
void give_signs(House& house, const std::set<std::int64_t>& agents)
{
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        for (const std::int64_t agent : agents) {
            const std::string token = "session-of-" + std::to_string(agent);
            if (storage::find_session(tx, token)) {
                storage::touch_session(tx, token, house.clock.now());
                continue;
            }
            storage::insert_session(tx, {.token_hash = token,
                                         .agent = domain::AgentId{agent},
                                         .csrf_token = "x",
                                         .created_at = house.clock.now(),
                                         .last_seen_at = house.clock.now(),
                                         .expires_at = house.clock.now() + 24h * 30});
        }
        return {};
    };
    EXPECT_TRUE(house.db->write_now(unit));
}

void work(House& house, base::Duration time, const std::set<std::int64_t>& signed_in)
{
    for (base::Duration spent{}; spent < time; spent += 1min) {
        give_signs(house, signed_in);
        house.run_for(1min);
    }
}

std::map<std::int64_t, int> open_work(House& house)
{
    std::map<std::int64_t, int> load;
    for (const domain::Ticket& ticket : house.tickets()) {
        const bool open = ticket.status == TicketStatus::new_ || ticket.status == TicketStatus::open;
        if (open && ticket.assignee) ++load[ticket.assignee->value];
    }
    return load;
}

std::vector<nlohmann::json> events_of(House& house, const std::string& type)
{
    std::vector<nlohmann::json> found;
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        storage::events_since(tx, 0, 100'000, [&](const domain::Event& event) {
            if (event.type == type) found.push_back(nlohmann::json::parse(event.data));
        });
        return {};
    };
    EXPECT_TRUE(house.db->read_now(unit));
    return found;
}

std::vector<domain::ShiftEntry> week(const std::string& hours)
{
    std::vector<domain::ShiftEntry> entries;
    for (std::size_t day = 0; day < 5; ++day)
        entries.push_back(domain::read_shift_entry(domain::weekday_word(day), "shift", hours, "").value());
    return entries;
}

std::string login(std::int64_t agent)
{
    return "agent" + std::to_string(agent);
}

void set_available(House& house, std::int64_t agent, bool available)
{
    ASSERT_TRUE(house.run(house.engine->ticketing().set_availability(domain::AgentId{agent}, available, house.as(agent))));
}

TEST(Opening, NobodyWhoIsAbsentHoldsOpenWorkOneMinuteAfterIt)
{
    HouseOptions options{.office_always_open = false, .agents = 9};
    options.settings = [](engine::Settings& settings) {
        settings.assignment.absent_after = 10min;
        for (std::int64_t agent = 1; agent <= 9; ++agent)
            settings.rota.people.push_back({login(agent), week(agent == 4 ? "10:00-18:00" : "09:00-18:00")});
        settings.rota.people[0].entries.push_back(domain::read_shift_entry("2026-03-03", "sickness", "", "").value());
    };
    House house(std::move(options));
    house.clock.set(at("2026-03-02T15:00:00+01:00")); // a Monday
    house.start();
    const std::set<std::int64_t> all{1, 2, 3, 4, 5, 6, 7, 8, 9};
    give_signs(house, all);
    many_write(house, 18);
    work(house, 5min, all);
    EXPECT_EQ(open_work(house).size(), 9U) << "two each";
    house.clock.set(at("2026-03-02T17:50:00+01:00"));
    work(house, 12min, all);
    EXPECT_TRUE(open_work(house).empty()) << "the shift is over, and what waits waits for all";
    many_write(house, 12, "Di notte ");
    house.run_for(30min);
    EXPECT_TRUE(open_work(house).empty());

    house.clock.set(at("2026-03-03T08:40:00+01:00"));
    set_available(house, 2, false);
    const std::set<std::int64_t> there{5, 6, 7, 8, 9}; // 1 is ill, 2 not available, 3 not signed in, 4 comes at ten
    work(house, 21min, there);
    const auto load = open_work(house);
    for (const std::int64_t absent : {1, 2, 3, 4}) EXPECT_FALSE(load.contains(absent)) << "agent " << absent;
    ASSERT_EQ(load.size(), there.size());
    for (const auto& [agent, tickets] : load) EXPECT_EQ(tickets, 5) << "30 tickets among the seven who are expected; agent " << agent;
    // What is left is what is least urgent.
    base::Instant last_given{};
    base::Instant first_left = base::Instant::max();
    for (const domain::Ticket& ticket : house.tickets()) {
        if (ticket.assignee) last_given = std::max(last_given, ticket.due_at.value());
        else first_left = std::min(first_left, ticket.due_at.value());
    }
    EXPECT_LE(last_given, first_left);
    work(house, 10min, there);
    EXPECT_EQ(house.count("SELECT count(*) FROM ticket WHERE assignee_id IS NULL"), 0) << "ten minutes later nobody else is waited for";

    const auto missing = events_of(house, "agent.missing");
    std::set<std::int64_t> told;
    for (const auto& event : missing) {
        if (event.at("shift_from") == "2026-03-03T08:00:00Z") told.insert(event.at("agent").get<std::int64_t>());
    }
    EXPECT_EQ(told, (std::set<std::int64_t>{2, 3})) << "who is on shift and has not come";
    work(house, 20min, there);
    EXPECT_EQ(events_of(house, "agent.missing").size(), missing.size()) << "once for each shift";
}

TEST(Attendance, WorkOfWhoDisappearsGoesToOthersAndSaysWhy)
{
    HouseOptions options{.agents = 2};
    options.settings = [](engine::Settings& settings) { settings.assignment.absent_after = 10min; };
    House house(std::move(options));
    house.start();
    work(house, 15min, {1, 2});
    many_write(house, 4);
    work(house, 1min, {1, 2});
    ASSERT_EQ(open_work(house)[1], 2);
    work(house, 12min, {2});
    EXPECT_EQ(open_work(house), (std::map<std::int64_t, int>{{2, 4}}));
    const auto events = events_of(house, "ticket.assigned");
    const auto taken = std::count_if(events.begin(), events.end(), [](const auto& event) {
        return event.at("assignee").is_null() && event.at("from") == 1 &&
               event.at("why") == "taken back: Agent 1 has given no sign of life for 10 min";
    });
    EXPECT_EQ(taken, 2);
}

TEST(Attendance, OurOwnStopIsNobodysAbsence)
{
    HouseOptions options{.agents = 2};
    options.settings = [](engine::Settings& settings) { settings.assignment.absent_after = 10min; };
    House house(std::move(options));
    house.start();
    work(house, 2min, {1, 2});
    many_write(house, 2);
    work(house, 1min, {1, 2});
    house.clock.set(house.clock.now() + 2h);
    house.crash_and_restart();
    house.run_for(3min);
    EXPECT_EQ(open_work(house).size(), 2U) << "nobody could be seen in that time";
    house.run_for(10min);
    EXPECT_TRUE(open_work(house).empty());
}

TEST(Attendance, PendingStaysWithWhoIsAwayUntilTheCustomerAnswers)
{
    House house({.agents = 2});
    house.start();
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "La linea è giù");
    house.run_for(1min);
    const domain::Ticket ticket = house.tickets().front();
    const std::int64_t first = ticket.assignee.value().value;
    engine::ReplyDraft draft;
    draft.text = "Verifichiamo subito";
    draft.visibility = domain::Visibility::private_;
    ASSERT_TRUE(house.run(house.engine->outbox().accept(ticket.id, draft, house.as(first))));
    house.run_for(1min);
    ASSERT_EQ(house.ticket(ticket.id).status, TicketStatus::pending);
    set_available(house, first, false);
    house.run_for(45min);
    EXPECT_EQ(house.ticket(ticket.id).assignee.value().value, first) << "nothing is to be done";
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Ancora niente");
    house.run_for(1min);
    EXPECT_EQ(house.ticket(ticket.id).assignee.value().value, 3 - first);
}

TEST(Attendance, NobodyIsGivenWorkByHandWhoIsNotThere)
{
    House house({.agents = 2, .automatic_assignment = false});
    house.start();
    many_write(house, 1);
    house.run_for(1min);
    set_available(house, 2, false);
    engine::TicketChange give;
    give.assignee = domain::AgentId{2};
    const auto given = house.run(house.engine->ticketing().change(house.tickets().front().id, give, house.as(1)));
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().what(), "Agent 2 is not available");
    EXPECT_TRUE(house.run(house.engine->ticketing().change(house.tickets().front().id, give, house.as(2)))) << "who takes it is there";
}

TEST(Assignment, PrefersWhoAnsweredTheCustomerLast)
{
    House house({.agents = 3});
    house.start();
    house.customer_writes(House::handle, Kind::mention, "mara", "@TIM_Sportello la linea è giù");
    house.run_for(1min);
    const domain::Ticket first = house.tickets().front();
    engine::ReplyDraft draft;
    draft.text = "@mara verifichiamo subito";
    ASSERT_TRUE(house.run(house.engine->outbox().accept(first.id, draft, house.as(3))));
    house.run_for(1min);
    house.customer_writes(House::handle, Kind::mention, "mara", "@TIM_Sportello altra cosa: la bolletta");
    house.run_for(1min);
    const domain::Ticket second = house.tickets().back();
    ASSERT_NE(second.id, first.id);
    EXPECT_EQ(second.assignee.value().value, 3);
    EXPECT_EQ(second.assigned_why, "Agent 3 answered this customer before");
}

TEST(Assignment, GoesRoundAlsoAfterARestart)
{
    HouseOptions options{.agents = 3};
    options.settings = [](engine::Settings& settings) { settings.assignment.policy = domain::AssignmentPolicy::round_robin; };
    House house(std::move(options));
    house.start();
    for (int i = 0; i < 4; ++i) {
        house.customer_writes(House::page, Kind::post, "Cliente " + std::to_string(i), "La linea è giù");
        house.run_for(1min);
        if (i == 1) house.crash_and_restart();
    }
    std::vector<std::int64_t> turns;
    for (const domain::Ticket& ticket : house.tickets()) turns.push_back(ticket.assignee.value().value);
    EXPECT_EQ(turns, (std::vector<std::int64_t>{1, 2, 3, 1}));
}

TEST(Assignment, ALabelsSkillIsNeededAndDoesNotHoldUpTheOthers)
{
    HouseOptions options{.agents = 2};
    options.settings = [](engine::Settings& settings) { settings.assignment.handling = {{"adsl", 12min, "technical"}}; };
    House house(std::move(options));
    house.start();
    for (const std::int64_t agent : {1, 2}) set_available(house, agent, false);
    many_write(house, 3);
    house.run_for(1min);
    const domain::Ticket technical = house.tickets().front();
    engine::TicketChange label;
    label.labels = std::vector<std::string>{"adsl"};
    ASSERT_TRUE(house.run(house.engine->ticketing().change(technical.id, label, house.as(1))));
    set_available(house, 1, true);
    EXPECT_FALSE(house.ticket(technical.id).assignee);
    EXPECT_EQ(open_work(house)[1], 2);
    auto learn = [&](storage::Transaction& tx) -> base::Result<void> {
        auto agent = storage::find_agent(tx, domain::AgentId{2}).value();
        agent.skills = {"technical"};
        return storage::save_agent(tx, agent);
    };
    ASSERT_TRUE(house.db->write_now(learn));
    set_available(house, 2, true);
    EXPECT_EQ(house.ticket(technical.id).assigned_why, "most slack of 1 with room (0 open, 0 min of work); who can do technical");
}

TEST(Assignment, TheRoomThatThereIsGoesByUrgencyWhateverCameFirst)
{
    House house({.agents = 1, .capacity = 2});
    house.start();
    set_available(house, 1, false);
    many_write(house, 3);
    house.run_for(1min);
    const domain::Ticket last = house.tickets().back();
    engine::TicketChange urgent;
    urgent.priority = domain::Priority::urgent;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(last.id, urgent, house.as(1))));
    set_available(house, 1, true);
    EXPECT_TRUE(house.ticket(last.id).assignee);
    EXPECT_EQ(open_work(house)[1], 2);
}

TEST(Rota, ItsChangeTellsWhatIsUncoveredAndSoDoesFriday)
{
    House house({.office_always_open = false, .agents = 2});
    house.clock.set(at("2026-03-04T12:00:00+01:00")); // a Wednesday
    house.start();
    std::vector<domain::NamedRota> rota{{"agent1", week("09:00-13:00")}, {"agent2", week("13:00-17:30")}};
    ASSERT_TRUE(house.run(house.engine->rota().replace(rota, house.as(1))));
    ASSERT_EQ(events_of(house, "rota.changed").size(), 1U);
    auto told = events_of(house, "rota.uncovered");
    ASSERT_EQ(told.size(), 2U) << "this week and the next";
    EXPECT_EQ(told[0].at("week"), "2026-03-02");
    EXPECT_EQ(told[0].at("gaps").size(), 3U) << "Monday and Tuesday are over";
    EXPECT_EQ(told[1].at("gaps").at(0).at("from"), "2026-03-09T16:30:00Z");
    ASSERT_TRUE(house.run(house.engine->rota().replace(rota, house.as(1))));
    EXPECT_EQ(events_of(house, "rota.uncovered").size(), 2U) << "nothing new";
    house.clock.set(at("2026-03-06T08:00:00+01:00"));
    house.run_for(3h);
    EXPECT_EQ(events_of(house, "rota.uncovered").size(), 3U) << "once each Friday";
    EXPECT_EQ(events_of(house, "rota.uncovered").back().at("week"), "2026-03-09");
    engine::Actor actor;
    actor.id = domain::AgentId{1};
    const auto coverage = house.run(house.engine->rota().coverage(house.clock.now(), actor));
    ASSERT_TRUE(coverage);
    EXPECT_EQ(coverage->gaps.size(), 5U);
    const auto nobody = house.run(house.engine->rota().replace({{"nobody", {}}}, house.as(1)));
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().fields().at(0).pointer, "/items/0/agent");
}

} // namespace
} // namespace sportello::test
