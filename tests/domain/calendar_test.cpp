#include <sportello/domain/calendar.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using base::Instant;

Instant at(const char* text)
{
    return base::parse_rfc3339(text).value();
}

std::chrono::year_month_day date(const char* text)
{
    return parse_date(text).value();
}

/// Mon-Fri with these windows, in this zone.
CalendarSpec weekdays(const char* windows, const char* zone = "Europe/Rome")
{
    CalendarSpec spec;
    spec.time_zone = zone;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows(windows).value();
    return spec;
}

CalendarSpec every_day(const char* windows, const char* zone = "Europe/Rome")
{
    CalendarSpec spec;
    spec.time_zone = zone;
    spec.weekly.fill(parse_windows(windows).value());
    return spec;
}

Calendar make(CalendarSpec spec)
{
    return Calendar::make(std::move(spec)).value();
}

/// The Italian office: Mon-Fri 09-18, closed at Christmas, open on the last Sunday before it.
Calendar italian_office()
{
    auto spec = weekdays("09:00-18:00");
    spec.closed_dates = {date("2026-12-24"), date("2026-12-25")};
    spec.open = {{date("2026-12-20"), parse_windows("10:00-13:00").value()}};
    return make(spec);
}

std::string show(const std::optional<Instant>& t)
{
    return t ? base::to_rfc3339(*t) : "never";
}

struct CalendarCase {
    const char* name;
    const char* at;
    bool open;
    const char* next_open;
    const char* next_close;
    friend void PrintTo(const CalendarCase& c, std::ostream* out) { *out << c.name; }
};
class ItalianOffice : public testing::TestWithParam<CalendarCase> {};
TEST_P(ItalianOffice, KnowsWhenItIsOpen)
{
    const auto office = italian_office();
    const auto t = at(GetParam().at);
    EXPECT_EQ(office.is_open(t), GetParam().open);
    EXPECT_EQ(show(office.next_open(t)), GetParam().next_open);
    EXPECT_EQ(show(office.next_close(t)), GetParam().next_close);
}
INSTANTIATE_TEST_SUITE_P(
    Table, ItalianOffice,
    testing::Values(CalendarCase{"MondayBeforeOpening", "2026-03-02T07:59:59Z", false, "2026-03-02T08:00:00Z", "2026-03-02T17:00:00Z"},
                    CalendarCase{"AtOpening", "2026-03-02T08:00:00Z", true, "2026-03-03T08:00:00Z", "2026-03-02T17:00:00Z"},
                    CalendarCase{"LastMicrosecond", "2026-03-02T16:59:59.999999Z", true, "2026-03-03T08:00:00Z", "2026-03-02T17:00:00Z"},
                    CalendarCase{"AtClosing", "2026-03-02T17:00:00Z", false, "2026-03-03T08:00:00Z", "2026-03-03T17:00:00Z"},
                    CalendarCase{"FridayEvening", "2026-03-06T18:00:00Z", false, "2026-03-09T08:00:00Z", "2026-03-09T17:00:00Z"},
                    CalendarCase{"WeekendClocksGoForward", "2026-03-28T12:00:00Z", false, "2026-03-30T07:00:00Z", "2026-03-30T16:00:00Z"},
                    CalendarCase{"WeekendClocksGoBack", "2026-10-24T12:00:00Z", false, "2026-10-26T08:00:00Z", "2026-10-26T17:00:00Z"},
                    CalendarCase{"SundayThatOpens", "2026-12-19T12:00:00Z", false, "2026-12-20T09:00:00Z", "2026-12-20T12:00:00Z"},
                    CalendarCase{"ChristmasEve", "2026-12-24T10:00:00Z", false, "2026-12-28T08:00:00Z", "2026-12-28T17:00:00Z"},
                    CalendarCase{"DayBeforeChristmasEve", "2026-12-23T16:00:00Z", true, "2026-12-28T08:00:00Z", "2026-12-23T17:00:00Z"},
                    CalendarCase{"AcrossTheYear", "2026-12-31T17:00:00Z", false, "2027-01-01T08:00:00Z", "2027-01-01T17:00:00Z"}),
    [](const auto& test) { return std::string(test.param.name); });

