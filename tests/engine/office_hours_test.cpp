// Hours that change while tickets wait: by a supervisor's word, and by another configuration at the next start.
#include "support/house.hpp"

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/office_hours.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using base::Instant;
using test::at;
using test::House;

domain::CalendarSpec weekdays(const char* hours)
{
    domain::CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows(hours).value();
    return spec;
}

struct OfficeHours : testing::Test {
    House house{{.office_always_open = false, .agents = 1, .automatic_assignment = false}}; // Monday 2026-03-02, 10:00 in Rome
    const engine::Command chief{.actor = {.id = domain::AgentId{1}, .role = domain::Role::supervisor, .brands = {}},
                                .cause = {},
                                .idempotency_key = {},
                                .request_hash = {}};

    domain::TicketId ask(const std::string& who)
    {
        house.customer_writes(House::handle, simulator::Kind::mention, who, "@TIM_Sportello no line");
        EXPECT_TRUE(house.run(house.engine->poll_once("tim-x")));
        return domain::TicketId{house.count("SELECT max(id) FROM ticket")};
    }
    domain::Ticket ticket(domain::TicketId id)
    {
        return house.db->read_now([&](storage::Transaction& tx) { return storage::find_ticket(tx, id); }).value();
    }
    base::Result<std::vector<storage::OfficeException>> enter(const char* date, const char* hours)
    {
        engine::HoursDraft draft;
        draft.brands = {"tim"};
        draft.hours.date = domain::parse_date(date).value();
        if (*hours) draft.hours.windows = domain::parse_windows(hours).value();
        return house.run(house.engine->office_hours().add(draft, chief));
    }
    std::size_t replan() { return house.run(house.engine->office_hours().replan()).value(); }
};

TEST_F(OfficeHours, AClosurePlansOpenDeadlinesAnewAndLeavesWhatWasMeasured)
{
    const auto answered = ask("anna");
    const auto before = house.db->write_now([&](storage::Transaction& tx) -> base::Result<domain::Ticket> {
        auto found = storage::find_ticket(tx, answered);
        const auto unchanged = *found;
        domain::Message answer;
        answer.direction = domain::Direction::outbound;
        answer.at = house.clock.now() + 5min;
        domain::receive_own(*found, answer, {house.engine->settings().brand("tim")->calendar.get(), 1h}, house.clock.now());
        const auto saved = storage::save_ticket(tx, *found, &unchanged);
        if (!saved) return saved.error();
        return storage::find_ticket(tx, answered);
    });
    ASSERT_TRUE(before);
    ASSERT_TRUE(before->first_response_office_seconds);
    const auto waits = ask("bruno");
    EXPECT_EQ(replan(), 0u) << "the first look only takes note";
    const auto revision = ticket(answered).revision;

    ASSERT_TRUE(enter("2026-03-02", ""));
    EXPECT_EQ(replan(), 1u);
    EXPECT_EQ(ticket(waits).due_at, at("2026-03-03T09:00:00Z"));
    EXPECT_EQ(ticket(answered).first_response_office_seconds, before->first_response_office_seconds);
    EXPECT_EQ(ticket(answered).revision, revision);
    EXPECT_EQ(replan(), 0u) << "once";
}

TEST_F(OfficeHours, WhatWasEnteredOutlivesACrash)
{
    const auto waits = ask("anna");
    ASSERT_TRUE(enter("2026-03-02", "09:00-10:15"));
    house.crash_and_restart();
    EXPECT_EQ(house.engine->settings().brand("tim")->calendar->next_close(house.clock.now()), at("2026-03-02T09:15:00Z"));
    house.run_for(2s);
    EXPECT_EQ(ticket(waits).due_at, at("2026-03-03T08:45:00Z") + (ticket(waits).waiting_since.value() - at("2026-03-02T09:00:00Z")));
}

