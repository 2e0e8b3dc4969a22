#include "support/house.hpp"

#include <sportello/engine/mean.hpp>
#include <sportello/engine/office_hours.hpp>
#include <sportello/engine/targets.hpp>

namespace sportello::test {
namespace {

using domain::Priority;
using domain::TicketStatus;
using simulator::Kind;

struct Targets : testing::Test {
    static HouseOptions options()
    {
        HouseOptions options;
        options.agents = 1;
        options.automatic_assignment = false;
        options.office_always_open = false;
        options.poll = 30s; // days pass here
        options.poll_closed = 10min;
        options.recheck = 6h;
        options.settings = [](engine::Settings& settings) {
            domain::TargetOverride urgent;
            urgent.priority = Priority::urgent;
            urgent.first_response = 15min;
            domain::TargetOverride on_x;
            on_x.channel = "twitter";
            on_x.first_response = 30min;
            settings.brands.front().target_overrides = {urgent, on_x};
        };
        return options;
    }
    Targets() { house.clock.set(at("2026-03-02T09:00:00Z")); } // Monday, ten o'clock in Rome

    domain::Ticket written(const House::Account& account, Kind kind)
    {
        house.start();
        house.run_for(1s);
        house.customer_writes(account, kind, "mara", "la linea è giù");
        house.run_for(1min);
        return house.tickets().front();
    }
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }
    void answer(domain::TicketId id, domain::Visibility visibility)
    {
        engine::ReplyDraft draft;
        draft.text = "Eccoci.";
        draft.visibility = visibility;
        draft.confirm_duplicate = true;
        ASSERT_TRUE(house.run(house.engine->outbox().accept(id, draft, house.as(1))));
        house.run_for(1min);
    }

    House house{options()};
};

TEST_F(Targets, ComeFromChannelAndPriority)
{
    const auto ticket = written(House::handle, Kind::mention);
    EXPECT_EQ(*ticket.due_at - *ticket.waiting_since, 30min) << "a channel's own";
    EXPECT_EQ(ticket.resolution_due_at, at("2026-03-03T08:00:01Z")) << "of eight hours a second is left on Tuesday";
    engine::TicketChange urgent;
    urgent.priority = Priority::urgent;
    const auto changed = house.run(house.engine->ticketing().change(ticket.id, urgent, house.as(1)));
    ASSERT_TRUE(changed);
    EXPECT_EQ(*changed->due_at - *changed->waiting_since, 30min) << "the narrower counts: a channel before a priority";
}

TEST_F(Targets, APriorityPlansItsDeadlineAnewAndIsWarnedOfInTime)
{
    const auto ticket = written(House::page, Kind::post);
    EXPECT_EQ(*ticket.due_at - *ticket.waiting_since, 1h);
    engine::TicketChange urgent;
    urgent.priority = Priority::urgent;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(ticket.id, urgent, house.as(1))));
    EXPECT_EQ(*house.ticket(ticket.id).due_at - *ticket.waiting_since, 15min);
    house.run_for(9min);
    EXPECT_EQ(events("ticket.warned"), 0);
    house.run_for(3min);
    EXPECT_EQ(events("ticket.warned"), 1) << "the clockwork does not sleep beyond it";
    house.run_for(5min);
    EXPECT_EQ(events("ticket.breached"), 1);
    EXPECT_TRUE(house.ticket(ticket.id).breached_at);
    house.run_for(40min);
    EXPECT_EQ(events("ticket.warned") + events("ticket.breached"), 2) << "each once";
    house.crash_and_restart();
    house.run_for(30min);
    EXPECT_EQ(events("ticket.breached"), 1);
}

TEST_F(Targets, AnAnswerOnThePlatformItselfStopsTheClock)
{
    const auto ticket = written(House::page, Kind::post);
    house.run_for(20min);
    simulator::NewItem own;
    own.platform = House::page.first;
    own.account = House::page.second;
    own.kind = Kind::comment;
    own.author = House::page.second;
    own.text = "Eccoci!";
    own.in_reply_to = ticket.root_id;
    ASSERT_TRUE(house.simulator.write(own));
    house.run_for(2h);
    EXPECT_FALSE(house.ticket(ticket.id).waiting_since);
    EXPECT_NEAR(static_cast<double>(house.ticket(ticket.id).first_response_office_seconds.value()), 21 * 60, 60);
    EXPECT_EQ(events("ticket.warned"), 0);
    EXPECT_EQ(events("ticket.breached"), 0);
}

TEST_F(Targets, TheResolutionStandsStillWhileTheCustomerIsAwaited)
{
    const auto ticket = written(House::page, Kind::direct_message);
    house.run_for(10min);
    answer(ticket.id, domain::Visibility::private_);
    const auto answered = house.ticket(ticket.id);
    EXPECT_EQ(answered.status, TicketStatus::pending);
    EXPECT_FALSE(answered.resolution_running_since);
    EXPECT_NEAR(static_cast<double>(std::chrono::seconds(std::chrono::floor<std::chrono::seconds>(answered.resolution_spent)).count()), 660,
                60);
    house.run_for(24h);
    EXPECT_EQ(house.ticket(ticket.id).resolution_spent, answered.resolution_spent);
    EXPECT_EQ(events("ticket.breached"), 0);
}

