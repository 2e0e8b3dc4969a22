#include "support/test_seed.hpp"

#include <sportello/domain/csv.hpp>
#include <sportello/domain/rota.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <random>

namespace sportello::domain {
namespace {

using base::Instant;
using namespace std::chrono_literals;

Instant at(std::string_view text)
{
    return base::parse_rfc3339(text).value();
}

ShiftEntry entry(std::string_view day, std::string_view kind, std::string_view hours = "", std::string_view note = "")
{
    return read_shift_entry(day, kind, hours, note).value();
}

std::vector<ShiftEntry> office_week(std::string_view hours = "09:00-18:00")
{
    std::vector<ShiftEntry> entries;
    for (std::size_t day = 0; day < 5; ++day) entries.push_back(entry(weekday_word(day), "shift", hours));
    return entries;
}

ShiftPlan plan(const std::vector<ShiftEntry>& entries)
{
    return ShiftPlan::make(entries, "Europe/Rome").value();
}

TEST(Rota, ALineIsReadOrRefusedCellByCell)
{
    const std::tuple<const char*, const char*, const char*, const char*> wrong[] = {{"someday", "shift", "09:00-18:00", "/day"},
                                                                                    {"2026-02-30", "leave", "", "/day"},
                                                                                    {"monday", "work", "09:00-18:00", "/kind"},
                                                                                    {"monday", "leave", "", "/day"},
                                                                                    {"2026-03-02", "shift", "09:00-18:00", "/kind"},
                                                                                    {"monday", "shift", "9-18", "/hours"},
                                                                                    {"monday", "shift", "", "/hours"},
                                                                                    {"2026-03-02", "extra", "", "/hours"}};
    for (const auto& [day, kind, hours, pointer] : wrong) {
        const auto read = read_shift_entry(day, kind, hours, "");
        ASSERT_FALSE(read) << day << kind;
        EXPECT_EQ(read.error().fields().at(0).pointer, pointer) << day << " " << kind;
    }
    EXPECT_EQ(entry(" Monday ", "SHIFT", "09:00-13:00,14:00-18:00").hours.size(), 2U);
    EXPECT_FALSE(read_shift_entry("2026-03-02", "leave", "", std::string(201, 'x')));
}

TEST(Rota, TheWeekHoldsAndTheDatesChangeIt)
{
    auto entries = office_week();
    entries.push_back(entry("monday", "break", "13:00-14:00"));
    entries.push_back(entry("2026-03-03", "sickness"));
    entries.push_back(entry("2026-03-04", "leave", "09:00-11:00"));
    entries.push_back(entry("2026-03-05", "swap", "14:00-20:00"));
    entries.push_back(entry("2026-03-06", "swap"));
    entries.push_back(entry("2026-03-07", "extra", "10:00-12:00"));
    const ShiftPlan week = plan(entries);
    const std::pair<const char*, bool> expected[] = {
        {"2026-03-02T08:59:00+01:00", false}, {"2026-03-02T09:00:00+01:00", true},  {"2026-03-02T13:00:00+01:00", false},
        {"2026-03-02T14:00:00+01:00", true},  {"2026-03-02T18:00:00+01:00", false}, {"2026-03-03T10:00:00+01:00", false},
        {"2026-03-04T10:59:00+01:00", false}, {"2026-03-04T11:00:00+01:00", true},  {"2026-03-05T10:00:00+01:00", false},
        {"2026-03-05T19:00:00+01:00", true},  {"2026-03-06T10:00:00+01:00", false}, {"2026-03-07T10:30:00+01:00", true},
        {"2026-03-08T10:30:00+01:00", false}, {"2026-03-10T10:00:00+01:00", true}};
    for (const auto& [when, on] : expected) EXPECT_EQ(week.on_shift(at(when)), on) << when;
    EXPECT_TRUE(week.on_break(at("2026-03-02T13:30:00+01:00")));
    const auto shift = week.shift_at(at("2026-03-02T15:00:00+01:00"));
    ASSERT_TRUE(shift) << "a break does not end the shift";
    EXPECT_EQ(shift->opens, at("2026-03-02T09:00:00+01:00"));
    EXPECT_EQ(shift->closes, at("2026-03-02T18:00:00+01:00"));
    EXPECT_EQ(week.next_change(at("2026-03-02T10:00:00+01:00")), at("2026-03-02T13:00:00+01:00"));
}

TEST(Rota, WhoHasNoWeeklyShiftIsBoundByAbsencesOnly)
{
    const ShiftPlan free = plan({entry("2026-03-03", "leave")});
    EXPECT_TRUE(free.on_shift(at("2026-03-02T23:00:00+01:00")));
    EXPECT_FALSE(free.on_shift(at("2026-03-03T12:00:00+01:00")));
    EXPECT_TRUE(free.on_shift(at("2026-03-04T12:00:00+01:00")));
}

TEST(Rota, ANightShiftHasItsBreakAfterMidnight)
{
    const ShiftPlan night = plan({entry("monday", "shift", "22:00-06:00"), entry("tuesday", "break", "02:00-02:30")});
    EXPECT_TRUE(night.on_shift(at("2026-03-03T01:59:00+01:00")));
    EXPECT_FALSE(night.on_shift(at("2026-03-03T02:10:00+01:00")));
    EXPECT_TRUE(night.on_shift(at("2026-03-03T02:30:00+01:00")));
    EXPECT_EQ(night.shift_at(at("2026-03-03T03:00:00+01:00"))->opens, at("2026-03-02T22:00:00+01:00"));
}

TEST(Rota, CsvGoesRoundWhateverStandsInANote)
{
    std::mt19937_64 random(test::test_seed(11));
    const std::string_view pieces[] = {"=cmd()", ",", "\"", "\n", "à", ";", "'", "+39", "x", "@", "'=1"};
    for (int round = 0; round < 200; ++round) {
        std::string note;
        for (std::size_t i = random() % 5; i > 0; --i) note += pieces[random() % std::size(pieces)];
        std::vector<NamedRota> rota{{"anna", office_week()}, {"bruno", {entry("2026-03-03", "leave", "", note)}}};
        rota[0].entries.push_back(entry("monday", "break", "11:00-11:15, 13:00-14:00"));
        const std::string csv = rota_to_csv(rota);
        const auto read = rota_from_csv(csv);
        ASSERT_TRUE(read) << read.error().what() << csv;
        ASSERT_EQ(read->size(), 2U);
        EXPECT_EQ((*read)[0].entries, rota[0].entries);
        EXPECT_EQ((*read)[1].entries, rota[1].entries) << csv;
        for (const auto& line : parse_csv("\xEF\xBB\xBF" + csv).value()) EXPECT_EQ(line.size(), 5U);
    }
}

TEST(Rota, CsvNeverGivesASpreadsheetAFormula)
{
    for (const char* cell : {"=1+1", "+1", "-x", "@x", "\tx"}) {
        const std::vector<std::string> cells{cell};
        EXPECT_EQ(csv_line(cells).find('\''), csv_line(cells).find_first_not_of('"')) << cell;
    }
}

TEST(Rota, CsvSaysInWhichLineTheMistakeIs)
{
    const auto refused = [](std::string_view text) { return rota_from_csv(text).error().what(); };
    EXPECT_NE(refused("").find("line 1"), std::string::npos);
    EXPECT_NE(refused("agent,day,kind\n").find("no hours"), std::string::npos);
    EXPECT_NE(refused("agent,day,kind,hours\nanna,monday,shift,9-18\n").find("line 2"), std::string::npos);
    EXPECT_NE(refused("agent,day,kind,hours\n,monday,shift,09:00-18:00\n").find("login"), std::string::npos);
    EXPECT_NE(refused("agent,day,kind,hours\n\"anna,monday,shift,09:00-18:00\n").find("quote"), std::string::npos);
    EXPECT_NE(refused("agent,day,kind,hours\n\"anna\"x,monday,shift,09:00-18:00\n").find("behind"), std::string::npos);
    EXPECT_TRUE(rota_from_csv("AGENT;Day;Kind;Hours\r\nanna;monday;shift;09:00-18:00\r\n")) << "as spreadsheets in Italy write it";
    EXPECT_FALSE(rota_from_csv(std::string(20'001, '\n') + "a"));
}

Calendar office(std::string_view hours)
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows(hours).value();
    return Calendar::make(spec).value();
}

TEST(Coverage, FindsTheHalfHoursWithoutAnybody)
{
    const Calendar open = office("09:00-18:00");
    auto mornings = office_week("09:00-13:00");
    auto afternoons = office_week("13:10-18:00");
    afternoons.push_back(entry("2026-03-04", "sickness"));
    const ShiftPlan anna = plan(mornings);
    const ShiftPlan bruno = plan(afternoons);
    const ShiftPlan* staff[] = {&anna, &bruno};
    const Opening week = local_week(open, at("2026-03-05T12:00:00Z"));
    EXPECT_EQ(week.opens, at("2026-03-02T00:00:00+01:00"));
    EXPECT_EQ(week.closes, at("2026-03-09T00:00:00+01:00"));
    const auto gaps = coverage_gaps(open, staff, week.opens, week.closes);
    ASSERT_EQ(gaps.size(), 5U) << "ten minutes each day, and Wednesday's afternoon";
    EXPECT_EQ(gaps[0], (CoverageGap{at("2026-03-02T13:00:00+01:00"), at("2026-03-02T13:30:00+01:00")}));
    EXPECT_EQ(gaps[2], (CoverageGap{at("2026-03-04T13:00:00+01:00"), at("2026-03-04T18:00:00+01:00")}));
    EXPECT_TRUE(coverage_gaps(open, {}, week.opens, week.closes).empty()) << "without a rota nothing is known";
}

TEST(Coverage, AgreesWithACountOfMinutes)
{
    std::mt19937_64 random(test::test_seed(12));
    const Calendar open = office("08:00-20:00");
    const auto window = [&] {
        const auto from = std::chrono::minutes(5 * (random() % 200));
        return Window{from, from + std::chrono::minutes(30 + 5 * (random() % 80))};
    };
    for (int round = 0; round < 15; ++round) {
        std::vector<ShiftPlan> plans;
        for (int person = 0; person < 3; ++person) {
            std::vector<ShiftEntry> entries;
            for (std::size_t day = 0; day < 7; ++day) entries.push_back({std::string(weekday_word(day)), ShiftKind::shift, {window()}, ""});
            entries.push_back({"friday", ShiftKind::break_, {window()}, ""});
            plans.push_back(plan(entries));
        }
        std::vector<const ShiftPlan*> staff;
        for (const ShiftPlan& one : plans) staff.push_back(&one);
        const Opening week = local_week(open, at("2026-03-27T12:00:00Z")); // the clocks go forward in it
        std::vector<CoverageGap> expected;
        for (Instant slot = week.opens; slot < week.closes; slot += 30min) {
            bool uncovered = false;
            for (Instant t = slot; t < slot + 30min; t += 1min) {
                const bool staffed = std::ranges::any_of(staff, [&](const ShiftPlan* one) { return one->on_shift(t); });
                uncovered = uncovered || (open.is_open(t) && !staffed);
            }
            if (!uncovered) continue;
            if (!expected.empty() && expected.back().until == slot) expected.back().until = slot + 30min;
            else expected.push_back({slot, slot + 30min});
        }
        ASSERT_EQ(coverage_gaps(open, staff, week.opens, week.closes), expected) << "round " << round;
    }
}

} // namespace
} // namespace sportello::domain
