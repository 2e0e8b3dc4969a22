#include <sportello/domain/attendance.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using base::Instant;
using Kind = Presence::Kind;
using namespace std::chrono_literals;

const Instant nine = base::parse_rfc3339("2026-03-02T09:00:00Z").value(); // a Monday

ShiftPlan nine_to_six()
{
    const std::vector<ShiftEntry> entries{read_shift_entry("monday", "shift", "09:00-18:00", "").value(),
                                          read_shift_entry("monday", "break", "13:00-14:00", "").value()};
    return ShiftPlan::make(entries, "UTC").value();
}

TEST(Presence, SaysWhoIsThereAndWhyNot)
{
    const ShiftPlan plan = nine_to_six();
    struct Case {
        AttendanceFacts facts;
        base::Duration after;
        Kind kind;
        const char* why;
    };
    const Case cases[] = {{{.name = "Anna", .available = true}, 0h, Kind::there, ""},
                          {{.name = "Anna"}, 0h, Kind::unavailable, "Anna is not available"},
                          {{.name = "Anna", .disabled = true, .available = true}, 0h, Kind::disabled, "Anna no longer works here"},
                          {{.name = "Anna", .available = true, .plan = &plan}, 0h, Kind::there, ""},
                          {{.name = "Anna", .available = true, .plan = &plan}, 9h, Kind::off_shift, "Anna is off shift"},
                          {{.name = "Anna", .available = true, .plan = &plan}, 4h, Kind::on_break, "Anna has a break"},
                          {{.name = "Anna", .plan = &plan}, 4h, Kind::on_break, "Anna has a break"},
                          {{.name = "Anna", .available = true, .absent_after = 10min}, 0h, Kind::vanished, "Anna is not signed in"},
                          {{.name = "Anna", .available = true, .last_seen = nine, .absent_after = 10min}, 9min, Kind::there, ""},
                          {{.name = "Anna", .available = true, .last_seen = nine, .absent_after = 10min},
                           10min,
                           Kind::vanished,
                           "Anna has given no sign of life for 10 min"}};
    for (const Case& one : cases) {
        const Presence presence = presence_of(one.facts, nine + one.after);
        EXPECT_EQ(presence.kind, one.kind) << one.why;
        EXPECT_EQ(presence.why, one.why);
        EXPECT_EQ(presence.gets_work(), one.kind == Kind::there);
    }
}

struct TakingBack : testing::Test {
    ShiftPlan plan = nine_to_six();
    AttendanceFacts anna{.name = "Anna", .available = true, .plan = &plan};
    Absence absence;
    TakeBackRule rule{.break_limit = 30min, .opened = std::nullopt, .watching_since = nine - 24h};
    [[nodiscard]] bool at(Instant now) const { return takes_back(presence_of(anna, now), anna, absence, rule, now); }
};

TEST_F(TakingBack, OnceAtTheEndOfTheShiftAndAgainAtTheOpening)
{
    EXPECT_FALSE(at(nine));
    EXPECT_FALSE(at(nine + 4h)) << "a break is none";
    absence.away_since = nine + 9h;
    EXPECT_TRUE(at(nine + 9h));
    absence.swept_at = nine + 9h;
    EXPECT_FALSE(at(nine + 10h)) << "what is taken by oneself after the end is one's own";
    rule.opened = nine + 23h;
    EXPECT_TRUE(at(nine + 23h));
    absence.swept_at = nine + 23h;
    EXPECT_FALSE(at(nine + 23h + 5min));
}

TEST_F(TakingBack, EachTimeFromWhoGivesNoSignOfLife)
{
    anna.absent_after = 10min;
    anna.last_seen = nine + 9h;
    absence = {.away_since = nine + 9h, .swept_at = nine + 9h};
    EXPECT_FALSE(at(nine + 9h + 9min)) << "still at the desk";
    EXPECT_TRUE(at(nine + 9h + 10min));
    anna.plan = nullptr;
    EXPECT_TRUE(at(nine + 9h + 10min)) << "vanished";
    rule.watching_since = nine + 9h + 5min;
    EXPECT_FALSE(at(nine + 9h + 10min)) << "the silence may be our own stop's";
    anna.disabled = true;
    EXPECT_TRUE(at(nine + 9h + 10min));
}

TEST_F(TakingBack, AfterTheLimitFromWhoIsNotAvailableButAtOnceAtTheOpening)
{
    anna.available = false;
    absence.away_since = nine + 1h;
    EXPECT_FALSE(at(nine + 1h + 29min));
    EXPECT_TRUE(at(nine + 1h + 30min));
    absence.swept_at = nine + 1h + 30min;
    EXPECT_FALSE(at(nine + 2h));
    absence = {.away_since = nine - 1min, .swept_at = std::nullopt};
    rule.opened = nine;
    EXPECT_TRUE(at(nine));
}

} // namespace
} // namespace sportello::domain
