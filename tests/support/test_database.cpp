#include "test_database.hpp"

#include "manual_clock.hpp"
#include "postgres_cluster.hpp"

#include <libpq-fe.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace sportello::test {
namespace {

// The rows of all tables and the numbers given so far, kept in the schema [kept].
constexpr std::string_view keep_rows = R"(
    DROP SCHEMA IF EXISTS [kept] CASCADE;
    CREATE SCHEMA [kept];
    CREATE TABLE [kept]."numbers given" AS SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
    DO $$
    DECLARE t TEXT; any_row BOOLEAN;
    BEGIN
        FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t) INTO any_row;
            IF any_row THEN EXECUTE format('CREATE TABLE [kept].%I AS TABLE public.%I', t, t); END IF;
        END LOOP;
    END $$)";

// Ten times as fast as another copy of the template: most tables were not touched.
constexpr std::string_view put_rows_back = R"(
    DO $$
    DECLARE t TEXT; columns TEXT; s RECORD;
    BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'kept';
        SET LOCAL session_replication_role = replica;
        FOR t IN SELECT relname FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 LOOP
            EXECUTE format('DELETE FROM public.%I', t);
        END LOOP;
        FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '[kept]' AND tablename <> 'numbers given' LOOP
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = ('public.' || quote_ident(t))::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM [kept].%I', t, columns, columns, t);
        END LOOP;
        FOR s IN SELECT k.* FROM pg_sequences now JOIN [kept]."numbers given" k ON k.sequencename = now.sequencename
                 WHERE now.schemaname = 'public' AND now.last_value IS DISTINCT FROM k.last_value LOOP
            PERFORM setval(format('public.%I', s.sequencename), coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL);
        END LOOP;
    END $$)";

std::string with_rows_in(std::string_view schema, std::string_view sql)
{
    constexpr std::string_view place = "[kept]";
    std::string written(sql);
    for (std::size_t at = written.find(place); at != std::string::npos; at = written.find(place, at)) {
        written.replace(at, place.size(), schema);
    }
    return written;
}

storage::DatabaseOptions inline_options(std::string url)
{
    storage::DatabaseOptions options;
    options.url = std::move(url);
    options.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
    options.inline_execution = true;
    return options;
}

/// The clock of whichever test has it.
class BorrowedClock final : public base::Clock {
public:
    [[nodiscard]] base::Instant now() const noexcept override { return lender->now(); }
    [[nodiscard]] base::Duration since_boot() const noexcept override { return lender->since_boot(); }
    [[nodiscard]] std::unique_ptr<base::Timer> make_timer(boost::asio::any_io_executor executor) override
    {
        return lender->make_timer(std::move(executor));
    }
    base::Clock* lender = nullptr;
};

/// A session that goes from test to test.
struct KeptSession {
    BorrowedClock clock;
    std::unique_ptr<storage::Database> db;
};

/// Databases on one cluster, copied from one that has the schema, and used again by the tests after.
class Databases {
public:
    static Databases& instance()
    {
        static Databases all;
        return all;
    }
    Databases(const Databases&) = delete;
    Databases& operator=(const Databases&) = delete;
    ~Databases()
    {
        if (!cluster_) return;
        sessions_.clear();
        used_.insert(used_.end(), free_.begin(), free_.end());
        for (const std::string& name : used_) order("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        order("DROP DATABASE IF EXISTS " + template_ + " WITH (FORCE)");
    }

    [[nodiscard]] const std::string& why() const { return why_; }
    [[nodiscard]] bool there() const { return cluster_ != nullptr; }

    [[nodiscard]] std::string url_of(const std::string& name) const { return cluster_->url_of(name); }
    /// @return the name of an empty one.
    std::string fresh()
    {
        forget_other_tests();
        if (!free_.empty()) {
            used_.push_back(free_.back());
            free_.pop_back();
        } else {
            used_.push_back("sportello_" + std::to_string(getpid()) + "_" + std::to_string(++made_));
            order("CREATE DATABASE " + used_.back() + " TEMPLATE " + template_);
        }
        return used_.back();
    }
    /// @return the name of the one that stands for the file.
    std::string for_file(const std::string& file)
    {
        forget_other_tests();
        if (file == ":memory:") return fresh();
        const auto known = by_file_.find(file);
        return known != by_file_.end() ? known->second : by_file_[file] = fresh();
    }

    std::unique_ptr<KeptSession> take_session(const std::string& name, base::Clock& clock)
    {
        auto& kept = sessions_[name];
        std::unique_ptr<KeptSession> session;
        if (kept.empty()) {
            session = std::make_unique<KeptSession>();
            session->clock.lender = &clock;
            session->db = storage::Database::open(inline_options(url_of(name) + "&application_name=kept"), session->clock).value();
        } else {
            session = std::move(kept.back());
            kept.pop_back();
            session->clock.lender = &clock;
        }
        return session;
    }
    void give_session_back(const std::string& name, std::unique_ptr<KeptSession> session)
    {
        session->db->on_commit({});
        sessions_[name].push_back(std::move(session));
    }

    void order(const std::string& sql, const std::string& database = "postgres")
    {
        auto& connection = connections_.try_emplace(database, nullptr, &PQfinish).first->second;
        std::unique_ptr<PGresult, decltype(&PQclear)> done(nullptr, &PQclear);
        for (int tries = 0; tries < 2 && (tries == 0 || PQstatus(connection.get()) != CONNECTION_OK); ++tries) { // a test may have ended it
            if (PQstatus(connection.get()) != CONNECTION_OK) {
                connection.reset(PQconnectdb((url_of(database) + "&application_name=kept").c_str()));
                PQsetNoticeProcessor(
                    connection.get(), [](void*, const char*) {}, nullptr);
            }
            done.reset(PQexec(connection.get(), sql.c_str()));
        }
        if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    }

private:
    Databases() : cluster_(PostgresCluster::find_or_start(why_)), template_("sportello_" + std::to_string(getpid()))
    {
        if (!cluster_) return;
        order("CREATE DATABASE " + template_);
        ManualClock clock;
        const auto opened = storage::Database::open(inline_options(url_of(template_)), clock);
        if (!opened) throw std::runtime_error(opened.error().what());
        order(with_rows_in("first_rows", keep_rows), template_);
        connections_.clear(); // a template has no sessions
    }

    void forget_other_tests()
    {
        const auto* now = testing::UnitTest::GetInstance()->current_test_info();
        if (now == test_) return;
        test_ = now;
        for (const std::string& name : used_) order(with_rows_in("first_rows", put_rows_back), name);
        free_.insert(free_.end(), used_.begin(), used_.end());
        used_.clear();
        by_file_.clear();
    }

    std::string why_;
    std::unique_ptr<PostgresCluster> cluster_;
    std::string template_;
    std::vector<std::string> used_; ///< by the present test
    std::vector<std::string> free_; ///< empty ones
    std::map<std::string, std::string> by_file_;
    std::map<std::string, std::vector<std::unique_ptr<KeptSession>>> sessions_;       ///< that no test has
    std::map<std::string, std::unique_ptr<PGconn, decltype(&PQfinish)>> connections_; ///< our own
    const void* test_ = nullptr;
    int made_ = 0;
};

Databases& databases()
{
    Databases& all = Databases::instance();
    if (!all.there()) throw std::runtime_error(all.why());
    return all;
}

/// A kept session as long as one test has it.
class LentDatabase final : public storage::Database {
public:
    LentDatabase(std::string name, base::Clock& clock) : name_(std::move(name)), session_(databases().take_session(name_, clock)) {}
    LentDatabase(const LentDatabase&) = delete;
    LentDatabase& operator=(const LentDatabase&) = delete;
    ~LentDatabase() override { databases().give_session_back(name_, std::move(session_)); }

