#include <sportello/domain/alerting.hpp>

#include <gmock/gmock.h>

#include <random>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using base::Instant;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant begin = base::from_micros(1'772'442'000'000'000);

AlertTelling raised(std::size_t step = 0)
{
    return {AlertNotice::raised, step};
}

/// A route followed from one look to the next.
struct Follower {
    AlertRoute route;
    AlertState alert;
    AlertProgress progress;
    std::vector<AlertTelling> look(base::Duration after, bool open = true)
    {
        auto decision = decide_alert(route, alert, progress, open, begin + after);
        progress = decision.progress;
        return decision.tellings;
    }
};

TEST(Alerting, IsToldOnceThenOnlyAsOftenAsTheRouteSays)
{
    Follower once;
    EXPECT_THAT(once.look(0s), ElementsAre(raised()));
    for (const auto after : {30s, 3600s, 864000s}) EXPECT_THAT(once.look(after), IsEmpty());

    Follower again;
    again.route.repeat = 1h;
    EXPECT_THAT(again.look(0s), ElementsAre(raised()));
    EXPECT_THAT(again.look(59min), IsEmpty());
    EXPECT_THAT(again.look(60min), ElementsAre(AlertTelling{AlertNotice::repeated, 0}));
    EXPECT_THAT(again.look(10h), ElementsAre(AlertTelling{AlertNotice::repeated, 0})) << "what a stopped server missed is not made up for";
}

TEST(Alerting, GoesToTheNextPersonUntilSomebodyKnows)
{
    Follower route;
    route.route.steps = {0s, 15min, 1h};
    EXPECT_THAT(route.look(0s), ElementsAre(raised()));
    EXPECT_THAT(route.look(14min), IsEmpty());
    EXPECT_THAT(route.look(15min), ElementsAre(AlertTelling{AlertNotice::escalated, 1}));
    route.alert.acknowledged_at = begin + 20min;
    EXPECT_THAT(route.look(5h), IsEmpty()) << "somebody knows";
    route.alert.ended_at = begin + 6h;
    EXPECT_THAT(route.look(6h), ElementsAre(AlertTelling{AlertNotice::cleared, 0}, AlertTelling{AlertNotice::cleared, 1}))
        << "everybody who was told, nobody else";
    EXPECT_THAT(route.look(7h), IsEmpty());
}

TEST(Alerting, KeepsToItsHoursButClearsAtAny)
{
    Follower office;
    office.route.hours = AlertHours::open;
    EXPECT_THAT(office.look(0s, false), IsEmpty());
    EXPECT_THAT(office.look(14h, true), ElementsAre(raised())) << "it still goes on at the opening";
    office.alert.ended_at = begin + 20h;
    EXPECT_THAT(office.look(20h, false), ElementsAre(AlertTelling{AlertNotice::cleared, 0}));

    Follower night;
    night.route.hours = AlertHours::closed;
    EXPECT_THAT(night.look(0s, true), IsEmpty());
    night.alert.ended_at = begin + 1h;
    EXPECT_THAT(night.look(1h, false), IsEmpty()) << "who was never told needs no all-clear";
}

TEST(Alerting, WorseIsToldAnewAndThoseOfBeforeGetTheAllClearToo)
{
    Follower route;
    route.route.steps = {0s, 10min};
    (void)route.look(0s);
    (void)route.look(10min);
    route.progress = begin_anew(route.progress);
    EXPECT_THAT(route.look(20min), ElementsAre(raised()));
    route.alert.ended_at = begin + 21min;
    EXPECT_EQ(route.look(21min).size(), 2U);
}

TEST(Alerting, AMomentIsToldOnceAndNeverCleared)
{
    Follower route;
    route.alert.passing = true;
    route.route.repeat = 1min;
    route.route.steps = {0s, 1min};
    EXPECT_THAT(route.look(0s), ElementsAre(raised()));
    EXPECT_THAT(route.look(1h), IsEmpty());
    route.alert.ended_at = begin + 24h;
    EXPECT_THAT(route.look(24h), IsEmpty());
}

TEST(Alerting, RoutesNameKindsAndBrands)
{
    AlertRoute route;
    EXPECT_TRUE(concerns(route, AlertKind::disk, ""));
    route.kinds = {AlertKind::access};
    route.brands = {"tim"};
    EXPECT_TRUE(concerns(route, AlertKind::access, "tim"));
    EXPECT_FALSE(concerns(route, AlertKind::access, "impresa"));
    EXPECT_TRUE(concerns(route, AlertKind::access, "")) << "the whole house is of every brand";
    EXPECT_FALSE(concerns(route, AlertKind::disk, ""));
    for (const AlertKind kind : alert_kinds()) EXPECT_EQ(parse_alert_kind(to_string(kind)), kind);
    EXPECT_EQ(parse_alert_kind("weather"), std::nullopt);
}

TEST(Alerting, MarksAreAtFourFifthsAndAtAll)
{
    EXPECT_EQ(usage_mark(79.9, 100), 0);
    EXPECT_EQ(usage_mark(80, 100), 80);
    EXPECT_EQ(usage_mark(99.9, 100), 80);
    EXPECT_EQ(usage_mark(100, 100), 100);
    EXPECT_EQ(usage_mark(5, 0), 0) << "nothing allowed is no limit that could be told of";
}

/// However often it is looked, and whatever happens: each step is told in its order and once, nobody is told after an
/// acknowledgement or an end except the all-clear, which each step that was told gets exactly once.
TEST(Alerting, HoldsItsPromisesWhateverHappens)
{
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        std::mt19937_64 dice(seed);
        Follower route;
        route.route.steps = {0s, 10min, 10min, 1h};
        route.route.steps.resize(1 + dice() % 4);
        route.route.repeat = dice() % 2 ? 7min : 0min;
        route.route.hours = static_cast<AlertHours>(dice() % 3);
        std::vector<int> told(4), cleared(4);
        base::Duration now{};
        std::optional<base::Duration> last_repeat;
        for (int look = 0; look < 60; ++look) {
            now += std::chrono::seconds(dice() % 600);
            const bool was_quiet = route.alert.acknowledged_at.has_value();
            if (dice() % 40 == 0 && !route.alert.ended_at) route.alert.acknowledged_at = begin + now;
            if (dice() % 50 == 0) route.alert.ended_at = begin + now;
            for (const AlertTelling& telling : route.look(now, dice() % 2)) {
                if (telling.notice == AlertNotice::cleared) {
                    EXPECT_TRUE(route.alert.ended_at && told[telling.step] == 1) << seed;
                    ++cleared[telling.step];
                    continue;
                }
                EXPECT_FALSE(was_quiet || route.alert.ended_at) << seed;
                if (telling.notice == AlertNotice::repeated) {
                    EXPECT_EQ(told[telling.step], 1) << seed;
                    if (telling.step == 0 && last_repeat) { EXPECT_GE(now - *last_repeat, route.route.repeat) << seed; }
                    if (telling.step == 0) last_repeat = now;
                } else {
                    EXPECT_EQ(++told[telling.step], 1) << seed;
                    if (telling.step > 0) { EXPECT_EQ(told[telling.step - 1], 1) << seed; }
                }
            }
        }
        if (route.alert.ended_at) { EXPECT_EQ(told, cleared) << seed; }
    }
}

} // namespace
} // namespace sportello::domain
