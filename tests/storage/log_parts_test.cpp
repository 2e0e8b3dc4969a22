#include "support.hpp"
#include "support/postgres_cluster.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/log_parts.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <thread>

// The log on PostgreSQL: in parts, for its readers one.
namespace sportello::storage::test {
namespace {

constexpr std::int64_t in_a_part = 1'000'000;

/// In a database of this test's own: parts that were dropped are missed by whoever uses it next.
class LogParts : public testing::Test {
protected:
    void SetUp() override
    {
        std::string why;
        cluster = sportello::test::PostgresCluster::find_or_start(why);
        if (!cluster) GTEST_SKIP() << why;
        order("CREATE DATABASE " + name);
        url = cluster->url_of(name);
        db = open_at(url, migrations());
    }
    ~LogParts() override
    {
        if (cluster) order("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
    void order(const std::string& sql) const
    {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> session(PQconnectdb(cluster->url_of("postgres").c_str()), &PQfinish);
        PQsetNoticeProcessor(
            session.get(), [](void*, const char*) {}, nullptr);
        const std::unique_ptr<PGresult, decltype(&PQclear)> done(PQexec(session.get(), sql.c_str()), &PQclear);
        EXPECT_EQ(PQresultStatus(done.get()), PGRES_COMMAND_OK) << PQerrorMessage(session.get());
    }
    virtual std::filesystem::path migrations() { return migrations_folder(); }

    static std::unique_ptr<Database> open_at(const std::string& url, const std::filesystem::path& migrations, bool inline_execution = true)
    {
        static sportello::test::ManualClock clock;
        return Database::open({.url = url, .migrations = migrations, .inline_execution = inline_execution}, clock).value();
    }
    static void tell(Database& db, Instant at, const std::string& type = "told")
    {
        write(db, [&](Transaction& tx) {
            append_event(tx, {.seq = 0, .type = type, .at = at, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
        });
    }
    /// As if so many events had been told and forgotten.
    static void go_on_at(Database& db, std::int64_t seq)
    {
        write(db, [&](Transaction& tx) { tx.run("SELECT setval('event_number', $1, false)", seq); });
    }
    static std::vector<std::int64_t> numbers(Database& db, std::int64_t since = 0)
    {
        return read(db, [&](Transaction& tx) {
            std::vector<std::int64_t> all;
            events_since(tx, since, 1'000, [&](const domain::Event& event) { all.push_back(event.seq); });
            return all;
        });
    }
    static std::int64_t parts(Database& db) { return count(db, "pg_inherits WHERE inhparent = 'event'::regclass"); }
    DroppedLog drop(Instant before)
    {
        return write_for(*db, [&](Transaction& tx) { return drop_old_log(tx, before); });
    }

    const std::string name = "sportello_log_" + std::to_string(getpid());
    std::unique_ptr<sportello::test::PostgresCluster> cluster;
    std::string url;
    std::unique_ptr<Database> db;
};

TEST_F(LogParts, ReadersReadOnFromOneIntoTheNext)
{
    go_on_at(*db, in_a_part - 2);
    for (int n = 0; n < 5; ++n) tell(*db, nine_oclock);
    const std::vector<std::int64_t> all{in_a_part - 2, in_a_part - 1, in_a_part, in_a_part + 1, in_a_part + 2};
    EXPECT_EQ(numbers(*db), all);
    EXPECT_EQ(numbers(*db, in_a_part), (std::vector<std::int64_t>{in_a_part + 1, in_a_part + 2}));
    EXPECT_EQ(read(*db, last_seq), in_a_part + 2);
}

TEST_F(LogParts, AreMadeWhenTheLastOneIsFull)
{
    const auto before = parts(*db);
    go_on_at(*db, 900 * in_a_part);
    tell(*db, nine_oclock);
    tell(*db, nine_oclock);
    EXPECT_EQ(read(*db, last_seq), 900 * in_a_part + 2) << "the number that found no place is left out, as after every failure";
    EXPECT_EQ(parts(*db), before + 5) << "that one, and four ahead";
}

TEST_F(LogParts, AreDroppedWhenAllOfThemIsOld)
{
    for (int n = 0; n < 3; ++n) tell(*db, nine_oclock + 24h * n);
    EXPECT_EQ(drop(nine_oclock + 24h * 300).events, 0) << "it is still being written";
    go_on_at(*db, in_a_part);
    tell(*db, nine_oclock + 24h * 3);
    go_on_at(*db, 2 * in_a_part);
    tell(*db, nine_oclock + 24h * 9);

    EXPECT_FALSE(drop(nine_oclock).rest_waits);
    const auto in_between = drop(nine_oclock + 24h);
    EXPECT_EQ(in_between.events, 0);
    EXPECT_TRUE(in_between.rest_waits) << "the rest of it is as old in two days";
    const auto before = parts(*db);
    const auto after = drop(nine_oclock + 24h * 3);
    EXPECT_EQ(after.events, 3);
    EXPECT_FALSE(after.rest_waits);
    EXPECT_EQ(parts(*db), before - 1);
    EXPECT_EQ(numbers(*db), (std::vector<std::int64_t>{in_a_part, 2 * in_a_part}));
    tell(*db, nine_oclock);
    EXPECT_EQ(read(*db, last_seq), 2 * in_a_part + 1);
}

TEST_F(LogParts, OfSlowLogsAreForgottenRowByRow)
{
    tell(*db, nine_oclock);
    tell(*db, nine_oclock + 24h * 30);
    go_on_at(*db, in_a_part);
    tell(*db, nine_oclock + 24h * 60);
    const auto dropped = drop(nine_oclock + 24h);
    EXPECT_EQ(dropped.events, 0);
    EXPECT_FALSE(dropped.rest_waits) << "its last event is kept for a month more";
}

TEST_F(LogParts, OfOneThatIsReadNobodyWaits)
{
    tell(*db, nine_oclock);
    go_on_at(*db, in_a_part);
    tell(*db, nine_oclock + 24h);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> reader(PQconnectdb(url.c_str()), &PQfinish);
    PQclear(PQexec(reader.get(), "BEGIN; SELECT count(*) FROM event"));
    const auto refused = drop(nine_oclock + 1h);
    EXPECT_EQ(refused.events, 0);
    EXPECT_TRUE(refused.rest_waits);
    EXPECT_EQ(numbers(*db), (std::vector<std::int64_t>{1, in_a_part}));
    PQclear(PQexec(reader.get(), "COMMIT"));
    EXPECT_EQ(drop(nine_oclock + 1h).events, 1);
}

TEST_F(LogParts, AreDroppedWhileOtherNodesTell)
{
    constexpr int old_parts = 5, of_each_node = 60;
    for (int part = 0; part < old_parts; ++part) {
        go_on_at(*db, std::max<std::int64_t>(1, part * in_a_part));
        tell(*db, nine_oclock + 1h * part, "old");
    }
    go_on_at(*db, old_parts * in_a_part);
    std::vector<std::thread> nodes;
    for (int node = 0; node < 2; ++node) {
        nodes.emplace_back([this] {
            const auto own = open_at(url, migrations_folder(), false);
            for (int n = 0; n < of_each_node; ++n) tell(*own, nine_oclock + 24h);
        });
    }
    int dropped = 0;
    for (int part = 0; part < old_parts; ++part) {
        for (int tries = 0; dropped == part && tries < 1'000; ++tries)
            dropped += static_cast<int>(drop(nine_oclock + 1h * part + 1s).events);
        tell(*db, nine_oclock + 24h); // the last part is full only when a later number is there
    }
    for (std::thread& node : nodes) node.join();
    EXPECT_EQ(dropped, old_parts);
    EXPECT_EQ(count(*db, "event WHERE type = 'old'"), 0);
    const auto all = numbers(*db);
    EXPECT_EQ(std::ssize(all), 2 * of_each_node + old_parts);
    EXPECT_TRUE(std::ranges::is_sorted(all));
}

class LogOfBefore : public LogParts {
protected:
    std::filesystem::path migrations() override
    {
        std::filesystem::create_directories(folder / "postgresql");
        for (const auto& entry : std::filesystem::directory_iterator(migrations_folder() / "postgresql")) {
            const auto file = entry.path().filename();
            if (file.string() < "0023") std::filesystem::copy(entry.path(), folder.path() / "postgresql" / file);
        }
        return folder.path();
    }

    TempDir folder;
};

TEST_F(LogOfBefore, KeepsItsFactsAndItsNumbersWhileProgramsOfBeforeGoOn)
{
    for (int n = 0; n < 5; ++n) tell(*db, nine_oclock + 1h * n);
    write(*db, [](Transaction& tx) { tx.run("DELETE FROM event WHERE seq IN (1, 5)"); }); // forgotten, and lost with its transaction
    const auto with_parts = open_at(url, migrations_folder());
    EXPECT_EQ(numbers(*with_parts), (std::vector<std::int64_t>{2, 3, 4}));
    tell(*with_parts, nine_oclock);
    tell(*db, nine_oclock);
    tell(*with_parts, nine_oclock);
    const std::vector<std::int64_t> all{2, 3, 4, 6, 7, 8};
    EXPECT_EQ(numbers(*with_parts), all);
    EXPECT_EQ(numbers(*db), all);
    EXPECT_EQ(numbers(*open_at(url, folder.path())), all) << "started again, it still takes the schema";
}

} // namespace
} // namespace sportello::storage::test