TEST_F(OfficeHours, OtherHoursInTheConfigurationPlanAnewAtTheNextStart)
{
    std::vector<domain::TicketId> tickets;
    for (int i = 0; i < 5; ++i) tickets.push_back(ask("person" + std::to_string(i)));
    replan();
    house.options.office_hours = weekdays("14:00-18:00");
    house.crash_and_restart();
    house.run_for(2s);
    for (const auto id : tickets) EXPECT_EQ(ticket(id).due_at, at("2026-03-02T14:00:00Z"));
    const auto events = house.count("SELECT count(*) FROM event WHERE type = 'ticket.replanned'");
    EXPECT_EQ(events, 5);
    house.crash_and_restart();
    house.run_for(2s);
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'ticket.replanned'"), events) << "the same hours: nothing to do";
}

TEST_F(OfficeHours, ACrashBetweenTwoBatchesLosesNoTicket)
{
    const auto first = ask("anna");
    const auto second = ask("bruno");
    replan();
    ASSERT_TRUE(enter("2026-03-02", ""));
    // As after a batch that ended with the first ticket, whose deadline is made recognizable here.
    house.run(house.engine->office_hours().replan()).value();
    house.db
        ->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            for (const auto id : {first, second}) {
                auto found = storage::find_ticket(tx, id);
                const auto unchanged = *found;
                found->due_at = at("2027-01-01T00:00:00Z");
                if (const auto saved = storage::save_ticket(tx, *found, &unchanged); !saved) return saved.error();
            }
            auto plan = storage::find_office_plan(tx, "tim").value();
            plan.after_ticket = first;
            storage::keep_office_plan(tx, "tim", plan);
            return {};
        })
        .value();
    house.crash_and_restart();
    house.run_for(2s);
    EXPECT_EQ(ticket(first).due_at, at("2027-01-01T00:00:00Z")) << "was done";
    EXPECT_EQ(ticket(second).due_at, at("2026-03-03T09:00:00Z"));
}

TEST_F(OfficeHours, AnOpeningOnAClosedDayHandsTheQueueOutAtOnce)
{
    House sunday{{.office_always_open = false, .agents = 1}};
    sunday.clock.set(at("2026-03-08T09:00:00Z"));
    sunday.start();
    sunday.customer_writes(House::handle, simulator::Kind::mention, "anna", "@TIM_Sportello no line");
    sunday.run_for(5min);
    ASSERT_EQ(sunday.count("SELECT count(*) FROM ticket WHERE assignee_id IS NULL"), 1);
    engine::HoursDraft draft;
    draft.brands = {"tim"};
    draft.hours = {domain::parse_date("2026-03-08").value(), domain::parse_windows("10:00-12:00").value()};
    ASSERT_TRUE(sunday.run(sunday.engine->office_hours().add(draft, chief)));
    sunday.run_for(2s);
    EXPECT_EQ(sunday.count("SELECT count(*) FROM ticket WHERE assignee_id IS NOT NULL"), 1);
    EXPECT_EQ(sunday.count("SELECT count(*) FROM ticket WHERE due_at = waiting_since + 3600000000"), 1)
        << "by the new hours it came while the office was open";
}

TEST(BrandCalendar, AnswersWhileItIsExchanged)
{
    const auto open = std::make_shared<const domain::Calendar>(domain::Calendar::always_open());
    const auto shut = std::make_shared<const domain::Calendar>(domain::Calendar::make({}).value());
    const engine::BrandCalendar calendar(open);
    const auto copy = calendar;
    std::thread other([&] {
        for (int i = 0; i < 2000; ++i) calendar.exchange(i % 2 == 0 ? shut : open);
    });
    const auto* held = calendar.get();
    for (int i = 0; i < 200; ++i) (void)copy->is_open(Instant{});
    EXPECT_TRUE(held->spec().time_zone == "UTC" || held->spec().time_zone == "Europe/Rome");
    other.join();
    EXPECT_EQ(copy.get(), open.get());
    EXPECT_EQ(copy.configured(), open);
}

} // namespace
} // namespace sportello