    void on_commit(std::function<void()> callback) override { session_->db->on_commit(std::move(callback)); }

protected:
    boost::asio::awaitable<void> perform_work(Work& work, bool writes) override { return perform_on(*session_->db, work, writes); }
    void run_now(Work& work, bool writes) override { run_now_on(*session_->db, work, writes); }

private:
    std::string name_;
    std::unique_ptr<KeptSession> session_;
};

/// Statements must live as long as the program.
std::string_view kept_statement(std::string sql)
{
    static std::set<std::string> all;
    return *all.insert(std::move(sql)).first;
}

constexpr std::string_view tables_on_sqlite = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
constexpr std::string_view tables_on_postgresql =
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND relname NOT IN ('commit_mark', 'schema_migration')";
constexpr std::string_view columns_on_sqlite = "SELECT name FROM pragma_table_info($1)";
constexpr std::string_view columns_on_postgresql =
    "SELECT attname FROM pg_attribute WHERE attrelid = ('public.' || quote_ident($1))::regclass "
    "AND attnum > 0 AND NOT attisdropped";

std::string first_text(const storage::Row& row)
{
    return row.string(0);
}

} // namespace

bool on_postgresql()
{
    const char* wanted = std::getenv("SPORTELLO_TEST_STORAGE");
    return wanted != nullptr && std::string_view(wanted) == "postgresql";
}

std::string database_url(const std::filesystem::path& file)
{
    if (!on_postgresql()) return "sqlite:" + file.string();
    return databases().url_of(databases().for_file(file.string()));
}

std::unique_ptr<storage::Database> open_database(const std::filesystem::path& file, base::Clock& clock)
{
    if (on_postgresql()) return std::make_unique<LentDatabase>(databases().for_file(file.string()), clock);
    return storage::Database::open(inline_options(database_url(file)), clock).value();
}

void keep_rows_of(const std::filesystem::path& file)
{
    databases().order(with_rows_in("test_rows", keep_rows), databases().for_file(file.string()));
}

void put_rows_back_into(const std::filesystem::path& file)
{
    databases().order(with_rows_in("test_rows", put_rows_back), databases().for_file(file.string()));
}

std::vector<std::string> tables_in(storage::Transaction& tx)
{
    return tx.all(on_postgresql() ? tables_on_postgresql : tables_on_sqlite, first_text);
}

std::vector<std::string> columns_in(storage::Transaction& tx, const std::string& table)
{
    return tx.all(on_postgresql() ? columns_on_postgresql : columns_on_sqlite, first_text, table);
}

std::string state_of(storage::Database& db)
{
    auto unit = [](storage::Transaction& tx) -> base::Result<std::string> {
        if (!on_postgresql()) return tx.first("SELECT total_changes()", first_text).value();
        std::string state; // of each table how many rows, and which transactions wrote them
        for (const std::string& table : tables_in(tx)) {
            state += table + " " +
                     tx.first(kept_statement("SELECT count(*) || ' ' || coalesce(sum(xmin::TEXT::BIGINT), 0) FROM \"" + table + "\""),
                              first_text)
                         .value() +
                     "\n";
        }
        return state;
    };
    return db.read_now(unit).value();
}

std::string fresh_postgresql(std::string& why)
{
    Databases& all = Databases::instance();
    why = all.why();
    return all.there() ? all.url_of(all.fresh()) : std::string();
}

} // namespace sportello::test
