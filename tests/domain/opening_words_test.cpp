#include <sportello/domain/opening_words.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

struct OpeningCase {
    const char* name;
    const char* now;
    const char* italian;
    const char* english;
    friend void PrintTo(const OpeningCase& c, std::ostream* out) { *out << c.name; }
};

/// Monday to Friday 9 to 13 and 14 to 18 in Rome; closed from Christmas to 6 January.
Calendar christmas_office()
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-13:00, 14:00-18:00").value();
    for (auto day = std::chrono::sys_days(parse_date("2026-12-24").value()); day < std::chrono::sys_days(parse_date("2027-01-07").value());
         day += std::chrono::days(1)) {
        spec.closed_dates.emplace_back(day);
    }
    spec.open = {{parse_date("2026-12-01").value(), parse_windows("01:30-02:00").value()},
                 {parse_date("2026-12-05").value(), parse_windows("00:00-02:00").value()}};
    return Calendar::make(spec).value();
}

class OpeningWords : public testing::TestWithParam<OpeningCase> {};

TEST_P(OpeningWords, SayWhenTheCounterOpens)
{
    const auto now = base::parse_rfc3339(GetParam().now).value();
    EXPECT_EQ(say_next_opening(christmas_office(), now, "it"), GetParam().italian);
    EXPECT_EQ(say_next_opening(christmas_office(), now, "en"), GetParam().english);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OpeningWords,
    testing::Values(OpeningCase{"BeforeTheMorning", "2026-11-26T23:30:00Z", "oggi alle 9:00", "today at 9:00"},
                    OpeningCase{"AtNoon", "2026-11-27T12:10:00Z", "oggi alle 14:00", "today at 14:00"},
                    OpeningCase{"InTheEvening", "2026-11-26T20:00:00Z", "domani alle 9:00", "tomorrow at 9:00"},
                    OpeningCase{"OverTheWeekend", "2026-11-27T18:00:00Z", "lunedì 30 novembre alle 9:00", "on Monday 30 November at 9:00"},
                    OpeningCase{"AtOneOClockOfTheNextDay", "2026-11-30T18:00:00Z", "domani all'1:30", "tomorrow at 1:30"},
                    OpeningCase{"AtMidnight", "2026-12-04T18:00:00Z", "domani a mezzanotte", "tomorrow at midnight"},
                    OpeningCase{"AfterTheHolidays", "2026-12-23T19:00:00Z", "giovedì 7 gennaio alle 9:00",
                                "on Thursday 7 January at 9:00"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(OpeningWordsAlone, TheFirstOfAMonthAndAYearFarAway)
{
    const auto now = base::parse_rfc3339("2026-11-27T10:00:00Z").value();
    const auto of = [&](const char* t, const char* language) {
        return say_when(christmas_office(), base::parse_rfc3339(t).value(), now, language);
    };
    EXPECT_EQ(of("2027-02-01T08:00:00Z", "it"), "lunedì 1º febbraio alle 9:00");
    EXPECT_EQ(of("2027-09-01T07:05:00Z", "it"), "mercoledì 1º settembre 2027 alle 9:05");
    EXPECT_EQ(of("2027-09-01T07:05:00Z", "de"), "on Wednesday 1 September 2027 at 9:05");
}

TEST(OpeningWordsAlone, NothingForACounterThatNeverOpensAgain)
{
    const auto now = base::parse_rfc3339("2026-11-27T10:00:00Z").value();
    EXPECT_FALSE(say_next_opening(Calendar::make({}).value(), now, "it"));
    EXPECT_FALSE(say_next_opening(Calendar::always_open(), now, "it"));
}

} // namespace
} // namespace sportello::domain
