#include "support.hpp"

#include <sportello/storage/claims.hpp>
#include <sportello/storage/leases.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace sportello::storage::test {
namespace {

class Leases : public RepositoryTest {
protected:
    std::optional<Lease> take(const std::string& node, const std::optional<Lease>& seen)
    {
        return write_for(*db, [&](Transaction& tx) { return take_lease(tx, "outbox", node, seen); });
    }
    std::optional<Lease> seen()
    {
        return read(*db, [](Transaction& tx) { return find_lease(tx, "outbox"); });
    }
};

TEST_F(Leases, TheFirstWhoComesHoldsIt)
{
    const auto first = take("a", seen());
    ASSERT_TRUE(first);
    EXPECT_EQ(first->holder, "a");
    EXPECT_FALSE(take("b", std::nullopt));
    EXPECT_EQ(seen(), first);
}

TEST_F(Leases, IsTakenOnlyWhenItStoodStill)
{
    const auto held = take("a", std::nullopt).value();
    const auto watched = seen();
    EXPECT_TRUE(write_for(*db, [&](Transaction& tx) { return renew_lease(tx, held); }));
    EXPECT_FALSE(take("b", watched)) << "it was renewed meanwhile";
    const auto taken = take("b", seen());
    ASSERT_TRUE(taken);
    EXPECT_GT(taken->epoch, held.epoch);
    EXPECT_FALSE(write_for(*db, [&](Transaction& tx) { return renew_lease(tx, held); })) << "the old holder has lost it";
    EXPECT_FALSE(take("c", watched)) << "an old look is worth nothing";
}

TEST_F(Leases, GivenBackItIsAnybodysAndOldHoldersCannotGiveItBackAgain)
{
    const auto held = take("a", std::nullopt).value();
    write(*db, [&](Transaction& tx) { give_lease_back(tx, held); });
    EXPECT_EQ(seen()->holder, "");
    const auto taken = take("b", seen()).value();
    write(*db, [&](Transaction& tx) { give_lease_back(tx, held); });
    EXPECT_TRUE(read(*db, [&](Transaction& tx) { return holds_lease(tx, taken); }));
}

TEST_F(Leases, AFencedUnitRunsOnlyWhileTheLeaseIsHeld)
{
    const auto held = take("a", std::nullopt).value();
    FencedDatabase fenced(*db, held, false);
    auto add = [](Transaction& tx) -> Result<int> {
        tx.run("INSERT INTO customer (name, created_at) VALUES ('x', 1)");
        return 1;
    };
    EXPECT_TRUE(fenced.write_now(add));
    ASSERT_TRUE(take("b", seen()));
    const auto refused = fenced.write_now(add);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::unavailable);
    EXPECT_EQ(count(*db, "customer"), 1);
}

TEST(Claims, OneNodeHasItUntilItsTransactionEndsAndTheOtherDoesNotWait)
{
    std::string why;
    const std::string url = sportello::test::fresh_postgresql(why);
    if (url.empty()) GTEST_SKIP() << why;
    sportello::test::ManualClock clock;
    const DatabaseOptions options{.url = url, .migrations = migrations_folder(), .inline_execution = true};
    const auto one = Database::open(options, clock).value(), other = Database::open(options, clock).value();
    const auto claims = [](Database& db, std::string_view what) { return write_for(db, [&](Transaction& tx) { return claim(tx, what); }); };
    write(*one, [&](Transaction& tx) {
        EXPECT_TRUE(among_nodes(tx));
        EXPECT_TRUE(claim(tx, "threading"));
        EXPECT_TRUE(claim(tx, "threading")) << "who has it has it";
        EXPECT_FALSE(claims(*other, "threading"));
        EXPECT_TRUE(claims(*other, "assignment"));
    });
    EXPECT_TRUE(claims(*other, "threading"));
}

// Each reads all names before it adds one: at once, the one would have to be run again.
TEST(Turns, WhoWaitedSeesWhatTheOtherDidAndIsNotRunAgain)
{
    std::string why;
    const std::string url = sportello::test::fresh_postgresql(why);
    if (url.empty()) GTEST_SKIP() << why;
    sportello::test::ManualClock clock;
    const DatabaseOptions options{.url = url, .migrations = migrations_folder(), .inline_execution = true};
    const auto one = Database::open(options, clock).value(), other = Database::open(options, clock).value();
    std::atomic<int> runs = 0, working = 0, most_at_once = 0;
    const auto add = [&](Database& db) {
        return write_for(db, [&](Transaction& tx) {
            take_turn(tx);
            ++runs;
            most_at_once = std::max(most_at_once.load(), ++working);
            const auto before = tx.first("SELECT count(*) FROM customer", [](const Row& row) { return row.number(0); }).value_or(-1);
            tx.run("INSERT INTO customer (name, created_at) VALUES ('x', 1)");
            --working;
            return before;
        });
    };
    constexpr int each = 40;
    std::set<std::int64_t> seen_by_other;
    std::thread beside([&] {
        for (int i = 0; i < each; ++i) seen_by_other.insert(add(*other));
    });
    std::set<std::int64_t> seen;
    for (int i = 0; i < each; ++i) seen.insert(add(*one));
    beside.join();
    EXPECT_EQ(runs, 2 * each) << "nobody was run again";
    EXPECT_EQ(most_at_once, 1);
    seen.merge(seen_by_other);
    EXPECT_EQ(seen.size(), 2U * each) << "each saw what was before it";
}

TEST(Claims, WhereThereAreNoOtherNodesItIsAlwaysFree)
{
    sportello::test::ManualClock clock;
    const DatabaseOptions options{.url = "sqlite::memory:", .migrations = migrations_folder(), .inline_execution = true};
    write(*Database::open(options, clock).value(), [](Transaction& tx) {
        EXPECT_FALSE(among_nodes(tx));
        EXPECT_TRUE(claim(tx, "threading"));
    });
}

} // namespace
} // namespace sportello::storage::test
