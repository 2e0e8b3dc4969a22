#include <sportello/domain/acknowledgement.hpp>
#include <sportello/domain/promise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

Instant at(const char* text)
{
    return base::parse_rfc3339(text).value();
}

Calendar weekdays()
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-18:00").value();
    return Calendar::make(std::move(spec)).value();
}

struct Promises : testing::Test {
    const Calendar calendar = weekdays();
    const Instant ten = at("2026-03-02T09:00:00Z"); // Monday, ten o'clock in Rome

    PromiseFacts facts(Instant arrived, std::int64_t ahead, std::int64_t people) const
    {
        return {.arrived_at = arrived,
                .now = arrived,
                .ahead = ahead,
                .people = people,
                .handling = 6min,
                .margin = 1.5,
                .calendar = &calendar};
    }
};

TEST_F(Promises, ComeFromTheQueueThePeopleAndTheCalendar)
{
    struct Case {
        const char* arrived;
        std::int64_t ahead;
        std::int64_t people;
        const char* expected;
        const char* promised;
    };
    for (const Case& c : {Case{"2026-03-02T09:00:00Z", 0, 3, "2026-03-02T09:06:00Z", "2026-03-02T09:30:00Z"},
                          Case{"2026-03-02T09:00:00Z", 30, 3, "2026-03-02T10:06:00Z", "2026-03-02T11:00:00Z"},
                          Case{"2026-03-02T09:00:00Z", 30, 0, "2026-03-02T12:06:00Z", "2026-03-02T14:00:00Z"},
                          Case{"2026-03-02T20:00:00Z", 10, 5, "2026-03-03T08:18:00Z", "2026-03-03T08:30:00Z"},   // at night
                          Case{"2026-03-06T16:55:00Z", 10, 5, "2026-03-09T08:13:00Z", "2026-03-09T08:30:00Z"},   // Friday, five to six
                          Case{"2026-03-28T12:00:00Z", 0, 1, "2026-03-30T07:06:00Z", "2026-03-30T07:30:00Z"}}) { // clocks go forward
        const auto promise = make_promise(facts(at(c.arrived), c.ahead, c.people));
        ASSERT_TRUE(promise);
        EXPECT_EQ(base::to_rfc3339(promise->expected_at), c.expected) << c.arrived << ": " << promise->why;
        EXPECT_EQ(base::to_rfc3339(promise->promised_at), c.promised) << c.arrived << ": " << promise->why;
    }
    const auto never = Calendar::make(CalendarSpec{}).value();
    auto hopeless = facts(ten, 1, 1);
    hopeless.calendar = &never;
    EXPECT_FALSE(make_promise(hopeless));
}

TEST_F(Promises, NeverPromiseLessThanExpectedNorMoreThanHalfAnHourOverTheMargin)
{
    for (std::int64_t i = 0; i < 3000; ++i) {
        const Instant arrived = ten + std::chrono::minutes(i * 37);
        const auto given = facts(arrived, i % 50, 1 + i % 9);
        const auto promise = make_promise(given);
        ASSERT_TRUE(promise);
        ASSERT_GE(promise->promised_at, promise->expected_at);
        ASSERT_EQ(calendar.between(arrived, promise->expected_at), promise->expected);
        ASSERT_EQ(promise->promised_at.time_since_epoch() % Duration(30min), Duration{}) << "Rome is whole hours off";
        const auto bare = calendar.add(arrived, promise->expected * 3 / 2);
        ASSERT_LT(promise->promised_at - *bare, 30min);
        auto longer = given;
        ++longer.ahead;
        ASSERT_GE(make_promise(longer)->promised_at, promise->promised_at) << "a longer queue never promises sooner";
    }
}

TEST_F(Promises, TheMarginIsLearned)
{
    std::vector<PromiseOutcome> outcomes(19, {10min, 30min});
    EXPECT_EQ(margin_for(outcomes), 1.5) << "too few to learn from";
    outcomes.assign(100, {10min, 10min});
    EXPECT_EQ(margin_for(outcomes), 1.0);
    for (std::size_t i = 0; i < 10; ++i) outcomes[i] = {10min, 40min};
    EXPECT_EQ(margin_for(outcomes), 4.0) << "one in ten took four times as long: that is to be kept too";
    outcomes.assign(100, {1s, 10h});
    EXPECT_EQ(margin_for(outcomes), 20.0);
}

