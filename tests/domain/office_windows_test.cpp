#include <sportello/domain/calendar.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

TEST(ParseWindow, ReadsADayANightAndAWholeDay)
{
    EXPECT_EQ(parse_window("09:00-18:00").value(), (Window{9h, 18h}));
    EXPECT_EQ(parse_window(" 09:30 - 13:15 ").value(), (Window{9h + 30min, 13h + 15min}));
    EXPECT_EQ(parse_window("22:00-02:00").value(), (Window{22h, 26h}));
    EXPECT_EQ(parse_window("22:00-00:00").value(), (Window{22h, 24h}));
    EXPECT_EQ(parse_window("22:00-24:00").value(), (Window{22h, 24h}));
    EXPECT_EQ(parse_window("00:00-24:00").value(), (Window{0h, 24h}));
}

TEST(ParseWindow, IsTheInverseOfToString)
{
    for (const auto* text : {"09:00-18:00", "22:00-02:00", "00:00-24:00", "23:59-23:58"}) {
        EXPECT_EQ(to_string(parse_window(text).value()), text);
    }
}

struct BadWindow {
    const char* text;
    const char* says;
};

TEST(ParseWindow, SaysWhatIsWrong)
{
    for (const auto& [text, says] :
         {BadWindow{"", "like 09:00-18:00"}, BadWindow{"closed", "like 09:00-18:00"}, BadWindow{"9-18", "two digits"},
          BadWindow{"09:00-25:00", "00:00 to 24:00"}, BadWindow{"09:60-18:00", "00:00 to 24:00"},
          BadWindow{"09:00-24:01", "00:00 to 24:00"}, BadWindow{"09:00-18:00-19:00", "two digits"}, BadWindow{"24:00-02:00", "next day"},
          BadWindow{"09:00-09:00", "00:00-24:00"}, BadWindow{"-1:00-09:00", "two digits"}}) {
        const auto window = parse_window(text);
        ASSERT_FALSE(window) << text;
        EXPECT_EQ(window.error().kind(), base::ErrorKind::invalid_input);
        EXPECT_NE(window.error().what().find(says), std::string::npos) << window.error().what();
    }
}

TEST(ParseWindows, ReadsAListAndNamesTheBadOne)
{
    EXPECT_EQ(parse_windows("09:00-13:00, 14:00-18:00").value(), (std::vector{Window{9h, 13h}, Window{14h, 18h}}));
    EXPECT_EQ(parse_windows("09:00-13:00").value().size(), 1U);
    const auto windows = parse_windows("09:00-13:00,14:00");
    ASSERT_FALSE(windows);
    EXPECT_NE(windows.error().what().find("\"14:00\""), std::string::npos) << windows.error().what();
}

TEST(ParseDate, ReadsOnlyDatesThatExist)
{
    EXPECT_EQ(to_string(parse_date("2028-02-29").value()), "2028-02-29");
    for (const auto* text : {"2026-02-29", "2026-13-01", "2026-00-10", "26-12-24", "2026-12-2x", "24.12.2026", ""}) {
        EXPECT_FALSE(parse_date(text)) << text;
    }
}

} // namespace
} // namespace sportello::domain
