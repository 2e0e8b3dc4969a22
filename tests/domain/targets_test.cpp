#include <sportello/domain/targets.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

TEST(Targets, TheNarrowerLiesOverTheWider)
{
    TargetPlan plan;
    const auto add = [&](const char* channel, std::optional<Priority> priority, Duration first) {
        TargetOverride rule;
        rule.channel = channel;
        rule.priority = priority;
        rule.first_response = first;
        plan.overrides.push_back(rule);
    };
    add("tim-x", Priority::urgent, 5min);
    add("twitter", Priority::urgent, 10min);
    add("tim-x", std::nullopt, 20min);
    add("twitter", std::nullopt, 30min);
    add("", Priority::urgent, 15min);
    plan.overrides.back().next_response = 25min;
    const auto first = [&](const char* channel, Platform platform, Priority priority) {
        return target_times(plan, channel, platform, priority).first_response;
    };
    EXPECT_EQ(first("tim-facebook", Platform::facebook, Priority::normal), 1h);
    EXPECT_EQ(first("tim-facebook", Platform::facebook, Priority::urgent), 15min);
    EXPECT_EQ(first("impresa-x", Platform::twitter, Priority::normal), 30min);
    EXPECT_EQ(first("impresa-x", Platform::twitter, Priority::urgent), 10min);
    EXPECT_EQ(first("tim-x", Platform::twitter, Priority::high), 20min);
    EXPECT_EQ(first("tim-x", Platform::twitter, Priority::urgent), 5min);
    const auto times = target_times(plan, "tim-x", Platform::twitter, Priority::urgent);
    EXPECT_EQ(times.next_response, 25min) << "what the narrower one does not say stays";
    EXPECT_EQ(times.resolution, 8h);
}

} // namespace
} // namespace sportello::domain
