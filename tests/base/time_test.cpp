#include <sportello/base/time.hpp>

#include <gtest/gtest.h>

#include <random>

namespace sportello::base {
namespace {

using namespace std::chrono_literals;

struct Read {
    const char* text;
    const char* utc; ///< the same instant in our own form; null when it is none
};

TEST(Rfc3339, ReadsWhatPlatformsWrite)
{
    constexpr Read cases[] = {
        {"2026-03-02T09:05:10Z", "2026-03-02T09:05:10Z"},
        {"2026-03-02T09:05:10.000Z", "2026-03-02T09:05:10Z"},
        {"2026-01-31T10:00:00+0000", "2026-01-31T10:00:00Z"},
        {"2026-01-31T10:00:00+01:00", "2026-01-31T09:00:00Z"},
        {"2026-01-01T00:30:00.5-00:45", "2026-01-01T01:15:00.500Z"},
        {"2026-01-31T10:00:00.123456789Z", "2026-01-31T10:00:00.123456Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"2023-02-29T00:00:00Z", nullptr},
        {"2026-13-01T00:00:00Z", nullptr},
        {"2026-03-02T24:00:00Z", nullptr},
        {"2026-03-02T09:05:10", nullptr},
        {"2026-03-02", nullptr},
        {"2026-03-02T09:05:10Zjunk", nullptr},
        {"2026-03-02T09:05:10.Z", nullptr},
        {"", nullptr},
    };
    for (const Read& c : cases) {
        const auto instant = parse_rfc3339(c.text);
        ASSERT_EQ(instant.has_value(), c.utc != nullptr) << c.text;
        if (instant) { EXPECT_EQ(to_rfc3339(*instant), c.utc) << c.text; }
    }
}

TEST(Rfc3339, ReadsBackWhatItWrites)
{
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> micros(-62'135'596'800'000'000, 253'402'300'799'999'999);
    for (int i = 0; i < 10'000; ++i) {
        const Instant instant = from_micros(micros(random));
        ASSERT_EQ(parse_rfc3339(to_rfc3339(instant)).value(), instant);
    }
}

TEST(Duration, ReadsUnitsAndSums)
{
    EXPECT_EQ(parse_duration("90m").value(), 90min);
    EXPECT_EQ(parse_duration("1h30m").value(), 90min);
    EXPECT_EQ(parse_duration("250ms").value(), 250ms);
    EXPECT_EQ(parse_duration("0s").value(), 0s);
    EXPECT_EQ(parse_duration("3650d").value(), 24h * 3650);
    for (const char* wrong : {"", "90", "m", "-1s", "1 h", "1w", "3651d", "9999999999999999999s", "1h30"}) {
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
    }
}

} // namespace
} // namespace sportello::base
