#include <sportello/domain/staffing.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <cmath>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Instant monday = base::parse_rfc3339("2026-03-02T00:00:00Z").value();

Calendar office(const char* hours = "09:00-18:00")
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows(hours).value();
    return Calendar::make(spec).value();
}

/// The same rate in every half hour of the week.
StaffingDemand steady(double each_half_hour, Duration handling)
{
    StaffingDemand demand;
    for (auto& day : demand.arrivals) day.fill(each_half_hour);
    demand.mean_handling = handling;
    return demand;
}

struct Played {
    std::vector<StaffingArrival> arrivals;
    std::vector<StaffingOutcome> outcomes;
    StaffingFigures figures;
};

Played played(const Calendar& calendar, const StaffingDemand& demand, const StaffingPeople& people, int weeks,
              const std::optional<StaffingOutage>& outage = std::nullopt, Duration target = 1h, std::uint64_t seed = 3)
{
    Played result;
    result.arrivals = draw_arrivals(calendar, demand, 0, outage, monday, weeks, seed);
    result.outcomes = play(calendar, target, result.arrivals, people);
    result.figures = figures_of(calendar, target, result.arrivals, result.outcomes, people, monday, monday + std::chrono::days(7) * weeks);
    return result;
}

TEST(Erlang, GivesTheFiguresOfTheTables)
{
    EXPECT_NEAR(erlang_c(8, 10), 0.4092, 1e-4);
    EXPECT_NEAR(erlang_c(1, 2), 1.0 / 3, 1e-12);
    EXPECT_NEAR(erlang_c(0.8, 1), 0.8, 1e-12) << "one server: its own load";
    EXPECT_NEAR(erlang_mean_wait(8, 10), 0.4092 / 2, 1e-4);
    EXPECT_EQ(erlang_c(5, 5), 1);
    EXPECT_TRUE(std::isinf(erlang_mean_wait(6, 5)));
}

struct Load {
    int agents;
    double each_half_hour;
    int weeks; ///< few servers wait in long waves: more weeks
};

class AgainstErlang : public testing::TestWithParam<Load> {};

TEST_P(AgainstErlang, AnOfficeThatNeverClosesIsTheModelMMn)
{
    const auto [agents, rate, weeks] = GetParam();
    const Duration handling = 6min;
    const double offered = rate * 360 / 1800;
    // Who may have one ticket gets the next when free: one queue for all, as Erlang has it.
    const auto result = played(Calendar::always_open(), steady(rate, handling), {.agents = agents, .capacity = 1}, weeks);
    const double wait = erlang_mean_wait(offered, agents) * 360;
    EXPECT_NEAR(result.figures.mean_wait_seconds, wait, 0.1 * wait);
    EXPECT_NEAR(result.figures.mean_seconds, wait + 360, 0.05 * (wait + 360));
    EXPECT_NEAR(result.figures.occupancy, offered / agents, 0.02);
    std::int64_t soon = 0;
    for (std::size_t i = 0; i < result.arrivals.size(); ++i) soon += *result.outcomes[i].begun - result.arrivals[i].at <= 3min;
    const double level = 1 - erlang_c(offered, agents) * std::exp(-(agents - offered) * 180 / 360);
    EXPECT_NEAR(static_cast<double>(soon) / static_cast<double>(result.arrivals.size()), level, 0.02) << "share begun within three minutes";
    RecordProperty("arrivals", static_cast<int>(result.arrivals.size()));
}

INSTANTIATE_TEST_SUITE_P(Loads, AgainstErlang, testing::Values(Load{1, 3.0, 30}, Load{3, 10.0, 6}, Load{5, 18.0, 6}),
                         [](const auto& test) { return "Of" + std::to_string(test.param.agents); });

TEST(Staffing, NothingIsBegunOutsideTheHoursAndNobodyDoesTwoThingsAtOnce)
{
    const auto calendar = office("09:00-13:00, 14:00-18:00");
    const auto result = played(calendar, steady(1.5, 8min), {.agents = 3}, 3);
    ASSERT_GT(result.arrivals.size(), 1000u);
    std::vector<std::pair<Instant, int>> steps;
    for (std::size_t i = 0; i < result.arrivals.size(); ++i) {
        const auto& outcome = result.outcomes[i];
        ASSERT_TRUE(outcome.begun) << i;
        EXPECT_TRUE(calendar.is_open(*outcome.begun));
        EXPECT_GE(*outcome.begun, result.arrivals[i].at);
        EXPECT_EQ(*outcome.answered - *outcome.begun, result.arrivals[i].handling);
        steps.emplace_back(*outcome.begun, 1);
        steps.emplace_back(*outcome.answered, -1);
    }
    std::ranges::sort(steps);
    int at_work = 0;
    for (const auto& [at, step] : steps) {
        at_work += step;
        EXPECT_LE(at_work, 3);
    }
}

TEST(Staffing, OnlyWhoIsOnDutyWorks)
{
    WeekTable<int> on_duty{};
    for (auto& day : on_duty) std::fill(day.begin() + 18, day.begin() + 36, 1);
    for (auto& day : on_duty) std::fill(day.begin() + 20, day.begin() + 24, 3); // 10 to 12
    const auto calendar = office();
    const auto result = played(calendar, steady(0.6, 10min), {.agents = 3, .on_duty = on_duty}, 3);
    for (std::size_t i = 0; i < result.arrivals.size(); ++i) {
        ASSERT_TRUE(result.outcomes[i].begun);
        int others = 0;
        const auto begun = *result.outcomes[i].begun;
        for (const auto& other : result.outcomes) others += *other.begun < begun && begun < *other.answered;
        const auto hour = calendar.local_time(begun) / 1h;
        if (hour < 10 || hour > 12) { EXPECT_LE(others, 0) << base::to_rfc3339(begun); }
        EXPECT_LE(others, 2);
    }
    EXPECT_GT(result.figures.occupancy, 0.4);
}

