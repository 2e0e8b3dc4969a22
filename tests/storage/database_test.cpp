#include "support.hpp"

#include <sportello/storage/events.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <thread>

namespace sportello::storage::test {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;

/// How a database is run; the contract holds for each.
struct Engine {
    const char* name;
    bool in_memory;
    bool inline_execution;
    friend void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }
};

class StorageContract : public testing::TestWithParam<Engine> {
protected:
    void SetUp() override
    {
        auto opened = open(GetParam().in_memory ? ":memory:" : dir / "contract.db", GetParam().inline_execution);
        ASSERT_TRUE(opened) << opened.error().what();
        db = std::move(*opened);
    }

    void add_customer(const std::string& name)
    {
        write(*db, [&](Transaction& tx) { insert_customer(tx, name); });
    }
    static void insert_customer(Transaction& tx, const std::string& name)
    {
        tx.run("INSERT INTO customer (name, created_at) VALUES ($1, $2)", name, nine_oclock);
    }

    TempDir dir;
    std::unique_ptr<Database> db;
};
std::vector<Engine> engines()
{
    if (sportello::test::on_postgresql()) return {{"PostgreSQL", false, false}, {"PostgreSQLInline", false, true}};
    return {{"File", false, false}, {"Memory", true, false}, {"FileInline", false, true}, {"MemoryInline", true, true}};
}
INSTANTIATE_TEST_SUITE_P(Engines, StorageContract, testing::ValuesIn(engines()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(StorageContract, AUnitThatFailsLeavesNoTrace)
{
    auto unit = [](Transaction& tx) -> Result<int> {
        insert_customer(tx, "x");
        return Error(ErrorKind::conflict, "changed my mind");
    };
    const auto failed = db->write_now(unit);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::conflict);
    EXPECT_EQ(count(*db, "customer"), 0);
}

TEST_P(StorageContract, AUnitThatThrowsLeavesNoTraceAndIsAnInternalError)
{
    auto unit = [](Transaction& tx) -> Result<int> {
        insert_customer(tx, "x");
        throw std::logic_error("a defect");
    };
    const auto failed = db->write_now(unit);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::internal);
    EXPECT_EQ(count(*db, "customer"), 0);
    add_customer("y");
    EXPECT_EQ(count(*db, "customer"), 1);
}

TEST_P(StorageContract, ABadStatementFailsItsUnitAlone)
{
    auto unit = [](Transaction& tx) -> Result<int> {
        insert_customer(tx, "x");
        tx.run("INSERT INTO no_such_table VALUES ($1)", 1);
        return 1;
    };
    EXPECT_FALSE(db->write_now(unit));
    EXPECT_EQ(count(*db, "customer"), 0);
}

TEST_P(StorageContract, KeepsTextsAndNumbersAsTheyAre)
{
    const std::string text = "Perché? 🙂 'quoted' \"twice\" ; -- \n\t";
    write(*db, [&](Transaction& tx) {
        tx.run("INSERT INTO customer (name, created_at) VALUES ($2, $1)", INT64_MIN, text);
        tx.run("INSERT INTO customer (name, created_at) VALUES ($1, $2)", "", INT64_MAX);
        tx.run("INSERT INTO customer (name, created_at) VALUES ($1, $2)", std::string("a\0b", 3), 0);
    });
    const auto rows = read(*db, [](Transaction& tx) {
        return tx.all("SELECT name, created_at FROM customer ORDER BY id",
                      [](const Row& row) { return std::pair(row.string(0), row.number(1)); });
    });
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0], std::pair(text, INT64_MIN));
    EXPECT_EQ(rows[1], std::pair(std::string(), INT64_MAX));
    EXPECT_EQ(rows[2].first, "a\uFFFDb"); // PostgreSQL would refuse the NUL
}

TEST_P(StorageContract, AStatementMayRunAgainWithinItsOwnRows)
{
    for (const char* name : {"a", "b", "c"}) add_customer(name);
    constexpr std::string_view from = "SELECT name FROM customer WHERE name >= $1 ORDER BY name";
    const auto pairs = read(*db, [&](Transaction& tx) {
        int found = 0;
        tx.for_each(
            from,
            [&](const Row& row) {
                tx.for_each(
                    from, [&](const Row&) { ++found; }, row.string(0));
            },
            "a");
        return found;
    });
    EXPECT_EQ(pairs, 6);
}

