#include "process.hpp"

#include <config.hpp>
#include <holiday_file.hpp>

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace sportello::app {
namespace {

using sportello::test::TemporaryFolder;
using sportello::test::write_file;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using testing::ElementsAre;
using testing::HasSubstr;

year_month_day date(const char* text)
{
    return domain::parse_date(text).value();
}

std::string calendar(const std::string& events)
{
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n" + events + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines)
{
    return calendar("BEGIN:VEVENT\r\nUID:one\r\nSUMMARY:Festa\r\n" + lines + "END:VEVENT\r\n");
}

std::vector<std::string> dates_in(const std::string& text, const char* from = "2026-01-01", const char* until = "2028-12-31")
{
    const auto read = read_holidays(text, date(from), date(until));
    if (!read) return {"refused: " + read.error().what()};
    std::vector<std::string> dates;
    for (const auto& holiday : read->days) dates.push_back(domain::to_string(holiday.date));
    return dates;
}

TEST(HolidayFile, ReadsDaysSpansAndRepetitions)
{
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260402\r\n")), ElementsAre("2026-04-02"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260402\r\nDTEND;VALUE=DATE:20260405\r\n")),
                ElementsAre("2026-04-02", "2026-04-03", "2026-04-04"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260402\r\nDTEND;VALUE=DATE:20260402\r\n")), ElementsAre("2026-04-02"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260402\r\nDURATION:P2D\r\n")), ElementsAre("2026-04-02", "2026-04-03"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20101225\r\nRRULE:FREQ=YEARLY\r\n")),
                ElementsAre("2026-12-25", "2027-12-25", "2028-12-25"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20101125\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n")),
                ElementsAre("2026-11-26", "2027-11-25", "2028-11-23"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n")),
                ElementsAre("2026-02-28", "2027-02-28", "2028-02-29"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260105\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n")),
                ElementsAre("2026-01-05", "2026-01-12", "2026-01-19"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20251230\r\nDTEND;VALUE=DATE:20260103\r\n")), ElementsAre("2026-01-01", "2026-01-02"))
        << "a span that begins before";
}

TEST(HolidayFile, KnowsFurtherDatesExceptionsAndChangedRepetitions)
{
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260406\r\nRDATE;VALUE=DATE:20270329,20280417\r\n")),
                ElementsAre("2026-04-06", "2027-03-29", "2028-04-17"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20270101\r\n")),
                ElementsAre("2026-01-01", "2028-01-01"));
    const std::string moved = calendar("BEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n"
                                       "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID;VALUE=DATE:20270101\r\nDTSTART;VALUE=DATE:20270104\r\n"
                                       "END:VEVENT\r\n");
    EXPECT_THAT(dates_in(moved), ElementsAre("2026-01-01", "2027-01-04", "2028-01-01"));
    EXPECT_THAT(dates_in(event("DTSTART;VALUE=DATE:20260101\r\nSTATUS:CANCELLED\r\n")), ElementsAre());
}

TEST(HolidayFile, PassesAppointmentsOverAndJoinsWhatFallsTogether)
{
    const auto read =
        read_holidays(calendar("BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260402T100000Z\r\nEND:VEVENT\r\n"
                               "BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Pasqua\\, e\r\n  altro\r\nDTSTART;VALUE=DATE:20380425\r\nEND:VEVENT\r\n"
                               "BEGIN:VEVENT\r\nUID:c\r\nSUMMARY:Liberazione\r\nDTSTART;VALUE=DATE:20380425\r\nEND:VEVENT\r\n"),
                      date("2026-01-01"), date("2040-12-31"));
    ASSERT_TRUE(read) << read.error().what();
    EXPECT_EQ(read->passed_over, 1u);
    ASSERT_EQ(read->days.size(), 1u);
    EXPECT_EQ(read->days.front().name, "Pasqua, e altro, Liberazione");
}

TEST(HolidayFile, RefusesWhatIsNoCalendarOfHolidays)
{
    const auto refused = [](const std::string& text) {
        const auto read = read_holidays(text, date("2026-01-01"), date("2037-12-31"));
        return read ? "read " + std::to_string(read->days.size()) + " days" : read.error().what();
    };
    EXPECT_THAT(refused("<html>404</html>"), HasSubstr("BEGIN:VCALENDAR is missing"));
    EXPECT_THAT(refused(""), HasSubstr("BEGIN:VCALENDAR is missing"));
    EXPECT_THAT(refused(std::string(2 << 20, 'x')), HasSubstr("larger than a mebibyte"));
    EXPECT_THAT(refused(calendar(std::string("X:\0\r\n", 6))), HasSubstr("zero bytes"));
    EXPECT_THAT(refused("BEGIN:VCALENDAR\r\n"), HasSubstr("middle of a part"));
    std::string deep;
    for (int i = 0; i < 20'000; ++i) deep += "BEGIN:VEVENT\r\n";
    EXPECT_THAT(refused(calendar(deep)), HasSubstr("8 deep"));
    EXPECT_THAT(refused(event("")), HasSubstr("no DTSTART"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:2026ABCD\r\n")), HasSubstr("Festa"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260231\r\n")), HasSubstr("no date"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=SOMETIMES\r\n")), HasSubstr("Festa"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=SECONDLY\r\n")), HasSubstr("YEARLY, MONTHLY"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20250101\r\n")), HasSubstr("ends before it begins"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20990101\r\n")), HasSubstr("more than a year"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nDURATION:P99999999D\r\n")), HasSubstr("impossible duration"));
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:00010101\r\nRRULE:FREQ=DAILY\r\n")), HasSubstr("repeats too often"));
    std::string many;
    for (int i = 0; i < 6'000; ++i) many += "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nEND:VEVENT\r\n";
    EXPECT_THAT(refused(calendar(many)), HasSubstr("5000 events"));
    // A rule that never fits ends all the same.
    EXPECT_THAT(refused(event("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n")), HasSubstr("RRULE"));
    std::string never;
    for (int i = 0; i < 3'000; ++i) {
        never += "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO\r\nEND:VEVENT\r\n";
    }
    EXPECT_THAT(refused(calendar(never)), HasSubstr("fits no day")) << "and not after hours";
}

TEST(HolidayFile, SurvivesDamage)
{
    std::mt19937_64 random(5);
    const std::string whole = event("DTSTART;VALUE=DATE:20260402\r\nDTEND;VALUE=DATE:20260405\r\nRRULE:FREQ=YEARLY;BYDAY=1MO;COUNT=5\r\n"
                                    "RDATE;VALUE=DATE:20270101\r\nEXDATE;VALUE=DATE:20280403\r\nDURATION:P1D\r\n");
    for (int i = 0; i < 500; ++i) {
        std::string text = whole;
        for (int hits = 1 + static_cast<int>(random() % 4); hits > 0; --hits) {
            const auto at = random() % text.size();
            if (random() % 3 == 0) text.erase(at, 1 + random() % 9);
            else text[at] = static_cast<char>(random() % 255 + 1);
        }
        (void)dates_in(text);
    }
}

/// Gregorian Easter by the Anonymous algorithm, apart from the file's maker.
sys_days easter(int year)
{
    const int a = year % 19, b = year / 100, c = year % 100;
    const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int n = h + l - 7 * m + 114;
    return std::chrono::year(year) / (n / 31) / (n % 31 + 1);
}

TEST(HolidayFile, ItalyHasItsNationalHolidaysThrough2040)
{
    const auto file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "config/calendars/italy.ics";
    const auto read = read_holiday_file(file, date("2026-01-01"), date("2050-12-31"));
    ASSERT_TRUE(read) << read.error().what();
    EXPECT_EQ(read->passed_over, 0u);
    std::set<year_month_day> expected;
    for (int year = 2026; year <= 2040; ++year) {
        for (const auto* day : {"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"}) {
            expected.insert(date((std::to_string(year) + "-" + day).c_str()));
        }
        expected.insert(easter(year));
        expected.insert(easter(year) + std::chrono::days(1));
    }
    std::set<year_month_day> found;
    for (const auto& holiday : read->days) found.insert(holiday.date);
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(found.contains(date("2026-04-06"))) << "Easter Monday";
    EXPECT_FALSE(found.contains(date("2026-06-29"))) << "the patron saint is an example";
}

struct Holidays : testing::Test {
    TemporaryFolder folder;
    base::Instant now = base::parse_rfc3339("2026-11-27T09:00:00Z").value();

    LoadedConfig load(const std::string& holidays)
    {
        const auto file = folder / "sportello.toml";
        write_file(file, "[calendar.office]\nmonday = [\"09:00-18:00\"]\nholidays = [" + holidays + "]\n[[brand]]\nid = \"tim\"\n");
        return load_config(
            file, [](const std::string&) { return std::nullopt; }, now);
    }
};

TEST_F(Holidays, CloseTheOfficeRelativeToTheConfiguration)
{
    std::filesystem::create_directory(folder / "calendars");
    write_file(folder / "calendars/monday.ics", event("DTSTART;VALUE=DATE:20261130\r\n"));
    const auto loaded = load("\"calendars/monday.ics\"");
    ASSERT_TRUE(loaded.config) << loaded.problems.front().to_string();
    EXPECT_TRUE(loaded.warnings.empty());
    EXPECT_EQ(loaded.config->engine.brands.front().calendar->next_open(now), base::parse_rfc3339("2026-12-07T08:00:00Z").value());
}

TEST_F(Holidays, AFileOutOfDateIsWarnedOfWhereItIsNamed)
{
    write_file(folder / "old.ics", event("DTSTART;VALUE=DATE:20261126\r\n"));
    write_file(folder / "far.ics", event("DTSTART;VALUE=DATE:20271127\r\n"));
    write_file(folder / "good.ics", event("DTSTART;VALUE=DATE:20271126\r\n"));
    const auto loaded = load("\"good.ics\", \"old.ics\", \"far.ics\"");
    ASSERT_TRUE(loaded.config);
    ASSERT_EQ(loaded.warnings.size(), 2u);
    EXPECT_EQ(loaded.warnings.front().line, 3u);
    EXPECT_THAT(loaded.warnings.front().message, HasSubstr("old.ics has no date in the next 12 months"));
    EXPECT_THAT(loaded.warnings.back().message, HasSubstr("far.ics"));
}

TEST_F(Holidays, AFileThatCannotBeReadIsAMistakeWhereItIsNamed)
{
    write_file(folder / "page.ics", "<html>");
    for (const auto& [name, expected] :
         {std::pair("nowhere.ics", "cannot be read"), std::pair("page.ics", "no iCalendar file"), std::pair(".", "cannot be read")}) {
        const auto loaded = load("\"" + std::string(name) + "\"");
        EXPECT_FALSE(loaded.config);
        ASSERT_FALSE(loaded.problems.empty()); // and that the brand has no calendar then
        EXPECT_EQ(loaded.problems.front().line, 3u);
        EXPECT_THAT(loaded.problems.front().message, HasSubstr(expected));
    }
}

} // namespace
} // namespace sportello::app
