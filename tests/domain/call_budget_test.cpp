// What a channel may spend: quotas of calls and caps of money, attacked with random days.
#include "support/test_seed.hpp"

#include <sportello/domain/call_budget.hpp>

#include <gtest/gtest.h>

#include <random>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;
using namespace std::chrono_literals;

const Instant noon = base::parse_rfc3339("2026-03-31T12:00:00Z").value();
constexpr const char* messages = "GET /2/dm_events";

CallBudget with_messages(std::int64_t limit = 15)
{
    CallBudget budget;
    budget.expect(messages, "15 min", limit, 15min, true);
    return budget;
}

bool may(const CallBudget& budget, CallUse use, Instant now, MicroDollars worst = 0)
{
    return budget.ask(messages, use, worst, now).at <= now;
}

TEST(CallBudget, ReadingLeavesAFifthOfAQuotaToAnswers)
{
    CallBudget budget = with_messages();
    for (int call = 0; call < 12; ++call) {
        ASSERT_TRUE(may(budget, CallUse::reading, noon)) << call;
        budget.sent(messages, noon);
    }
    const Permit refused = budget.ask(messages, CallUse::reading, 0, noon);
    EXPECT_EQ(refused.at, noon + 15min);
    EXPECT_NE(refused.reason.find("kept for answers"), std::string::npos) << refused.reason;
    for (int call = 0; call < 3; ++call) {
        ASSERT_TRUE(may(budget, CallUse::answering, noon)) << call;
        budget.sent(messages, noon);
    }
    EXPECT_FALSE(may(budget, CallUse::answering, noon));
    EXPECT_TRUE(may(budget, CallUse::reading, noon + 15min));
}

TEST(CallBudget, AnEndpointThatIsNotLimitedIsAlwaysOpen)
{
    CallBudget budget = with_messages(0);
    EXPECT_EQ(budget.ask("GET /2/users/me", CallUse::reading, 0, noon).at, noon);
}

TEST(CallBudget, ThePlatformsCountHoldsWhenItIsLowerAndOursWhileCallsAreUnderWay)
{
    CallBudget budget = with_messages();
    for (int call = 0; call < 5; ++call) budget.sent(messages, noon);
    budget.told(messages, "15 min", 15, 14, noon + 15min, noon + 1s); // the answer to the first of five
    ASSERT_EQ(budget.quotas(noon + 1s).size(), 1U);
    EXPECT_EQ(budget.quotas(noon + 1s)[0].remaining, 10);
    budget.told(messages, "15 min", 15, 2, noon + 15min, noon + 2s); // somebody else uses the same account
    EXPECT_EQ(budget.quotas(noon + 2s)[0].remaining, 2);
    budget.told(messages, "15 min", 15, 14, noon + 30min, noon + 16min); // the next window
    EXPECT_EQ(budget.quotas(noon + 16min)[0].remaining, 14);
}

TEST(CallBudget, ALimitOtherThanExpectedIsLearnedWithTheFirstAnswer)
{
    CallBudget budget = with_messages(); // 15 expected
    budget.sent(messages, noon);
    budget.sent(messages, noon);
    budget.told(messages, "15 min", 300, 299, noon + 15min, noon + 1s);
    EXPECT_EQ(budget.quotas(noon + 1s)[0].remaining, 298) << "of the two calls one is under way";
    EXPECT_TRUE(may(budget, CallUse::reading, noon + 1s));
    budget.told(messages, "15 min", 10, 9, noon + 15min, noon + 2s);
    EXPECT_EQ(budget.quotas(noon + 2s)[0].remaining, 8);
}

TEST(CallBudget, AnAbsurdResetIsNotBelieved)
{
    CallBudget budget = with_messages();
    budget.told(messages, "15 min", 15, 0, noon + 24h * 365 * 100, noon);
    EXPECT_EQ(budget.ask(messages, CallUse::answering, 0, noon).at, noon + 15min);
    budget.told(messages, "15 min", -7, 12, noon - 24h, noon);
    EXPECT_TRUE(may(budget, CallUse::answering, noon)) << "a window that has ended limits nothing";
}

TEST(CallBudget, AllWindowsOfAnEndpointMustBeOpen)
{
    CallBudget budget;
    budget.expect("POST /2/tweets", "15 min", 100, 15min, false);
    budget.expect("POST /2/tweets", "24 h", 17, 24h, false);
    for (int call = 0; call < 17; ++call) budget.sent("POST /2/tweets", noon);
    EXPECT_EQ(budget.ask("POST /2/tweets", CallUse::answering, 0, noon + 20min).at, noon + 24h);
}