struct AddCase {
    const char* name;
    const char* at;
    base::Duration office_time;
    const char* due;
    friend void PrintTo(const AddCase& c, std::ostream* out) { *out << c.name; }
};
class ItalianOfficeAdd : public testing::TestWithParam<AddCase> {};
TEST_P(ItalianOfficeAdd, FindsTheInstant)
{
    const auto office = italian_office();
    const auto due = office.add(at(GetParam().at), GetParam().office_time);
    EXPECT_EQ(show(due), GetParam().due);
    EXPECT_EQ(office.between(at(GetParam().at), *due), GetParam().office_time);
}
INSTANTIATE_TEST_SUITE_P(Table, ItalianOfficeAdd,
                         testing::Values(AddCase{"InsideTheDay", "2026-03-02T09:00:00Z", 1h, "2026-03-02T10:00:00Z"},
                                         AddCase{"NothingIsNow", "2026-03-01T09:00:00Z", 0h, "2026-03-01T09:00:00Z"},
                                         AddCase{"WrittenAtNight", "2026-03-02T22:00:00Z", 1h, "2026-03-03T09:00:00Z"},
                                         AddCase{"EndsAtClosingNotAtOpening", "2026-03-02T16:00:00Z", 1h, "2026-03-02T17:00:00Z"},
                                         AddCase{"OneMicrosecondMore", "2026-03-02T16:00:00Z", 1h + 1us, "2026-03-03T08:00:00.000001Z"},
                                         AddCase{"OverTheWeekend", "2026-03-06T16:30:00Z", 1h, "2026-03-09T08:30:00Z"},
                                         AddCase{"OverTheClockChange", "2026-03-27T16:30:00Z", 1h, "2026-03-30T07:30:00Z"},
                                         AddCase{"OverChristmas", "2026-12-23T16:30:00Z", 1h, "2026-12-28T08:30:00Z"},
                                         AddCase{"ThroughTheOpenSunday", "2026-12-18T16:30:00Z", 4h, "2026-12-21T08:30:00Z"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Calendar, MergesWindowsThatTouchOrOverlap)
{
    const auto calendar = make(weekdays("09:00-13:00, 13:00-15:00, 14:00-18:00"));
    EXPECT_EQ(show(calendar.next_close(at("2026-03-02T09:00:00Z"))), "2026-03-02T17:00:00Z");
    EXPECT_EQ(show(calendar.next_open(at("2026-03-02T09:00:00Z"))), "2026-03-03T08:00:00Z");
    EXPECT_EQ(calendar.between(at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z")), 9h);
}

TEST(Calendar, SeesTheLunchBreak)
{
    const auto calendar = make(weekdays("09:00-13:00, 14:00-18:00"));
    EXPECT_FALSE(calendar.is_open(at("2026-03-02T12:00:00Z")));
    EXPECT_EQ(show(calendar.next_open(at("2026-03-02T11:00:00Z"))), "2026-03-02T13:00:00Z");
    EXPECT_EQ(show(calendar.add(at("2026-03-02T11:30:00Z"), 1h)), "2026-03-02T13:30:00Z");
}

TEST(Calendar, ANightShiftGoesOnIntoTheNextDayEvenIfThatIsClosed)
{
    auto spec = weekdays("22:00-02:00");
    spec.closed_dates = {date("2026-03-03")};
    const auto calendar = make(spec);
    EXPECT_TRUE(calendar.is_open(at("2026-03-03T00:30:00Z"))); // Tuesday 01:30, begun on Monday
    EXPECT_FALSE(calendar.is_open(at("2026-03-03T22:30:00Z")));
    EXPECT_EQ(show(calendar.next_open(at("2026-03-03T01:00:00Z"))), "2026-03-04T21:00:00Z");
}

TEST(Calendar, AnExceptionReplacesTheHoursOfItsDateAndOpensAClosedOne)
{
    auto spec = weekdays("09:00-18:00");
    spec.closed_dates = {date("2026-12-24")};
    spec.open = {{date("2026-12-24"), parse_windows("09:00-11:00").value()},
                 {date("2026-12-24"), parse_windows("15:00-16:00").value()},
                 {date("2026-12-23"), parse_windows("09:00-12:00").value()}};
    const auto calendar = make(spec);
    EXPECT_EQ(calendar.between(at("2026-12-23T00:00:00Z"), at("2026-12-24T00:00:00Z")), 3h);
    EXPECT_EQ(calendar.between(at("2026-12-24T00:00:00Z"), at("2026-12-25T00:00:00Z")), 3h);
}

TEST(Calendar, AWindowInTheHourThatDoesNotExistIsEmpty)
{
    const auto calendar = make(every_day("02:00-03:00"));
    EXPECT_EQ(calendar.between(at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")), 0h);
    EXPECT_EQ(show(calendar.next_open(at("2026-03-28T12:00:00Z"))), "2026-03-30T00:00:00Z");
}

TEST(Calendar, OpeningInTheGapMeansItsEndAndInTheFoldTheEarlier)
{
    const auto calendar = make(every_day("02:30-04:00"));
    EXPECT_EQ(show(calendar.next_open(at("2026-03-28T12:00:00Z"))), "2026-03-29T01:00:00Z");
    EXPECT_EQ(show(calendar.next_open(at("2026-10-24T12:00:00Z"))), "2026-10-25T00:30:00Z");
    EXPECT_EQ(calendar.between(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")), 2h + 30min);
}

TEST(Calendar, AWholeDayHasTwentyThreeOrTwentyFiveHoursWhenClocksChange)
{
    const auto calendar = make(every_day("00:00-24:00"));
    const auto forward = calendar.local_day(at("2026-03-29T12:00:00Z"));
    const auto back = calendar.local_day(at("2026-10-25T12:00:00Z"));
    EXPECT_EQ(calendar.between(forward.opens, forward.closes), 23h);
    EXPECT_EQ(calendar.between(back.opens, back.closes), 25h);
}

TEST(Calendar, SkipsTheDayThatSamoaSkipped)
{
    const auto calendar = make(every_day("09:00-17:00", "Pacific/Apia"));
    // 2011-12-30 did not take place: after Thursday's closing comes Saturday's opening.
    EXPECT_EQ(show(calendar.next_open(at("2011-12-30T03:00:00Z"))), "2011-12-30T19:00:00Z");
    EXPECT_EQ(calendar.between(at("2011-12-29T10:00:00Z"), at("2011-12-31T10:00:00Z")), 16h);
}

TEST(Calendar, AlwaysOpenNeverOpensNorCloses)
{
    for (const auto& calendar : {Calendar::always_open(), make(every_day("00:00-12:00, 12:00-24:00"))}) {
        const auto t = at("2026-03-02T03:04:05Z");
        EXPECT_TRUE(calendar.is_open(t));
        EXPECT_EQ(calendar.next_open(t), std::nullopt);
        EXPECT_EQ(calendar.next_close(t), std::nullopt);
        EXPECT_EQ(calendar.add(t, 100h), t + 100h);
        EXPECT_EQ(calendar.between(t, t + 100h), 100h);
    }
}

TEST(Calendar, AroundTheClockWithOneHolidayClosesForItOnly)
{
    auto spec = every_day("00:00-24:00");
    spec.closed_dates = {date("2026-08-15")};
    const auto calendar = make(spec);
    EXPECT_EQ(show(calendar.next_close(at("2026-03-02T12:00:00Z"))), "2026-08-14T22:00:00Z");
    EXPECT_EQ(show(calendar.next_open(at("2026-03-02T12:00:00Z"))), "2026-08-15T22:00:00Z");
    EXPECT_EQ(calendar.next_close(at("2026-08-16T12:00:00Z")), std::nullopt);
    EXPECT_EQ(calendar.next_open(at("2026-08-16T12:00:00Z")), std::nullopt);
}

TEST(Calendar, AlwaysClosedHasNoOpening)
{
    const auto calendar = make(CalendarSpec{});
    const auto t = at("2026-03-02T12:00:00Z");
    EXPECT_FALSE(calendar.is_open(t));
    EXPECT_EQ(calendar.next_open(t), std::nullopt);
    EXPECT_EQ(calendar.next_close(t), std::nullopt);
    EXPECT_EQ(calendar.add(t, 1us), std::nullopt);
    EXPECT_EQ(calendar.between(t, t + 10'000h), 0h);
}

TEST(Calendar, ASingleExceptionalOpeningIsFoundAndThenNoMore)
{
    CalendarSpec spec;
    spec.open = {{date("2027-01-04"), parse_windows("09:00-10:00").value()}};
    const auto calendar = make(spec);
    EXPECT_EQ(show(calendar.next_open(at("2026-03-02T12:00:00Z"))), "2027-01-04T08:00:00Z");
    EXPECT_EQ(show(calendar.add(at("2026-03-02T12:00:00Z"), 1h)), "2027-01-04T09:00:00Z");
    EXPECT_EQ(calendar.add(at("2026-03-02T12:00:00Z"), 1h + 1us), std::nullopt);
    EXPECT_EQ(calendar.next_open(at("2027-01-04T08:00:00Z")), std::nullopt);
}

TEST(Calendar, MeasuresBackwardsAsNegative)
{
    const auto office = italian_office();
    EXPECT_EQ(office.between(at("2026-03-02T12:00:00Z"), at("2026-03-02T10:00:00Z")), -2h);
}

TEST(Calendar, NamesTheLocalDay)
{
    const auto office = italian_office();
    const auto day = office.local_day(at("2026-03-01T23:30:00Z"));
    EXPECT_EQ(base::to_rfc3339(day.opens), "2026-03-01T23:00:00Z");
    EXPECT_EQ(base::to_rfc3339(day.closes), "2026-03-02T23:00:00Z");
    EXPECT_EQ(to_string(office.local_date(at("2026-03-01T23:30:00Z"))), "2026-03-02");
}

TEST(Calendar, AHolidayIsClosedUnlessTheFileOpensIt)
{
    auto spec = weekdays("09:00-18:00");
    spec.holidays = {{date("2026-12-08"), "Immacolata"}, {date("2026-12-25"), "Natale"}};
    spec.open = {{date("2026-12-25"), parse_windows("10:00-12:00").value()}};
    const auto calendar = make(spec);
    EXPECT_FALSE(calendar.is_open(at("2026-12-08T11:00:00Z")));
    EXPECT_EQ(show(calendar.next_open(at("2026-12-07T17:00:00Z"))), "2026-12-09T08:00:00Z");
    EXPECT_TRUE(calendar.is_open(at("2026-12-25T10:30:00Z")));
}

TEST(Calendar, WhatAPersonEnteredForADateStandsInThePlaceOfEverythingElse)
{
    auto spec = weekdays("09:00-18:00");
    spec.holidays = {{date("2026-12-08"), "Immacolata"}};
    spec.closed_dates = {date("2026-12-24")};
    spec.open = {{date("2026-12-27"), parse_windows("10:00-12:00").value()}};
    const auto morning = parse_windows("09:00-13:00").value();
    const std::vector<DatedHours> entered{
        {date("2026-12-08"), morning}, {date("2026-12-24"), morning}, {date("2026-12-27"), {}}, {date("2026-12-28"), {}}};
    const auto calendar = make(with_dated_hours(spec, entered));
    EXPECT_EQ(show(calendar.next_close(at("2026-12-08T09:00:00Z"))), "2026-12-08T12:00:00Z");
    EXPECT_EQ(show(calendar.next_close(at("2026-12-24T09:00:00Z"))), "2026-12-24T12:00:00Z");
    EXPECT_FALSE(calendar.is_open(at("2026-12-27T09:30:00Z")));
    EXPECT_EQ(show(calendar.next_open(at("2026-12-25T18:00:00Z"))), "2026-12-29T08:00:00Z");
    EXPECT_EQ(with_dated_hours(spec, {}), spec);
}

TEST(Calendar, KnowsTheClockOnTheWall)
{
    const auto calendar = italian_office();
    EXPECT_EQ(calendar.local_time(at("2026-03-02T08:30:59.9Z")), 9h + 30min);
    EXPECT_EQ(calendar.local_time(at("2026-03-01T23:00:00Z")), 0min);
    EXPECT_EQ(calendar.local_time(at("2026-10-25T00:30:00Z")), 2h + 30min);
    EXPECT_EQ(calendar.local_time(at("2026-10-25T01:30:00Z")), 2h + 30min) << "the same again";
    EXPECT_EQ(show(calendar.instant_of(date("2026-10-25"), 2h + 30min)), "2026-10-25T00:30:00Z");
    EXPECT_EQ(show(calendar.instant_of(date("2026-03-29"), 2h + 30min)), "2026-03-29T01:00:00Z");
}

TEST(Calendar, RefusesWhatCannotBe)
{
    auto no_zone = weekdays("09:00-18:00", "Europe/Roma");
    EXPECT_NE(Calendar::make(no_zone).error().what().find("Europe/Roma"), std::string::npos);
    auto no_length = weekdays("09:00-18:00");
    no_length.weekly[0] = {Window{9h, 9h}};
    EXPECT_FALSE(Calendar::make(no_length));
    auto no_date = weekdays("09:00-18:00");
    no_date.closed_dates = {std::chrono::year(2026) / 2 / 30};
    EXPECT_FALSE(Calendar::make(no_date));
}

} // namespace
} // namespace sportello::domain
