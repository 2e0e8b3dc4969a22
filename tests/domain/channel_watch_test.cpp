// How often a channel is looked at, and when it deserves somebody's look.
#include <sportello/domain/calendar.hpp>
#include <sportello/domain/channel_watch.hpp>
#include <sportello/domain/poll_pace.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;
using namespace std::chrono_literals;

// A Monday; the office of these tests is open from 09:00 to 18:00 in Rome, 07:00 to 16:00 UTC.
const Instant midday = base::parse_rfc3339("2026-07-06T10:00:00Z").value();
const Instant night = base::parse_rfc3339("2026-07-06T20:00:00Z").value();

const Calendar& office()
{
    static const Calendar calendar = [] {
        CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-18:00").value();
        return Calendar::make(spec).value();
    }();
    return calendar;
}

PollSituation calm()
{
    return {.open = 20s, .closed = 5min, .lately = 0, .poll_costs = 0, .money_left = std::nullopt};
}

Duration pause(PollSituation situation, Instant now)
{
    return poll_pause(situation, office(), now);
}

TEST(PollPace, IsAsWishedWhileItIsCalmAndFasterWhileItIsLively)
{
    PollSituation situation = calm();
    EXPECT_EQ(pause(situation, midday), 20s);
    EXPECT_EQ(pause(situation, night), 5min);
    situation.lately = 1;
    EXPECT_EQ(pause(situation, midday), 10s);
    EXPECT_EQ(pause(situation, night), 150s);
    situation.lately = 4'000;
    EXPECT_EQ(pause(situation, midday), 5s);
    EXPECT_EQ(pause(situation, night), 75s);
    situation.open = 2min;
    EXPECT_EQ(pause(situation, night), 2min) << "at night never faster than by day";
}

TEST(PollPace, StretchesSoThatTheMoneyLastsUntilTheDayEnds)
{
    // Six hours are left of office time and eight of the others: 1080 + 96 polls.
    PollSituation situation = calm();
    situation.poll_costs = 1'000;
    situation.money_left = 1'176'000;
    EXPECT_EQ(pause(situation, midday), 20s);
    situation.money_left = 588'000;
    EXPECT_EQ(pause(situation, midday), 40s);
    EXPECT_EQ(pause(situation, night), 5min) << "48 polls are wished for, and 588 can be paid";
    situation.money_left = 0;
    EXPECT_EQ(pause(situation, midday), 1h);
}

TEST(PollPace, NeverExceedsAnHourNorFallsWithLessMoney)
{
    PollSituation situation = calm();
    situation.closed = 24h;
    EXPECT_EQ(pause(situation, night), 1h);
    situation = calm();
    situation.poll_costs = 12'345;
    Duration before{};
    for (MicroDollars left = 100'000'000; left >= 0; left -= 250'000) {
        situation.money_left = left;
        const Duration now = pause(situation, midday);
        ASSERT_GE(now, before) << left;
        ASSERT_LE(now, 1h) << left;
        before = now;
    }
}

ChannelPulse pulse_of(std::int64_t arrived, std::span<const double> usual)
{
    return {.arrived = arrived, .looked_at = 150min, .usual = usual, .last_read_at = midday - 10s, .pause = 20s, .lag = 5s};
}

TEST(ChannelWatch, QuietIsRarerThanOnceInAHundredTimes)
{
    const double few[] = {4, 5, 3, 4}, many[] = {40, 55, 48}, crowd[] = {2'000, 2'100, 1'900};
    EXPECT_EQ(flags_of(pulse_of(0, few), midday).quiet, "") << "none where four are usual: once in 55 times";
    EXPECT_EQ(flags_of(pulse_of(0, many), midday).quiet, "0 messages in the last 150 min, 48 are usual at this time of the week");
    EXPECT_NE(flags_of(pulse_of(31, many), midday).quiet, "");
    EXPECT_EQ(flags_of(pulse_of(35, many), midday).quiet, "");
    EXPECT_EQ(flags_of(pulse_of(500, many), midday).quiet, "");
    EXPECT_EQ(flags_of(pulse_of(1'950, crowd), midday).quiet, "");
    EXPECT_NE(flags_of(pulse_of(1'800, crowd), midday).quiet, "");
}

TEST(ChannelWatch, NothingIsUsualBeforeThreeWeeks)
{
    const double two[] = {400, 500};
    EXPECT_EQ(flags_of(pulse_of(0, two), midday).quiet, "");
    EXPECT_EQ(flags_of(pulse_of(0, {}), midday).quiet, "");
}

TEST(ChannelWatch, BehindAfterFiveMinutesOrThreePauses)
{
    ChannelPulse pulse = pulse_of(0, {});
    pulse.last_read_at = midday - 5min;
    EXPECT_EQ(flags_of(pulse, midday).behind, "");
    pulse.last_read_at = midday - 7min;
    EXPECT_EQ(flags_of(pulse, midday).behind, "It has not been read for 7 min");
    pulse.pause = 5min;
    EXPECT_EQ(flags_of(pulse, midday).behind, "");
    pulse.last_read_at = midday - 16min;
    EXPECT_NE(flags_of(pulse, midday).behind, "");
    pulse.last_read_at = midday;
    pulse.pause = 20s;
    pulse.lag = 12min;
    EXPECT_EQ(flags_of(pulse, midday).behind, "What arrives was written 12 min before");
    pulse.last_read_at = std::nullopt;
    pulse.lag = std::nullopt;
    EXPECT_EQ(flags_of(pulse, midday), ChannelFlags{}) << "a channel that was never read is about to be";
}

} // namespace
} // namespace sportello::domain