TEST(CallBudget, MoneyIsCountedByUtcDayAndMonth)
{
    CallBudget budget({.a_day = 5'000'000, .a_month = 20'000'000});
    budget.charge(3'999'999, noon);
    EXPECT_TRUE(may(budget, CallUse::reading, noon));
    budget.charge(1, noon);
    const Permit reading = budget.ask(messages, CallUse::reading, 0, noon);
    EXPECT_EQ(reading.at, base::parse_rfc3339("2026-04-01T00:00:00Z").value());
    EXPECT_TRUE(reading.money);
    EXPECT_NE(reading.reason.find("$4.00 of $5.00"), std::string::npos) << reading.reason;
    EXPECT_TRUE(may(budget, CallUse::answering, noon, 1'000'000));
    EXPECT_FALSE(may(budget, CallUse::answering, noon, 1'000'001)) << "could cost more than there is";
    EXPECT_TRUE(may(budget, CallUse::reading, noon + 12h));
    EXPECT_EQ(budget.spending(noon + 12h), (Spending{.day = std::chrono::floor<std::chrono::days>(noon + 12h)}));

    CallBudget monthly({.a_day = std::nullopt, .a_month = 20'000'000});
    monthly.charge(20'000'000, noon - 24h);
    EXPECT_EQ(monthly.ask(messages, CallUse::answering, 1, noon).at, base::parse_rfc3339("2026-04-01T00:00:00Z").value());
}

TEST(CallBudget, ARestartForgetsNoMoney)
{
    CallBudget before({.a_day = 5'000'000, .a_month = std::nullopt});
    before.charge(4'500'000, noon);
    CallBudget after({.a_day = 5'000'000, .a_month = std::nullopt});
    after.restore(before.spending(noon));
    EXPECT_FALSE(may(after, CallUse::reading, noon));
    EXPECT_EQ(after.spending(noon), before.spending(noon));
    EXPECT_EQ(after.left_for_reading(noon), 0);
    EXPECT_EQ(after.left_for_reading(noon + 12h), 4'000'000);
}

TEST(CallBudget, ARestoreAfterTheFirstCallsAddsUp)
{
    CallBudget budget({.a_day = 5'000'000, .a_month = std::nullopt});
    budget.sent(messages, noon);
    budget.charge(100, noon);
    budget.restore({.day = std::chrono::floor<std::chrono::days>(noon), .today = 7, .month = 9, .calls = 3});
    EXPECT_EQ(budget.spending(noon),
              (Spending{.day = std::chrono::floor<std::chrono::days>(noon), .today = 107, .month = 109, .calls = 4}));
}

TEST(CallBudget, AClockSetBackGivesNoMoneyBack)
{
    CallBudget budget({.a_day = 5'000'000, .a_month = std::nullopt});
    budget.charge(5'000'000, noon);
    EXPECT_FALSE(may(budget, CallUse::reading, noon - 24h, 1));
}

// I12: whoever asks before each call never meets a platform that counts alike with a refusal, and never spends more than
// the cap, whatever the calls bring.
TEST(CallBudget, RandomDaysKeepEveryWindowAndTheCap)
{
    for (std::uint64_t round = 0; round < 200; ++round) {
        const std::uint64_t seed = test::test_seed(round);
        std::mt19937_64 random(seed);
        const auto upto = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % (n + 1)); };
        const std::int64_t limit = 1 + upto(30);
        const MicroDollars cap = 1'000 * (1 + upto(5'000));
        constexpr MicroDollars worst = 500'000;
        CallBudget budget({.a_day = cap, .a_month = std::nullopt});
        budget.expect(messages, "15 min", limit, 15min, true);

        Instant now = noon, window_ends{};
        std::int64_t used = 0, refused_in_a_row = 0;
        std::map<Instant, MicroDollars> spent;
        for (int step = 0; step < 400; ++step) {
            now += std::chrono::seconds(upto(600));
            const auto use = random() % 4 ? CallUse::reading : CallUse::answering;
            const Permit permit = budget.ask(messages, use, worst, now);
            if (permit.at > now) {
                ASSERT_FALSE(permit.reason.empty());
                ++refused_in_a_row;
                if (!permit.money) continue;
                now = permit.at;
                ASSERT_LE(budget.ask(messages, use, 0, now).at, std::max(now, window_ends)) << "seed " << seed;
                continue;
            }
            budget.sent(messages, now);
            if (now >= window_ends) {
                window_ends = now + 15min;
                used = 0;
            }
            ASSERT_LE(++used, limit) << "seed " << seed << ": the platform would answer 429";
            const MicroDollars cost = upto(worst);
            budget.charge(cost, now);
            auto& of_day = spent[std::chrono::floor<std::chrono::days>(now)];
            of_day += cost;
            ASSERT_LE(of_day, cap) << "seed " << seed;
            if (random() % 3) budget.told(messages, "15 min", limit, limit - used, window_ends, now);
        }
        ASSERT_GT(refused_in_a_row, 0) << "seed " << seed << ": no limit was ever met";
    }
}

} // namespace
} // namespace sportello::domain