TEST(Staffing, NobodyOnDutyEndsAllTheSame)
{
    const auto result = played(office(), steady(0.6, 10min), {.agents = 3, .on_duty = WeekTable<int>{}}, 1);
    EXPECT_EQ(result.figures.answered, 0);
    EXPECT_GT(result.figures.arrivals, 0);
    EXPECT_EQ(played(Calendar::make({}).value(), steady(0.6, 10min), {.agents = 3}, 1).figures.answered, 0) << "an office that never opens";
}

TEST(Staffing, MorePeopleAreNeverSlowerAndTheSameSeedIsTheSameOffice)
{
    const auto calendar = office();
    double before = 1e18;
    for (int agents = 2; agents <= 6; ++agents) {
        const auto figures = played(calendar, steady(2.5, 6min), {.agents = agents}, 4).figures;
        EXPECT_LT(figures.mean_seconds, before) << agents;
        before = figures.mean_seconds;
        EXPECT_EQ(played(calendar, steady(2.5, 6min), {.agents = agents}, 4).figures.mean_seconds, figures.mean_seconds);
    }
}

TEST(Staffing, WhatComesAtNightCostsNoOfficeTimeBeforeTheOpening)
{
    StaffingDemand demand;
    demand.arrivals[0][4] = 20; // Monday from two to half past two
    demand.handling = {5min};
    const auto result = played(office(), demand, {.agents = 100}, 4);
    EXPECT_EQ(result.figures.mean_seconds, 300);
    EXPECT_EQ(result.figures.inside_target, 1);
}

TEST(Staffing, AnOutageIsSeenOnItsDayAndNotBefore)
{
    const auto calendar = office();
    const StaffingOutage outage{.weekday = 2, .at = 10h, .messages = 300};
    const StaffingPeople people{.agents = 5};
    const auto quiet = played(calendar, steady(1, 6min), people, 2);
    const auto loud = played(calendar, steady(1, 6min), people, 2, outage);
    EXPECT_GT(loud.arrivals.size(), quiet.arrivals.size() + 500);
    const auto of_day = figures_of(calendar, 1h, loud.arrivals, loud.outcomes, people, monday, monday + std::chrono::days(14), true);
    EXPECT_GT(of_day.arrivals, 600);
    EXPECT_GT(of_day.mean_seconds, 4 * quiet.figures.mean_seconds);
    EXPECT_LT(of_day.inside_target, 0.6);
    std::int64_t before = 0;
    for (const auto& arrival : loud.arrivals) before += arrival.outage_day && calendar.local_time(arrival.at) < 10h;
    EXPECT_EQ(before, 0);
}

TEST(Staffing, TheSquareRootRuleHasSomebodyThereWheneverItIsOpen)
{
    const auto calendar = office();
    const auto people = square_root_staffing(calendar, steady(3, 10min), 0, 1h, 1);
    for (std::size_t weekday = 0; weekday < 7; ++weekday) {
        for (std::size_t slot = 0; slot < 48; ++slot) {
            const bool open = weekday < 5 && slot >= 18 && slot < 36;
            EXPECT_EQ(people[weekday][slot] > 0, open) << weekday << " " << slot;
        }
    }
    EXPECT_EQ(people[1][30], 2) << "a load of one, and one for the waves";
    EXPECT_GT(people[0][18], people[1][18]) << "Monday morning has the weekend's";
    EXPECT_GT(people[1][18], people[1][30]) << "every morning has the night's";
}

TEST(StaffingWords, ReadOpeningHours)
{
    const auto now = office().spec().weekly;
    const auto later = parse_week("08:00-20:00", now);
    ASSERT_TRUE(later);
    EXPECT_EQ(later->at(0), parse_windows("08:00-20:00").value());
    EXPECT_TRUE(later->at(5).empty());
    const auto week = parse_week("mon-fri 08:00-13:00, 14:00-18:00; Saturday 09:00-13:00", now);
    ASSERT_TRUE(week);
    EXPECT_EQ(week->at(4).size(), 2u);
    EXPECT_EQ(week->at(5).size(), 1u);
    EXPECT_TRUE(week->at(6).empty());
    EXPECT_EQ(parse_week("fri-mon 10:00-12:00", now)->at(0).size(), 1u);
    EXPECT_TRUE(parse_week("fri-mon 10:00-12:00", now)->at(1).empty());
    for (const char* wrong : {"", "always", "mon", "mon-", "someday 08:00-09:00", "mon 8-9", "08:00-08:00"}) {
        EXPECT_FALSE(parse_week(wrong, now)) << wrong;
    }
    EXPECT_FALSE(parse_week("08:00-20:00", {})) << "no weekday is open";
}

TEST(StaffingWords, ReadAnOutage)
{
    const auto outage = parse_outage("5000@fri-16:30");
    ASSERT_TRUE(outage);
    EXPECT_EQ(outage->messages, 5000);
    EXPECT_EQ(outage->weekday, 4u);
    EXPECT_EQ(outage->at, 16h + 30min);
    EXPECT_EQ(parse_outage("500@10:00")->weekday, 1u);
    for (const char* wrong :
         {"", "500", "@10:00", "-5@10:00", "500@25:00", "500@24:00", "500@someday-10:00", "1e9@10:00", "99999999@10:00"}) {
        EXPECT_FALSE(parse_outage(wrong)) << wrong;
    }
}

} // namespace
} // namespace sportello::domain