TEST_P(StorageContract, AReadSeesWhatWasConfirmedAndMayNotWrite)
{
    add_customer("x");
    EXPECT_EQ(count(*db, "customer"), 1);
    if (GetParam().in_memory || GetParam().inline_execution) return; // reads share the writer's connection there
    auto unit = [](Transaction& tx) -> Result<int> {
        insert_customer(tx, "y");
        return 1;
    };
    EXPECT_FALSE(db->read_now(unit));
    EXPECT_EQ(count(*db, "customer"), 1);
}

TEST_P(StorageContract, TellsOfCommitsThatWroteEvents)
{
    std::atomic<int> told = 0;
    db->on_commit([&] { ++told; });
    add_customer("x");
    EXPECT_EQ(told, 0);
    write(*db, [](Transaction& tx) {
        append_event(tx, {.seq = 0, .type = "t", .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
    });
    add_customer("y"); // the writer is past the call when it takes the next unit
    EXPECT_EQ(told, 1);
}

TEST_P(StorageContract, WakesACoroutineOnItsOwnExecutorAfterTheCommit)
{
    asio::io_context io;
    std::thread::id woken_on;
    bool stored = false;
    const auto store = [&]() -> asio::awaitable<void> {
        auto unit = [](Transaction& tx) -> Result<std::string> {
            insert_customer(tx, "x");
            return std::string("stored");
        };
        const auto result = co_await db->write(unit);
        woken_on = std::this_thread::get_id();
        auto look = [](Transaction& tx) -> Result<bool> {
            return tx.first("SELECT 1 FROM customer", [](const Row&) { return 0; }).has_value();
        };
        const auto seen = co_await db->read(look);
        stored = result && *result == "stored" && seen && *seen;
    };
    asio::co_spawn(io, store, asio::detached);
    io.run(); // ends only when both have come back: they keep it at work
    EXPECT_TRUE(stored);
    EXPECT_EQ(woken_on, std::this_thread::get_id());
}

/// Holds the writer inside a unit until all the others wait, so that they become one group.
class GroupCommit : public testing::Test {
protected:
    void SetUp() override { db = std::move(*open(dir / "group.db")); }

    /// Runs the units as one group. @return their results.
    std::vector<Result<int>> as_one_group(const std::vector<std::function<Result<int>(Transaction&)>>& units)
    {
        std::latch entered(1), go(1);
        std::thread holder([&] {
            auto hold = [&](Transaction&) -> Result<int> {
                entered.count_down();
                go.wait();
                return 0;
            };
            db->write_now(hold).value();
        });
        entered.wait();
        asio::io_context io;
        std::vector<Result<int>> results(units.size(), Error(ErrorKind::internal, "never answered"));
        std::size_t place = 0;
        for (const auto& unit : units) {
            const auto store = [this, unit, &result = results[place++]]() -> asio::awaitable<void> {
                auto mine = unit;
                result = co_await db->write(mine);
            };
            asio::co_spawn(io, store, asio::detached);
        }
        io.poll(); // all wait now
        go.count_down();
        io.run();
        holder.join();
        return results;
    }

    static Result<int> insert(Transaction& tx)
    {
        tx.run("INSERT INTO customer (name, created_at) VALUES ('x', 1)");
        return 1;
    }

    TempDir dir;
    std::unique_ptr<Database> db;
};

TEST_F(GroupCommit, CommitsOnceForAllThatWait)
{
    std::atomic<int> commits = 0;
    db->on_commit([&] { ++commits; });
    const auto log = [](Transaction& tx) -> Result<int> {
        append_event(tx, {.seq = 0, .type = "t", .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
        return 1;
    };
    const auto results = as_one_group(std::vector<std::function<Result<int>(Transaction&)>>(50, log));
    for (const auto& result : results) EXPECT_TRUE(result);
    if (sportello::test::on_postgresql()) { // where who looks for other nodes' facts may see ours before it hears that they are
        EXPECT_EQ(count(*db, "commit_mark"), 2) << "that of the one who held them up, and theirs";
    }
    db.reset(); // drains, the call included
    if (!sportello::test::on_postgresql()) { EXPECT_EQ(commits, 1); }
}

TEST_F(GroupCommit, AFailureInsideLeavesTheOthers)
{
    const auto change_mind = [](Transaction& tx) -> Result<int> {
        insert(tx).value();
        return Error(ErrorKind::conflict, "no");
    };
    const auto results = as_one_group({insert, change_mind, insert});
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().kind(), ErrorKind::conflict);
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(count(*db, "customer"), 2);
}

TEST_F(GroupCommit, RunsTheOthersAgainWhenOneCostTheGroupItsTransaction)
{
    if (sportello::test::on_postgresql()) GTEST_SKIP() << "SQLite alone gives a whole transaction up";
    int first_runs = 0;
    const auto counted = [&](Transaction& tx) -> Result<int> {
        ++first_runs;
        return insert(tx);
    };
    // What a full disk or no memory do to SQLite in the middle of a unit: the whole transaction is gone.
    const auto destroy = [](Transaction& tx) -> Result<int> {
        tx.run("ROLLBACK");
        return Error(ErrorKind::unavailable, "lost");
    };
    const auto results = as_one_group({counted, destroy, insert});
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().what(), "lost");
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(first_runs, 2);
    EXPECT_EQ(count(*db, "customer"), 2);
}

TEST_F(GroupCommit, ACommitThatFailsFailsEveryUnit)
{
    if (sportello::test::on_postgresql()) GTEST_SKIP() << "SQLite alone gives a whole transaction up";
    // The reference is checked at the commit only.
    const auto break_late = [](Transaction& tx) -> Result<int> {
        tx.run("PRAGMA defer_foreign_keys = ON");
        tx.run("INSERT INTO identity (platform, platform_user_id, name, handle, customer_id) VALUES ('x', 'x', '', '', 99)");
        return 1;
    };
    const auto results = as_one_group({insert, break_late, insert});
    for (const auto& result : results) EXPECT_FALSE(result);
    EXPECT_EQ(count(*db, "customer"), 0);
    const auto after = as_one_group({insert});
    EXPECT_TRUE(after[0]);
}

/// A limit on the size of files stands for a full disk.
TEST(FullDisk, RefusesWritesKeepsReadingAndResumes)
{
    if (sportello::test::on_postgresql()) GTEST_SKIP() << "the disk is the server's";
    TempDir dir;
    auto db = std::move(*open(dir / "full.db"));
    const std::string big(64 * 1024, 'x');
    auto insert = [&](Transaction& tx) -> Result<int> {
        tx.run("INSERT INTO customer (name, created_at) VALUES ($1, 1)", big);
        return 1;
    };
    ASSERT_TRUE(db->write_now(insert));

    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit tight = before;
    tight.rlim_cur = 256 * 1024;
    setrlimit(RLIMIT_FSIZE, &tight);
    std::optional<Error> refusal;
    std::int64_t stored = 1;
    for (int n = 0; n < 50 && !refusal; ++n) {
        const auto result = db->write_now(insert);
        if (result) ++stored;
        else refusal = result.error();
    }
    const auto while_full = count(*db, "customer");
    const auto again = db->write_now(insert);
    setrlimit(RLIMIT_FSIZE, &before);

    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->kind(), ErrorKind::unavailable) << refusal->what();
    EXPECT_EQ(while_full, stored);
    EXPECT_FALSE(again);
    EXPECT_TRUE(db->write_now(insert));
    EXPECT_EQ(count(*db, "customer"), stored + 1);
}

/// Readers and writers at once, over checkpoints: each read sees whole transactions only.
TEST(Concurrency, ReadersSeeWholeTransactions)
{
    TempDir dir;
    auto db = std::move(*open(dir / "busy.db"));
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0;
    std::thread reader([&] {
        while (!done) torn += count(*db, "customer") % 2 != 0;
    });
    const std::string padding(200'000, 'x'); // 120 MB in all: more than the log may grow to while readers leave it no gap
    for (int n = 0; n < 300; ++n) {
        write(*db, [&](Transaction& tx) {
            for (int twice = 0; twice < 2; ++twice) { tx.run("INSERT INTO customer (name, created_at) VALUES ($1, 1)", padding); }
        });
    }
    done = true;
    reader.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(count(*db, "customer"), 600);
    if (sportello::test::on_postgresql()) return;
    // The log was copied and begun anew on the way, however busy the reader: it is smaller than what was written.
    EXPECT_LT(std::filesystem::file_size((dir / "busy.db").string() + "-wal"), 600 * padding.size());
}

} // namespace
} // namespace sportello::storage::test
