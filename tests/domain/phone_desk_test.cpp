#include <sportello/domain/phone_desk.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using base::Instant;
using namespace std::chrono_literals;

Instant at(std::string_view text)
{
    return base::parse_rfc3339(text).value();
}

Calendar desk(std::string_view hours)
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows(hours).value();
    return Calendar::make(spec).value();
}

TEST(PhoneSlots, AreTheWholeHalfHoursInWhichTheDeskIsOpen)
{
    const Calendar hours = desk("09:15-10:30, 14:00-15:00");
    const auto slots = phone_slots(hours, at("2026-03-06T09:30:01+01:00"), 5); // a Friday
    const std::vector<Instant> expected{at("2026-03-06T10:00:00+01:00"), at("2026-03-06T14:00:00+01:00"), at("2026-03-06T14:30:00+01:00"),
                                        at("2026-03-09T09:30:00+01:00"), at("2026-03-09T10:00:00+01:00")};
    EXPECT_EQ(slots, expected);
    EXPECT_TRUE(phone_slots(desk("09:00-09:20"), at("2026-03-02T00:00:00Z"), 5).empty());
    // The clocks go forward on the Sunday before: Monday's slots are an hour earlier in UTC.
    EXPECT_EQ(phone_slots(desk("09:00-18:00"), at("2026-03-28T12:00:00Z"), 1).at(0), at("2026-03-30T07:00:00Z"));
}

TEST(PhoneSlots, HoldWhatTheStaffingCanKeep)
{
    const auto plan = [](const char* hours) {
        const std::vector<ShiftEntry> entries{read_shift_entry("monday", "shift", hours, "").value()};
        return ShiftPlan::make(entries, "Europe/Rome").value();
    };
    const ShiftPlan anna = plan("09:00-13:00");
    const ShiftPlan bruno = plan("12:45-18:00");
    const ShiftPlan* staff[] = {&anna, &bruno};
    EXPECT_EQ(slot_capacity(9, 2, staff, at("2026-03-02T10:00:00+01:00")), 2);
    EXPECT_EQ(slot_capacity(9, 2, staff, at("2026-03-02T12:30:00+01:00")), 2) << "who comes in its middle does not count";
    EXPECT_EQ(slot_capacity(9, 2, staff, at("2026-03-02T18:00:00+01:00")), 0);
    EXPECT_EQ(slot_capacity(1, 2, staff, at("2026-03-02T10:00:00+01:00")), 1);
    EXPECT_EQ(slot_capacity(9, 0, staff, at("2026-03-02T18:00:00+01:00")), 9);
    EXPECT_EQ(slot_capacity(9, 2, {}, at("2026-03-02T18:00:00+01:00")), 9);
}

TEST(PhoneText, SaysTheSlotInTheCustomersWords)
{
    EXPECT_EQ(slot_in_words(at("2026-03-02T09:00:00Z"), "Europe/Rome", "it"), "lunedì 2 marzo tra le 10:00 e le 10:30");
    EXPECT_EQ(slot_in_words(at("2026-08-16T22:45:00Z"), "Europe/Rome", "en"), "Monday 17 August between 00:45 and 01:15");
    for (const auto text : {PhoneText::planned, PhoneText::not_reached, PhoneText::ask_number}) {
        EXPECT_NE(phone_text(text, "it"), phone_text(text, "en"));
        EXPECT_EQ(phone_text(text, "fr"), phone_text(text, "en"));
    }
    EXPECT_EQ(fill_phone_text("{slot}, {code} {brand}{", {"{code}", "S-1", "TIM"}), "{code}, S-1 TIM{")
        << "what is put in is not looked at again";
}

TEST(PhoneNumber, IsOneThatCouldBeCalled)
{
    for (const char* good : {"06 1234567", "+39 06/12.34-567", "(06) 12345"}) EXPECT_TRUE(is_phone_number(good)) << good;
    for (const char* bad : {"", "1234", "06 1234567a", "0612345678901234", "06+12345", "06 1                         2345"}) {
        EXPECT_FALSE(is_phone_number(bad)) << bad;
    }
}

TEST(CallCentre, IsTriedForMoreThanADay)
{
    base::Duration all{};
    std::int32_t attempts = 1;
    for (; call_centre_backoff(attempts); ++attempts) {
        if (attempts > 1) { EXPECT_GE(*call_centre_backoff(attempts), *call_centre_backoff(attempts - 1)); }
        all += *call_centre_backoff(attempts);
    }
    EXPECT_GT(all, 24h);
    EXPECT_LT(attempts, 100);
}

} // namespace
} // namespace sportello::domain
