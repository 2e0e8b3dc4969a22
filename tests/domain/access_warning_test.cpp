#include <sportello/domain/access_warning.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant now = base::from_micros(1'772'442'000'000'000); // Mon 2026-03-02T09:00:00Z

TEST(AccessWarning, MarksFourteenSevenAndOneDay)
{
    for (const auto& [left, mark] : {std::pair<base::Duration, int>{15 * 24h, 0},
                                     {14 * 24h + 1s, 0},
                                     {14 * 24h, 14},
                                     {8 * 24h, 14},
                                     {7 * 24h, 7},
                                     {25h, 7},
                                     {24h, 1},
                                     {1s, 1},
                                     {-1h, 1}}) {
        EXPECT_EQ(access_mark(now + left, now), mark) << left.count();
    }
    EXPECT_EQ(access_mark(std::nullopt, now), 0);
}

TEST(AccessWarning, SaysWhenAndWhatToDo)
{
    EXPECT_EQ(access_warning("tim", now + 30 * 24h, "", now), "");
    EXPECT_EQ(access_warning("tim", now + 24h, "", now),
              "The access to this channel ends at 2026-03-03T09:00:00Z: run `sportello channel connect tim`");
    EXPECT_EQ(access_warning("tim", now - 24h, "", now),
              "The access to this channel ended at 2026-03-01T09:00:00Z: run `sportello channel connect tim`");
    EXPECT_EQ(access_warning("tim", std::nullopt, "dm.write (no)", now), "The token lacks dm.write (no)");
    EXPECT_EQ(access_warning("tim", now + 24h, "x", now),
              "The access to this channel ends at 2026-03-03T09:00:00Z: run `sportello channel connect tim`. The token lacks x");
}

} // namespace
} // namespace sportello::domain