TEST_F(Targets, AMessengerWindowIsADeadline)
{
    const auto ticket = written(House::page, Kind::direct_message);
    ASSERT_TRUE(ticket.route_ends_at);
    EXPECT_EQ(*ticket.route_ends_at, *ticket.waiting_since + 24h - 1min);
    house.run_for(10min);
    answer(ticket.id, domain::Visibility::private_);
    EXPECT_FALSE(house.ticket(ticket.id).route_ends_at) << "nobody waits";
    house.customer_writes(House::page, Kind::post, "bruno", "e io?");
    house.run_for(1min);
    EXPECT_FALSE(house.tickets().back().route_ends_at) << "a public answer has no end";
}

TEST_F(Targets, BeforeTheClosingOneSeesWhoseWaysToBeAnsweredShut)
{
    house.clock.set(at("2026-03-06T15:40:00Z")); // Friday, twenty to five
    const auto ticket = written(House::page, Kind::direct_message);
    EXPECT_EQ(events("ticket.route_closing"), 0);
    auto look = [&](storage::Transaction& tx) -> base::Result<std::vector<engine::ClosingRoute>> {
        return engine::closing_routes(tx, house.engine->settings(), "tim", house.clock.now(), std::nullopt, 10);
    };
    const auto found = house.read(look).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().ticket.id, ticket.id);
    EXPECT_EQ(found.front().closing.closes_at, at("2026-03-06T17:00:00Z"));
    EXPECT_EQ(found.front().closing.opens_at, at("2026-03-09T08:00:00Z"));
    EXPECT_NE(found.front().keeps.find("write again"), std::string::npos);
    house.run_for(25min); // past five
    EXPECT_EQ(events("ticket.route_closing"), 1);
    house.run_for(50min);
    EXPECT_EQ(events("ticket.route_closing"), 1) << "once";
    house.run_for(24h);
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'ticket.warned' AND data LIKE '%\"route\"%'"), 1);
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'ticket.breached' AND data LIKE '%\"route\"%'"), 1);
}

TEST_F(Targets, AClosureThatIsEnteredTellsWhoseWaysToBeAnsweredShut)
{
    const auto ticket = written(House::page, Kind::direct_message); // until ten o'clock on Tuesday
    engine::HoursDraft tuesday;
    tuesday.brands = {"tim"};
    tuesday.hours.date = domain::parse_date("2026-03-03").value();
    tuesday.note = "strike";
    ASSERT_TRUE(house.run(house.engine->office_hours().add(tuesday, house.as(1))));
    EXPECT_EQ(
        house.count("SELECT count(*) FROM event WHERE type = 'ticket.route_closing' AND ticket_id = " + std::to_string(ticket.id.value)),
        1);
}

TEST_F(Targets, WhatIsMissedLetsOthersGoFirstAndSaysSo)
{
    house.start();
    house.customer_writes(House::page, Kind::post, "prima", "la linea è giù");
    house.run_for(10min);
    house.customer_writes(House::page, Kind::post, "seconda", "la linea è giù");
    house.run_for(1min);
    const auto first = house.tickets().front().id;
    const auto second = house.tickets().back().id;
    const auto next = [&] {
        return house.run(house.engine->ticketing().next({.id = domain::AgentId{1}, .role = domain::Role::agent, .brands = {}})).value()->id;
    };
    EXPECT_EQ(next(), first);
    house.run_for(51min); // the first is missed, the second not yet
    EXPECT_TRUE(house.ticket(first).breached_at);
    EXPECT_EQ(next(), second);
    house.run_for(20min); // both are
    EXPECT_EQ(next(), first);
}

TEST_F(Targets, TheMeanIsUnderControl)
{
    const auto ticket = written(House::page, Kind::post);
    house.run_for(19min);
    answer(ticket.id, domain::Visibility::public_);
    house.customer_writes(House::page, Kind::post, "bruno", "e io?");
    house.run_for(10min);
    auto look = [&](storage::Transaction& tx) -> base::Result<engine::MeanToday> {
        const std::array brands{&house.engine->settings().brands.front()};
        return engine::mean_today(tx, house.engine->settings(), brands, 1h, house.clock.now());
    };
    const auto today = house.read(look).value();
    ASSERT_TRUE(today.all.mean);
    EXPECT_NEAR(static_cast<double>(today.all.mean->count()) / 60e6, 20.5, 1.5);
    EXPECT_NEAR(static_cast<double>(today.all.budget.count()) / 60e6, 120 - 20.5 - 10, 3) << "two may take an hour each";
    EXPECT_EQ(today.all.budget, today.without_incidents.budget);
    EXPECT_TRUE(today.all.projected);
    EXPECT_EQ(today.all.projected_waiting, 0);
}

} // namespace
} // namespace sportello::test
