#include "cutting_proxy.hpp"
#include "list_shapes.hpp"
#include "statement.hpp"
#include "support.hpp"
#include "support/postgres_cluster.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/moving.hpp>

#include <sportello/storage/search.hpp>

#include <libpq-fe.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace sportello::storage::test {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// The error, or nothing.
std::string run(PGconn* connection, const std::string& sql)
{
    const Answer answer(PQexec(connection, sql.c_str()), &PQclear);
    return PQresultStatus(answer.get()) == PGRES_COMMAND_OK ? "" : PQresultErrorMessage(answer.get());
}

std::string prepare(PGconn* connection, std::string_view sql)
{
    const Answer answer(PQprepare(connection, "", std::string(sql).c_str(), 0, nullptr), &PQclear);
    return PQresultStatus(answer.get()) == PGRES_COMMAND_OK ? "" : PQresultErrorMessage(answer.get());
}

std::string file(const std::filesystem::path& path)
{
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::set<std::string> names_in(const std::filesystem::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
    return names;
}

class Postgres : public testing::Test {
protected:
    void SetUp() override
    {
        std::string why;
        cluster = sportello::test::PostgresCluster::find_or_start(why);
        if (!cluster) GTEST_SKIP() << why;
        connection = Connection(PQconnectdb(cluster->url_of("postgres").c_str()), &PQfinish);
        ASSERT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
        // A schema of this test's own, never seen by others: it ends with the transaction.
        ASSERT_EQ(run(connection.get(), "BEGIN"), "");
        ASSERT_EQ(run(connection.get(), "CREATE SCHEMA sportello_test"), "");
        ASSERT_EQ(run(connection.get(), "SET LOCAL search_path = sportello_test"), "");
        for (const std::string& name : names_in(migrations_folder() / "postgresql")) {
            ASSERT_EQ(run(connection.get(), file(migrations_folder() / "postgresql" / name)), "") << name;
        }
    }

    void expect_prepares(std::string_view sql)
    {
        ASSERT_EQ(run(connection.get(), "SAVEPOINT one"), "");
        EXPECT_EQ(prepare(connection.get(), sql), "") << sql;
        ASSERT_EQ(run(connection.get(), "ROLLBACK TO one"), "");
    }

    std::unique_ptr<sportello::test::PostgresCluster> cluster;
    Connection connection{nullptr, &PQfinish};
};

TEST_F(Postgres, PreparesEveryStatement)
{
    const auto statements = all_statements();
    EXPECT_GT(statements.size(), 80u) << "are all repositories linked?";
    for (const std::string_view sql : statements) expect_prepares(sql);

    std::set<std::string_view> lists;
    for_each_list_shape([&](const ListShape& shape) { lists.insert(shape.query(true).sql); });
    EXPECT_GT(lists.size(), 500u);
    for (const std::string_view sql : lists) expect_prepares(sql);
}

// It would read and sort all of the past otherwise, for a page of it.
TEST_F(Postgres, ReadsOnlyAPageOfEachStatusForAListByUpdate)
{
    ASSERT_EQ(run(connection.get(), "INSERT INTO customer (id, name, created_at) VALUES (1, '', 0)"), "");
    ASSERT_EQ(run(connection.get(), "INSERT INTO identity (id, platform, platform_user_id, name, handle, customer_id) "
                                    "SELECT n, 'twitter', n::text, '', '', 1 FROM generate_series(1, 3000) n"),
              "");
    ASSERT_EQ(
        run(connection.get(),
            "INSERT INTO ticket (brand, channel, platform, visibility, identity_id, customer_id, root_id, status, priority, subject, "
            "assigned_why, opened_why, created_at, updated_at, first_inbound_at, last_inbound_at, last_text, last_at, last_direction, "
            "message_count, revision) SELECT 'tim', 'tim_twitter', 'twitter', 'public', n, 1, n::text, "
            "CASE WHEN n % 6 = 0 THEN 'open' ELSE 'closed' END, 1, '', '', '', n, n, n, n, '', n, 'inbound', 1, 1 "
            "FROM generate_series(1, 3000) n"),
        "");
    ASSERT_EQ(run(connection.get(), "ANALYZE ticket, identity, agent"), "");
    ListShape everything;
    everything.statuses = {domain::TicketStatus::open, domain::TicketStatus::closed};
    const auto query = everything.query(true);
    std::vector<std::string> texts;
    for (const Value& value : query.values) {
        const auto* number = std::get_if<std::int64_t>(&value);
        texts.push_back(number ? std::to_string(*number) : std::string(std::get<std::string_view>(value)));
    }
    std::vector<const char*> values;
    for (const std::string& text : texts) values.push_back(text.c_str());
    const Answer plan(PQexecParams(connection.get(), ("EXPLAIN " + std::string(query.sql)).c_str(), static_cast<int>(values.size()),
                                   nullptr, values.data(), nullptr, nullptr, 0),
                      &PQclear);
    ASSERT_EQ(PQresultStatus(plan.get()), PGRES_TUPLES_OK) << PQresultErrorMessage(plan.get());
    std::string lines;
    for (int row = 0; row < PQntuples(plan.get()); ++row) lines += std::string(PQgetvalue(plan.get(), row, 0)) + "\n";
    EXPECT_EQ(lines.find("Seq Scan on ticket"), std::string::npos) << lines;
    EXPECT_NE(lines.find("Index Scan Backward using ticket_by_status on ticket"), std::string::npos) << lines;
}

/// Documents and questions of a few words, so that most questions have some answers and no answer is everything.
struct SearchWorld {
    std::mt19937 engine{5};
    std::string text()
    {
        static const char* const words[] = {"guasto", "guasti", "modem",  "città",    "citta'", "perché",
                                            "line",   "lines",  "L'ADSL", "internet", "inter",  "è"};
        std::string made;
        for (auto n = 1 + engine() % 5; n > 0; --n) made += std::string(words[engine() % std::size(words)]) + " ";
        return made;
    }
    std::string question()
    {
        std::string made = text();
        if (engine() % 3 == 0) made += "-" + text();
        if (engine() % 3 == 0) made.insert(0, "in* ");
        if (engine() % 2 == 0) made.pop_back();
        return made;
    }
};

TEST_F(Postgres, AnswersASearchAsSqliteDoes)
{
    auto opened = open(":memory:", true);
    ASSERT_TRUE(opened);
    SearchWorld world;
    std::string rows;
    write(**opened, [&](Transaction& tx) {
        const auto identity = upsert_identity(tx, domain::Platform::twitter, "u1", "", "", nine_oclock);
        const auto ticket = insert_ticket(tx, ticket_of(tx, identity, "root"), "a test");
        for (int i = 1; i <= 200; ++i) {
            const std::string text = world.text();
            const auto stored = store_item(tx, "tim_twitter", i % 3 == 0 ? "impresa" : "tim", domain::Platform::twitter,
                                           item("m" + std::to_string(i), text), identity, nine_oclock);
            set_threaded(tx, stored.id, ticket, Intake::done);
            const auto terms = domain::search_terms(text, "Mara", {}, {"message", i % 3 == 0 ? "impresa" : "tim", "tim_twitter"});
            put_search_document(tx, SearchKind::message, stored.id.value, "tim", i % 5 == 0 ? "before" : terms);
            if (i % 5 == 0) put_search_document(tx, SearchKind::message, stored.id.value, "tim", terms); // an edit
            if (i % 7 == 0) drop_search_document(tx, SearchKind::message, stored.id.value);
            else rows += (rows.empty() ? "(" : ", (") + std::to_string(stored.id.value * 8 + 1) + ", 'tim', '" + terms + "')";
        }
        while (tidy_search_index(tx)) {}
    });
    ASSERT_EQ(run(connection.get(), "INSERT INTO search_document (id, brand, terms) VALUES " + rows), "");

    std::size_t answered = 0;
    for (int i = 0; i < 300; ++i) {
        const std::string question = world.question();
        const auto query = domain::parse_search(question);
        const std::vector<std::string> brands = i % 2 == 0 ? std::vector<std::string>() : std::vector<std::string>{"tim", "none"};
        const auto of_sqlite = read(**opened, [&](Transaction& tx) {
            std::string ids;
            for_each_search_hit(tx, SearchKind::message, query, brands, "", std::nullopt, 50, [&](const SearchHit& hit) {
                ids += std::to_string(hit.reference) + " ";
                return true;
            });
            return ids;
        });
        const std::string asked = tsquery(domain::search_match(query, "message", brands, ""));
        const char* const values[] = {asked.c_str()};
        const Answer answer(PQexecParams(connection.get(),
                                         "SELECT id / 8 FROM search_document WHERE words @@ $1::tsquery ORDER BY id DESC LIMIT 50", 1,
                                         nullptr, values, nullptr, nullptr, 0),
                            &PQclear);
        ASSERT_EQ(PQresultStatus(answer.get()), PGRES_TUPLES_OK) << asked << ": " << PQresultErrorMessage(answer.get());
        std::string of_postgres;
        for (int row = 0; row < PQntuples(answer.get()); ++row) of_postgres += std::string(PQgetvalue(answer.get(), row, 0)) + " ";
        EXPECT_EQ(of_sqlite, query.empty() ? "" : of_postgres) << question;
        answered += !of_sqlite.empty();
    }
    EXPECT_GT(answered, 60u);
}

TEST(Migrations, HaveEqualNumbersOnBothEngines)
{
    EXPECT_EQ(names_in(migrations_folder() / "sqlite"), names_in(migrations_folder() / "postgresql"));
}

/// Several nodes on one database.
class Nodes : public testing::Test {
protected:
    void SetUp() override
    {
        std::string why;
        url = sportello::test::fresh_postgresql(why);
        if (url.empty()) GTEST_SKIP() << why;
        first = node();
        write(*first, [](Transaction& tx) { tx.run("INSERT INTO customer (name, created_at) VALUES ('counter', 0)"); });
    }

    std::unique_ptr<Database> node() const { return node_at(url); }
    static std::unique_ptr<Database> node_at(const std::string& address)
    {
        static sportello::test::ManualClock clock;
        DatabaseOptions options;
        options.url = address;
        options.migrations = migrations_folder();
        return Database::open(options, clock).value();
    }
    using ErrorKind = base::ErrorKind;
    static Result<std::int64_t> count_up(Transaction& tx)
    {
        const auto before =
            tx.first("SELECT created_at FROM customer WHERE name = 'counter'", [](const Row& row) { return row.number(0); });
        tx.run("UPDATE customer SET created_at = $1 WHERE name = 'counter'", *before + 1);
        append_event(tx, {.seq = 0, .type = "counted", .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
        return *before + 1;
    }
    std::int64_t counted() const
    {
        return read(*first, [](Transaction& tx) {
            return tx.first("SELECT created_at FROM customer WHERE name = 'counter'", [](const Row& row) { return row.number(0); }).value();
        });
    }
    static std::vector<std::int64_t> events_after(Database& db, std::int64_t seq)
    {
        return read(db, [seq](Transaction& tx) {
            std::vector<std::int64_t> found;
            events_since(tx, seq, 10'000, [&](const domain::Event& event) { found.push_back(event.seq); });
            return found;
        });
    }

    std::string url;
    std::unique_ptr<Database> first;
};

TEST_F(Nodes, WhatOneReadsAndWritesNoOtherOverwrites)
{
    constexpr int nodes = 3, each = 60;
    std::vector<std::thread> threads;
    std::atomic<int> refused = 0;
    for (int n = 0; n < nodes; ++n) {
        threads.emplace_back([&] {
            const auto own = node();
            for (int k = 0; k < each; ++k) refused += !own->write_now(count_up);
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(counted(), nodes * each);
}

TEST_F(Nodes, WhoReadsOnBehindTheLastFactMissesNoneOfAnyNode)
{
    constexpr int nodes = 3, each = 60;
    std::atomic<bool> done = false;
    std::vector<std::int64_t> followed;
    std::thread follower([&] {
        const auto own = node();
        for (bool last_look = false;; last_look = done) {
            for (const std::int64_t seq : events_after(*own, followed.empty() ? 0 : followed.back())) followed.push_back(seq);
            if (last_look) return;
        }
    });
    std::vector<std::thread> threads;
    for (int n = 0; n < nodes; ++n) {
        threads.emplace_back([&] {
            const auto own = node();
            for (int k = 0; k < each; ++k) EXPECT_TRUE(own->write_now(count_up));
        });
    }
    for (std::thread& thread : threads) thread.join();
    done = true;
    follower.join();
    EXPECT_EQ(followed.size(), static_cast<std::size_t>(nodes * each));
    EXPECT_EQ(followed, events_after(*first, 0));
}

TEST_F(Nodes, OneHearsOfAnothersFacts)
{
    const auto other = node();
    std::mutex mutex;
    std::condition_variable heard;
    bool new_facts = false;
    other->on_commit([&] {
        if (events_after(*other, 0).empty()) return; // what it hears at its start
        const std::lock_guard lock(mutex);
        new_facts = true;
        heard.notify_one();
    });
    ASSERT_TRUE(first->write_now(count_up));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(heard.wait_for(lock, 10s, [&] { return new_facts; }));
    lock.unlock();
    other->on_commit({});
}

TEST_F(Nodes, ASessionThatTheServerEndsCostsNothing)
{
    std::atomic<int> kills = 0; // still to come for this write: fewer than after which it gives up
    std::atomic<bool> done = false;
    std::thread killer([&] {
        const Connection connection(PQconnectdb(url.c_str()), &PQfinish);
        for (kills.wait(0); !done; kills.wait(0)) {
            auto* ended = PQexec(connection.get(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                                                   "AND pid <> pg_backend_pid() AND random() < 0.5");
            if (PQntuples(ended) > 0) --kills;
            PQclear(ended);
        }
    });
    const auto allow = [&](int count) {
        kills = count;
        kills.notify_one();
    };
    int stored = 0;
    for (int k = 0; k < 15; ++k) {
        allow(8);
        stored += first->write_now(count_up).has_value();
    }
    done = true;
    allow(2); // one may be under way
    killer.join();
    EXPECT_EQ(stored, 15);
    EXPECT_EQ(counted(), 15);
}

TEST_F(Nodes, ACommitWhoseAnswerWasLostIsLookedFor)
{
    const auto host = url.find("host=") + 5;
    CuttingProxy proxy(url.substr(host, url.find('&', host) - host));
    std::string through = url;
    through.replace(host, url.find('&', host) - host, proxy.folder().string());
    // Inline: one session, as the proxy carries one at a time.
    static sportello::test::ManualClock clock;
    DatabaseOptions options;
    options.url = through;
    options.migrations = migrations_folder();
    options.inline_execution = true;
    const auto own = Database::open(options, clock).value();

    for (const bool reaches_server : {true, false, true, false}) {
        const auto before = counted();
        proxy.cut_at_commit(reaches_server);
        const auto answer = own->write_now(count_up);
        ASSERT_TRUE(answer) << answer.error().what();
        EXPECT_EQ(counted(), before + 1) << (reaches_server ? "it had happened" : "it had not happened");
    }
    EXPECT_EQ(proxy.cuts(), 4);
}

/// An office on SQLite that moves.
class Moving : public Nodes {
protected:
    void SetUp() override
    {
        std::string why;
        url = sportello::test::fresh_postgresql(why);
        if (url.empty()) GTEST_SKIP() << why;
        to = node();
        static sportello::test::ManualClock clock;
        DatabaseOptions options;
        options.url = "sqlite:" + (dir / "office.db").string();
        options.migrations = migrations_folder();
        from = Database::open(options, clock).value();
        for (int n = 1; n <= 1'234; ++n) {
            write(*from, [n](Transaction& tx) {
                const std::string id = std::to_string(n);
                const auto identity = upsert_identity(tx, domain::Platform::twitter, id, "Città " + id + " 🙂", id, nine_oclock);
                if (n % 10 == 0) insert_ticket(tx, ticket_of(tx, identity, "root" + id), "opened");
                append_event(tx, {.seq = 0, .type = "t", .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
            });
        }
    }

    TempDir dir;
    std::unique_ptr<Database> from, to;
};

TEST_F(Moving, BringsEveryRowAndGoesOnCounting)
{
    const auto moved = move_office(*from, *to, [](const MoveProgress&) {});
    ASSERT_TRUE(moved) << moved.error().what();
    for (const char* table : {"customer", "identity", "ticket", "event"}) EXPECT_EQ(count(*to, table), count(*from, table)) << table;
    EXPECT_GE(moved->rows, 1'234 * 3 + 123);
    const auto next = write_for(
        *to, [](Transaction& tx) { return upsert_identity(tx, domain::Platform::twitter, "new", "New", "new", nine_oclock).value; });
    EXPECT_EQ(next, 1'235);
}

TEST_F(Moving, BringsALogWhoseNumbersAreHigh)
{
    write(*from, [](Transaction& tx) { tx.run("UPDATE sqlite_sequence SET seq = 70000000 WHERE name = 'event'"); });
    const auto tell = [](Database& db) {
        write(db, [](Transaction& tx) {
            append_event(tx, {.seq = 0, .type = "t", .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "", .data = "{}"});
        });
    };
    tell(*from);
    const auto moved = move_office(*from, *to, [](const MoveProgress&) {});
    ASSERT_TRUE(moved) << moved.error().what();
    EXPECT_EQ(count(*to, "event"), 1'235);
    tell(*to);
    EXPECT_EQ(read(*to, last_seq), 70'000'002);
    EXPECT_LT(count(*to, "pg_inherits WHERE inhparent = 'event'::regclass"), 12) << "no part for each million that was never there";
}

TEST_F(Moving, GoesOnWhereItWasInterrupted)
{
    struct Interrupted {};
    EXPECT_THROW((void)move_office(*from, *to,
                                   [](const MoveProgress& progress) {
                                       if (progress.table == "identity" && progress.rows >= 500) throw Interrupted();
                                   }),
                 Interrupted);
    EXPECT_LT(count(*to, "identity"), 1'234);
    std::int64_t first_told = -1;
    const auto moved = move_office(*from, *to, [&](const MoveProgress& progress) {
        if (progress.table == "identity" && first_told < 0) first_told = progress.rows;
    });
    ASSERT_TRUE(moved) << moved.error().what();
    EXPECT_GE(first_told, 500);
    EXPECT_EQ(count(*to, "identity"), 1'234);
}

TEST_F(Moving, RefusesADatabaseInWhichPeopleWork)
{
    write(*to, [](Transaction& tx) { upsert_identity(tx, domain::Platform::facebook, "else", "Somebody else", "", nine_oclock); });
    const auto moved = move_office(*from, *to, [](const MoveProgress&) {});
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().kind(), ErrorKind::conflict);
    EXPECT_EQ(count(*to, "ticket"), 0);
}

TEST_F(Moving, FindsARowThatWasChangedOnTheWay)
{
    ASSERT_TRUE(move_office(*from, *to, [](const MoveProgress&) {}));
    write(*to, [](Transaction& tx) { tx.run("UPDATE identity SET name = 'x' WHERE id = 7"); });
    const auto again = move_office(*from, *to, [](const MoveProgress&) {});
    ASSERT_FALSE(again);
    EXPECT_NE(std::string(again.error().what()).find("identity"), std::string::npos) << again.error().what();
}

} // namespace
} // namespace sportello::storage::test
