#include "support/test_seed.hpp"

#include <sportello/domain/calendar.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <date/tz.h>
#include <random>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Instant;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

/// Office hours worked out the slow way: every window of every local day of a span becomes an opening by the letter of
/// the rule, then they are sorted and merged, and every question is answered by looking at all of them.
class Oracle {
public:
    Oracle(const CalendarSpec& spec, Instant from, Instant until)
    {
        const auto* zone = date::locate_zone(spec.time_zone);
        for (auto day = std::chrono::floor<days>(from) - days(4); day < until + days(4); day += days(1)) {
            for (const auto& window : windows_of(spec, day)) {
                const Opening opening{to_utc(*zone, day + window.opens), to_utc(*zone, day + window.closes)};
                if (opening.opens < opening.closes) openings_.push_back(opening);
            }
        }
        merge();
    }

    [[nodiscard]] bool is_open(Instant t) const
    {
        return std::ranges::any_of(openings_, [t](const Opening& o) { return o.opens <= t && t < o.closes; });
    }
    [[nodiscard]] std::optional<Instant> next_open(Instant t) const
    {
        for (const auto& o : openings_) {
            if (o.opens > t) return o.opens;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<Instant> next_close(Instant t) const
    {
        for (const auto& o : openings_) {
            if (o.closes > t) return o.closes;
        }
        return std::nullopt;
    }
    [[nodiscard]] Duration between(Instant t, Instant u) const
    {
        Duration total{0};
        for (const auto& o : openings_) total += std::max(Duration(0), std::min(o.closes, u) - std::max(o.opens, t));
        return total;
    }

private:
    using Day = std::chrono::sys_days;

    static std::vector<Window> windows_of(const CalendarSpec& spec, Day day)
    {
        const std::chrono::year_month_day date(day);
        std::vector<Window> windows;
        bool excepted = false;
        for (const auto& exception : spec.open) {
            if (exception.date != date) continue;
            excepted = true;
            windows.insert(windows.end(), exception.windows.begin(), exception.windows.end());
        }
        if (excepted || std::ranges::find(spec.closed_dates, date) != spec.closed_dates.end()) return windows;
        return spec.weekly[std::chrono::weekday(day).iso_encoding() - 1];
    }

    static Instant to_utc(const date::time_zone& zone, std::chrono::sys_time<minutes> local)
    {
        const auto info = zone.get_info(date::local_time<minutes>(local.time_since_epoch()));
        if (info.result == date::local_info::nonexistent) return info.first.end;
        return local - info.first.offset; // unique, or the earlier of two
    }

    void merge()
    {
        std::ranges::sort(openings_, {}, &Opening::opens);
        std::vector<Opening> merged;
        for (const auto& o : openings_) {
            if (!merged.empty() && o.opens <= merged.back().closes) {
                merged.back().closes = std::max(merged.back().closes, o.closes);
            } else {
                merged.push_back(o);
            }
        }
        openings_ = std::move(merged);
    }

    std::vector<Opening> openings_;
};

CalendarSpec random_spec(const char* zone, std::mt19937_64& random, Instant from)
{
    const auto below = [&random](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
    const auto window = [&]() -> Window {
        if (below(8) == 0) return {0min, 24h};
        const minutes opens(below(96) * 15);
        return {opens, opens + minutes(1 + below(below(3) == 0 ? 24 * 60 : 8 * 60))};
    };
    CalendarSpec spec;
    spec.time_zone = zone;
    for (auto& windows : spec.weekly) {
        for (int count = below(4); count > 0; --count) windows.push_back(window());
    }
    const auto some_date = [&] { return std::chrono::year_month_day(std::chrono::floor<days>(from) + days(below(12) - 3)); };
    for (int count = below(4); count > 0; --count) spec.closed_dates.push_back(some_date());
    for (int count = below(4); count > 0; --count) spec.open.push_back({some_date(), {window(), window()}});
    return spec;
}

/// Instants worth asking at: the zone's changes in the span, to the second, and a scatter of others.
std::vector<Instant> interesting_instants(const Oracle& oracle, Instant from, std::mt19937_64& random)
{
    std::vector<Instant> instants;
    for (Instant t = from - days(2); t < from + days(5);) {
        for (const auto near : {-1us, 0us, 1us}) instants.push_back(t + near);
        const auto open = oracle.next_open(t);
        const auto close = oracle.next_close(t);
        if (!open || !close) break;
        t = std::min(*open, *close);
    }
    for (int i = 0; i < 20; ++i) {
        instants.push_back(from - days(2) + Duration(static_cast<std::int64_t>(random() % (7ULL * 86'400'000'000ULL))));
    }
    return instants;
}

class EveryZone : public testing::TestWithParam<const char*> {
protected:
    /// The zone's changes from 1995 to 2037, and a plain date after each.
    static std::vector<Instant> spans(const char* zone)
    {
        std::vector<Instant> found;
        const auto* tz = date::locate_zone(zone);
        Instant t = std::chrono::sys_days(std::chrono::year(1995) / 1 / 1);
        const Instant end = std::chrono::sys_days(std::chrono::year(2037) / 1 / 1);
        while (t < end) {
            found.push_back(t);
            const auto info = tz->get_info(std::chrono::floor<seconds>(t));
            t = info.end < end ? Instant(info.end) : end;
        }
        found.push_back(std::chrono::sys_days(std::chrono::year(2026) / 6 / 3));
        return found;
    }
};

TEST_P(EveryZone, AnswersAsTheSlowWayDoes)
{
    std::mt19937_64 random(test::test_seed(20'260'302));
    for (const auto from : spans(GetParam())) {
        const auto spec = random_spec(GetParam(), random, from);
        const auto calendar = Calendar::make(spec).value();
        const Oracle oracle(spec, from - days(3), from + days(30));
        for (const auto t : interesting_instants(oracle, from, random)) {
            const auto where = std::string(GetParam()) + " " + base::to_rfc3339(t);
            ASSERT_EQ(calendar.is_open(t), oracle.is_open(t)) << where;
            const auto open = oracle.next_open(t);
            if (open && *open < from + days(20)) { ASSERT_EQ(calendar.next_open(t), open) << where; }
            const auto close = oracle.next_close(t);
            if (close && *close < from + days(20)) { ASSERT_EQ(calendar.next_close(t), close) << where; }
            for (const Duration step : {Duration(1us), Duration(50min), Duration(25h), Duration(60h)}) {
                ASSERT_EQ(calendar.between(t, t + step), oracle.between(t, t + step)) << where;
            }
        }
    }
}

TEST_P(EveryZone, AddingAndMeasuringAgree)
{
    std::mt19937_64 random(test::test_seed(7));
    for (const auto from : spans(GetParam())) {
        const auto calendar = Calendar::make(random_spec(GetParam(), random, from)).value();
        for (int i = 0; i < 60; ++i) {
            const auto t = from + Duration(static_cast<std::int64_t>(random() % 432'000'000'000ULL)) - days(2);
            const Duration wanted(static_cast<std::int64_t>(random() % (i % 3 == 0 ? 3'000'000'000'000ULL : 30'000'000'000ULL)));
            const auto due = calendar.add(t, wanted);
            if (!due) continue;
            const auto where = std::string(GetParam()) + " " + base::to_rfc3339(t) + " + " + std::to_string(wanted.count());
            ASSERT_EQ(calendar.between(t, *due), wanted) << where;
            if (wanted > 0us) {
                // The earliest such instant: ends at closing time, not at the next opening.
                ASSERT_LT(calendar.between(t, *due - 1us), wanted) << where;
            }
        }
    }
}

TEST_P(EveryZone, OfficeTimeIsAdditiveAndNeverFalls)
{
    std::mt19937_64 random(test::test_seed(11));
    for (const auto from : spans(GetParam())) {
        const auto calendar = Calendar::make(random_spec(GetParam(), random, from)).value();
        const auto instant = [&] { return from + Duration(static_cast<std::int64_t>(random() % 432'000'000'000ULL)) - days(2); };
        for (int i = 0; i < 20; ++i) {
            std::array<Instant, 3> t{instant(), instant(), instant()};
            ASSERT_EQ(calendar.between(t[0], t[1]) + calendar.between(t[1], t[2]), calendar.between(t[0], t[2]));
            std::ranges::sort(t);
            ASSERT_LE(calendar.between(t[0], t[1]), calendar.between(t[0], t[2]));
            if (const auto open = calendar.next_open(t[0])) {
                ASSERT_TRUE(calendar.is_open(*open));
                ASSERT_FALSE(calendar.is_open(*open - 1us));
            }
            if (const auto close = calendar.next_close(t[0])) {
                ASSERT_FALSE(calendar.is_open(*close));
                ASSERT_TRUE(calendar.is_open(*close - 1us));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Zones, EveryZone,
                         testing::Values("Europe/Rome", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
                                         "Pacific/Apia", "America/Havana", "Asia/Gaza", "Antarctica/Troll", "Pacific/Kiritimati", "UTC"),
                         [](const auto& test) {
                             std::string name = test.param;
                             std::ranges::replace_if(
                                 name, [](char c) { return c == '/' || c == '_'; }, 'x');
                             return name;
                         });

} // namespace
} // namespace sportello::domain