TEST_F(Promises, StayInShadowUntilTheyHaveShownThemselves)
{
    EXPECT_NE(why_promise_stays_in_shadow({.kept = 199, .broken = 0}), "");
    EXPECT_EQ(why_promise_stays_in_shadow({.kept = 180, .broken = 20}), "");
    EXPECT_NE(why_promise_stays_in_shadow({.kept = 179, .broken = 21}), "");
}

TEST_F(Promises, HandlingTimeIsTheMiddleOfWhatIsNoPause)
{
    std::vector<Duration> gaps(30, 4min);
    gaps.insert(gaps.end(), 10, 3h);
    gaps.insert(gaps.end(), 10, 1s);
    EXPECT_EQ(handling_from(gaps, 6min), 4min);
    gaps.resize(19);
    EXPECT_EQ(handling_from(gaps, 6min), 6min);
}

TEST_F(Promises, AreWordedAsPeopleSayThem)
{
    const Instant now = at("2026-03-02T20:00:00Z"); // Monday, nine in the evening
    const auto it = [&](const char* until) { return say_until(calendar, at(until), now, "it"); };
    const auto en = [&](const char* until) { return say_until(calendar, at(until), now, "en"); };
    EXPECT_EQ(it("2026-03-02T20:30:00Z"), "entro le 21:30");
    EXPECT_EQ(it("2026-03-03T08:30:00Z"), "entro domani alle 9:30");
    EXPECT_EQ(it("2026-03-03T12:00:00Z"), "entro domani alle 13:00");
    EXPECT_EQ(it("2026-03-06T09:00:00Z"), "entro venerdì alle 10:00");
    EXPECT_EQ(it("2026-03-09T09:00:00Z"), "entro lunedì 9 marzo alle 10:00");
    EXPECT_EQ(en("2026-03-03T08:30:00Z"), "by tomorrow at 9:30");
    EXPECT_EQ(en("2026-03-09T09:00:00Z"), "by Monday 9 March at 10:00");
    EXPECT_EQ(say_until(calendar, at("2026-03-03T00:00:00Z"), at("2026-03-03T00:00:00Z"), "it"), "entro l'1:00");
}

struct Acknowledgements : Promises {
    AcknowledgementFacts night() const
    {
        return {.calendar = &calendar, .now = at("2026-03-02T21:00:00Z"), .aside = {}, .last_acknowledged_at = {}, .last_answered_at = {}};
    }
};

TEST_F(Acknowledgements, OnceInAClosedPeriod)
{
    auto facts = night();
    EXPECT_EQ(why_not_acknowledged(facts), "");
    facts.last_acknowledged_at = at("2026-03-02T17:30:00Z"); // the same evening
    EXPECT_NE(why_not_acknowledged(facts), "");
    facts.last_acknowledged_at = at("2026-03-01T21:00:00Z"); // on Sunday
    EXPECT_EQ(why_not_acknowledged(facts), "");
    facts.last_answered_at = at("2026-03-02T20:50:00Z");
    EXPECT_NE(why_not_acknowledged(facts), "") << "somebody is talking to them";
    facts.last_answered_at = at("2026-03-02T16:59:00Z");
    EXPECT_EQ(why_not_acknowledged(facts), "");
    facts.aside = "noise";
    EXPECT_NE(why_not_acknowledged(facts), "");
    facts.aside.clear();
    facts.now = ten;
    EXPECT_NE(why_not_acknowledged(facts), "") << "the office is open";
}

TEST_F(Acknowledgements, PlaceholdersExpandOnce)
{
    EXPECT_EQ(fill_acknowledgement("Apriamo {opening}. {promise}{x}", "domani {promise}", "entro le 9:30"),
              "Apriamo domani {promise}. entro le 9:30{x}");
    const std::map<std::string, std::string, std::less<>> texts{{"en", "hello"}, {"it", "ciao"}};
    EXPECT_EQ(text_for(texts, "it", "en"), "ciao");
    EXPECT_EQ(text_for(texts, "de", "en"), "hello");
    EXPECT_FALSE(text_for({}, "it", "it"));
}

} // namespace
} // namespace sportello::domain
