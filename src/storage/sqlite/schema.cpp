#include "schema.hpp"

#include "../migrations.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <fstream>

namespace sportello::storage::sqlite {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t application_id = 0x53504F52; // "SPOR", in the file's header
constexpr std::uintmax_t checked_whole_bytes = 32u << 20;
constexpr std::string_view magic("SQLite format 3\0", 16);

Error not_ours(const std::filesystem::path& path)
{
    return Error(ErrorKind::conflict, "the file " + path.string() +
                                          " is not a database of Sportello: point storage.url elsewhere, or restore a "
                                          "backup of the database. The file was left as it is");
}

Error damaged(const std::filesystem::path& path, const std::string& detail)
{
    return Error(ErrorKind::conflict, "the database " + path.string() +
                                          " is damaged: keep a copy of the file with its -wal, then restore the last "
                                          "backup. Nothing was changed. " +
                                          detail);
}

std::vector<std::string> tables_of(Connection& connection)
{
    return connection.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0",
                          [](const Row& row) { return row.string(0); });
}

/// The first thing wrong; empty when there is none.
std::string first_fault(Connection& connection, bool whole)
{
    if (whole) {
        const std::string answer = connection.text("PRAGMA quick_check(1)");
        return answer == "ok" ? "" : answer;
    }
    for (const std::string& table : tables_of(connection)) { connection.run_script("SELECT 1 FROM \"" + table + "\" LIMIT 1"); }
    return "";
}

std::vector<AppliedMigration> applied_migrations(Connection& connection)
{
    if (connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migration'") == 0) return {};
    return connection.all("SELECT version, name, checksum FROM schema_migration ORDER BY version", [](const Row& row) {
        // One program has the file at a time: nothing goes on beside an upgrade.
        return AppliedMigration{
            .version = row.number(0), .name = row.string(1), .checksum = row.string(2), .works_from = row.number(0)};
    });
}

/// SQLite changes a table's constraints only by writing it anew, which its foreign keys must not see; what they would have
/// refused is looked for afterwards.
void apply(Connection& connection, const Migration& migration, base::Instant now)
{
    connection.run_script("PRAGMA foreign_keys = OFF");
    connection.run("BEGIN IMMEDIATE");
    connection.run_script("CREATE TABLE IF NOT EXISTS schema_migration ("
                          "version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL"
                          ") STRICT;"
                          "PRAGMA application_id = " +
                          std::to_string(application_id) +
                          ";"
                          "PRAGMA user_version = " +
                          std::to_string(migration.version) + ";");
    connection.run_script(migration.sql);
    connection.run("INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)", migration.version,
                   migration.name, migration.checksum, now);
    if (connection.number("SELECT count(*) FROM pragma_foreign_key_check") != 0) {
        throw Failure(base::ErrorKind::internal, "migration " + migration.name + " would leave rows that refer to nothing");
    }
    connection.run("COMMIT");
    connection.run_script("PRAGMA foreign_keys = ON");
    spdlog::info("storage: schema {} ({})", migration.version, migration.name);
}

} // namespace

Result<void> expect_database_file(const std::filesystem::path& path)
{
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) return {};
    if (!std::filesystem::is_regular_file(path, failed)) return not_ours(path);
    if (std::filesystem::file_size(path, failed) == 0) return {};
    std::array<char, magic.size()> head{};
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return Error(ErrorKind::unavailable, "the database " + path.string() + " cannot be read: give the file to the server's user");
    }
    in.read(head.data(), head.size());
    if (std::string_view(head.data(), head.size()) != magic) return not_ours(path);
    return {};
}

Result<void> expect_sound(Connection& connection, const std::filesystem::path& path)
{
    try {
        const auto id = connection.number("PRAGMA application_id");
        const bool empty = tables_of(connection).empty();
        if (id != application_id && !(id == 0 && empty)) return not_ours(path);
        const auto bytes = static_cast<std::uintmax_t>(connection.number("PRAGMA page_count")) * 4096u;
        const std::string fault = first_fault(connection, bytes <= checked_whole_bytes);
        if (!fault.empty()) return damaged(path, fault);
        return {};
    } catch (const Failure& failure) {
        const int code = sqlite3_errcode(connection.handle()) & 0xff;
        if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return damaged(path, sqlite3_errmsg(connection.handle()));
        return Error(failure.kind(), failure.what());
    }
}

Result<void> bring_up_to_date(Connection& connection, const std::filesystem::path& folder, bool may_change, base::Instant now)
{
    const auto known = read_migrations(folder);
    if (!known) return known.error();
    try {
        const auto pending = pending_migrations(*known, applied_migrations(connection));
        if (!pending) return pending.error();
        if (!pending->empty() && !may_change) {
            return Error(ErrorKind::conflict, "is used by a server of an older version: stop it and start this version first");
        }
        for (const Migration& migration : *pending) apply(connection, migration, now);
        return {};
    } catch (const Failure& failure) {
        connection.abandon();
        return Error(failure.kind(), failure.what());
    }
}

} // namespace sportello::storage::sqlite
