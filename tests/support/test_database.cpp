#include "test_database.hpp"

#include "manual_clock.hpp"
#include "postgres_cluster.hpp"

#include <sportello/storage/database.hpp>

#include <libpq-fe.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace sportello::test {
namespace {

// What the migrations themselves have put in, kept aside.
constexpr const char* keep_first_rows = R"(
    CREATE SCHEMA first_rows;
    DO $$
    DECLARE t TEXT; any_row BOOLEAN;
    BEGIN
        FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t) INTO any_row;
            IF any_row THEN EXECUTE format('CREATE TABLE first_rows.%I AS TABLE public.%I', t, t); END IF;
        END LOOP;
    END $$)";

// Ten times as fast as another copy of the template: most tables were not touched.
constexpr const char* empty_again = R"(
    DO $$
    DECLARE t TEXT; s RECORD;
    BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
        SET LOCAL session_replication_role = replica;
        FOR t IN SELECT relname FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 LOOP
            EXECUTE format('DELETE FROM public.%I', t);
        END LOOP;
        FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'first_rows' LOOP
            EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM first_rows.%I', t, t);
        END LOOP;
        FOR s IN SELECT schemaname, sequencename, start_value FROM pg_sequences WHERE last_value IS NOT NULL LOOP
            PERFORM setval(format('%I.%I', s.schemaname, s.sequencename), s.start_value, false);
        END LOOP;
    END $$)";

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
        used_.insert(used_.end(), free_.begin(), free_.end());
        for (const std::string& name : used_) order("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        order("DROP DATABASE IF EXISTS " + template_ + " WITH (FORCE)");
    }

    [[nodiscard]] const std::string& why() const { return why_; }
    [[nodiscard]] bool there() const { return cluster_ != nullptr; }

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
        return url_of(used_.back());
    }
    std::string for_file(const std::string& file)
    {
        forget_other_tests();
        if (file == ":memory:") return fresh();
        const auto known = by_file_.find(file);
        return known != by_file_.end() ? known->second : by_file_[file] = fresh();
    }

private:
    Databases() : cluster_(PostgresCluster::find_or_start(why_)), template_("sportello_" + std::to_string(getpid()))
    {
        if (!cluster_) return;
        order("CREATE DATABASE " + template_);
        ManualClock clock;
        storage::DatabaseOptions options;
        options.url = url_of(template_);
        options.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
        options.inline_execution = true;
        const auto opened = storage::Database::open(options, clock);
        if (!opened) throw std::runtime_error(opened.error().what());
        order(keep_first_rows, template_);
    }

    void forget_other_tests()
    {
        const auto* now = testing::UnitTest::GetInstance()->current_test_info();
        if (now == test_) return;
        test_ = now;
        for (const std::string& name : used_) order(empty_again, name);
        free_.insert(free_.end(), used_.begin(), used_.end());
        used_.clear();
        by_file_.clear();
    }
    [[nodiscard]] std::string url_of(const std::string& name) const { return cluster_->url_of(name); }
    void order(const std::string& sql, const std::string& database = "postgres") const
    {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(cluster_->url_of(database).c_str()), &PQfinish);
        PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr);
        const std::unique_ptr<PGresult, decltype(&PQclear)> done(PQexec(connection.get(), sql.c_str()), &PQclear);
        if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    }

    std::string why_;
    std::unique_ptr<PostgresCluster> cluster_;
    std::string template_;
    std::vector<std::string> used_; ///< by the present test
    std::vector<std::string> free_; ///< empty ones
    std::map<std::string, std::string> by_file_;
    const void* test_ = nullptr;
    int made_ = 0;
};

} // namespace

bool on_postgresql()
{
    const char* wanted = std::getenv("SPORTELLO_TEST_STORAGE");
    return wanted != nullptr && std::string_view(wanted) == "postgresql";
}

std::string database_url(const std::filesystem::path& file)
{
    if (!on_postgresql()) return "sqlite:" + file.string();
    Databases& databases = Databases::instance();
    if (!databases.there()) throw std::runtime_error(databases.why());
    return databases.for_file(file.string());
}

std::string fresh_postgresql(std::string& why)
{
    Databases& databases = Databases::instance();
    why = databases.why();
    return databases.there() ? databases.fresh() : std::string();
}

} // namespace sportello::test
