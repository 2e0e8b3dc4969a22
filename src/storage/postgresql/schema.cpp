#include "schema.hpp"

#include "../migrations.hpp"

#include <spdlog/spdlog.h>

namespace sportello::storage::postgresql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t oldest_server = 140000; // pipelines, multi-host addresses with read-write, and what we tested

// What the engine itself needs: the steps made, and the marks by which a commit in doubt is recognized.
constexpr const char* own_tables = "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
                                   "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL);"
                                   "CREATE TABLE IF NOT EXISTS commit_mark (token TEXT COLLATE \"C\" PRIMARY KEY, at BIGINT NOT NULL);"
                                   "CREATE INDEX IF NOT EXISTS commit_mark_by_age ON commit_mark (at)";

// Only where it is missing: an ALTER that changes nothing would wait for every reader too, such as a pg_dump.
constexpr const char* own_columns =
    "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND "
    "table_name = 'schema_migration' AND column_name = 'works_from') THEN "
    "ALTER TABLE schema_migration ADD COLUMN works_from BIGINT; END IF; END $$";

std::vector<AppliedMigration> applied_migrations(Connection& connection)
{
    constexpr std::string_view all = "SELECT version, name, checksum, coalesce(works_from, version) FROM schema_migration ORDER BY version";
    return connection.all(all, [](const Row& row) {
        return AppliedMigration{
            .version = row.number(0), .name = row.string(1), .checksum = row.string(2), .works_from = row.number(3)};
    });
}

/// One step, if one is missing. @return whether there may be another.
Result<bool> make_next_step(Connection& connection, const std::vector<Migration>& known, base::Instant now)
{
    // Behind this lock nodes that start together make each step once. It ends with the transaction, as a pooler wants it.
    connection.run_script("BEGIN; SELECT pg_advisory_xact_lock(6012950540)");
    connection.run_script(own_tables);
    connection.run_script(own_columns);
    const auto pending = pending_migrations(known, applied_migrations(connection));
    if (!pending) {
        connection.abandon();
        return pending.error();
    }
    if (pending->empty()) {
        connection.run_script("COMMIT");
        return false;
    }
    const Migration& step = pending->front();
    connection.run_script(step.sql);
    connection.run("INSERT INTO schema_migration (version, name, checksum, applied_at, works_from) VALUES ($1, $2, $3, $4, $5)",
                   step.version, step.name, step.checksum, now, step.works_from);
    connection.run_script("COMMIT");
    spdlog::info("storage: schema {} ({})", step.version, step.name);
    return true;
}

} // namespace

Result<void> expect_fit(Connection& connection)
{
    try {
        if (PQserverVersion(connection.handle()) < oldest_server) {
            return Error(ErrorKind::conflict,
                         "is a PostgreSQL " + connection.text("SHOW server_version") + ": Sportello wants 14 or newer");
        }
        if (connection.text("SHOW server_encoding") != "UTF8") {
            return Error(ErrorKind::conflict, "keeps text as " + connection.text("SHOW server_encoding") +
                                                  ": create the database with ENCODING 'UTF8' TEMPLATE template0");
        }
        const bool ours = connection.number("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND "
                                            "tablename = 'schema_migration'") != 0;
        const bool empty = connection.number("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == 0;
        if (ours || empty) return {};
        return Error(ErrorKind::conflict, "holds tables that are not Sportello's: give it a database of its own. Nothing was changed");
    } catch (const Failure& failure) {
        return Error(failure.kind(), failure.what());
    }
}

Result<std::int64_t> bring_up_to_date(Connection& connection, const std::filesystem::path& folder, base::Instant now)
{
    const auto known = read_migrations(folder);
    if (!known) return known.error();
    try {
        for (;;) {
            const auto more = make_next_step(connection, *known, now);
            if (!more) return more.error();
            if (!*more) return known->back().version;
        }
    } catch (const Failure& failure) {
        connection.abandon();
        return Error(failure.kind(), failure.what());
    }
}

void warn_without_standby(Connection& connection)
{
    try {
        const std::string waits = connection.text("SHOW synchronous_commit");
        if (connection.text("SHOW synchronous_standby_names").empty() || waits == "off" || waits == "local") {
            spdlog::warn("storage: this PostgreSQL has no synchronous standby: if its machine is lost, so is what was confirmed since the "
                         "last backup (synchronous_standby_names names one)");
            return;
        }
        if (connection.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')") > 0) return;
        // Their state is shown to members of pg_monitor only.
        if (connection.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state IS NULL") > 0) {
            spdlog::warn("storage: whether a standby that is connected is synchronous is not shown to this user (GRANT pg_monitor)");
            return;
        }
        spdlog::warn("storage: no standby that synchronous_standby_names asks for is connected: until one is, no commit is confirmed and "
                     "nothing is saved");
    } catch (const Failure& failure) {
        spdlog::warn("storage: whether there is a synchronous standby is not known: {}", failure.what());
    }
}

} // namespace sportello::storage::postgresql
