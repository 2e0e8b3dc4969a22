#include <sportello/domain/mean_control.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

DayFigures day()
{
    DayFigures figures;
    figures.people = 2;
    figures.handling = 10min;
    figures.since_opening = 4h;
    figures.until_closing = 4h;
    figures.promised = 1h;
    return figures;
}

TEST(MeanControl, CountsWhatIsLeftToSpend)
{
    auto figures = day();
    figures.answered = 10;
    figures.answered_in = 10 * Duration(30min);
    figures.waiting = {20min, 40min};
    figures.arrived = 0; // nothing more is expected
    const auto control = control_mean(figures);
    EXPECT_EQ(control.mean, 30min);
    EXPECT_EQ(control.budget, 12h - 5h - 1h) << "twelve may take an hour each, six hours are spent";
    EXPECT_EQ(control.budget_each, 3h);
    EXPECT_EQ(control.projected_answered, 12);
    EXPECT_EQ(control.projected_waiting, 0);
    EXPECT_EQ(control.projected, Duration(5h + 50min + 30min) / 12) << "both are answered ten minutes from now";
}

TEST(MeanControl, SpendingThatBudgetMeetsThePromiseExactly)
{
    for (int waiting = 1; waiting < 40; ++waiting) {
        auto figures = day();
        figures.answered = waiting * 7 % 11;
        figures.answered_in = figures.answered * Duration(55min);
        for (int i = 0; i < waiting; ++i) figures.waiting.push_back(std::chrono::minutes(i * 3));
        const auto control = control_mean(figures);
        Duration sum = figures.answered_in;
        for (const Duration waited : figures.waiting) sum += waited + *control.budget_each;
        const auto mean = sum / (figures.answered + waiting);
        EXPECT_LE(mean, 1h);
        EXPECT_GT(mean, 1h - 1ms);
    }
}

TEST(MeanControl, ProjectsTheFloodThatCannotBeAnswered)
{
    auto figures = day();
    figures.waiting.assign(5000, 10min);
    const auto control = control_mean(figures);
    EXPECT_EQ(control.projected_answered, 48) << "two people, ten minutes each, four hours";
    EXPECT_EQ(control.projected_waiting, 5000 - 48);
    EXPECT_LT(control.budget_each, 1h);
    figures.people = 0;
    EXPECT_EQ(control_mean(figures).projected_answered, 0) << "nobody is there";
    EXPECT_EQ(control_mean(figures).projected_waiting, 5000);
}

TEST(MeanControl, MorePeopleNeverMakeItWorse)
{
    Duration before = 100h;
    for (std::int64_t people = 1; people <= 9; ++people) {
        auto figures = day();
        figures.people = people;
        figures.waiting.assign(20, 15min);
        figures.answered = 5;
        figures.answered_in = 5 * Duration(20min);
        figures.arrived = 25;
        const auto control = control_mean(figures);
        if (control.projected_waiting > 0) continue; // those left over are in no mean
        EXPECT_LE(control.projected, before) << people << " people";
        before = *control.projected;
    }
}

TEST(MeanControl, AClosedOfficeProjectsWhatIs)
{
    auto figures = day();
    figures.until_closing = Duration{};
    EXPECT_FALSE(control_mean(figures).mean);
    EXPECT_FALSE(control_mean(figures).projected);
    figures.waiting = {1h};
    EXPECT_EQ(control_mean(figures).projected_waiting, 1);
}

} // namespace
} // namespace sportello::domain
