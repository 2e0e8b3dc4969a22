#pragma once

#include <sportello/storage/database.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sportello::test {

/// Whether this run of the tests is about PostgreSQL: SPORTELLO_TEST_STORAGE=postgresql.
[[nodiscard]] bool on_postgresql();

/// What to open for a test's database file: the file itself, or on PostgreSQL a database that stands for it. The same file
/// is the same database within one test, ":memory:" always an empty one; a test's databases go when the next test asks.
[[nodiscard]] std::string database_url(const std::filesystem::path& file);

/// The same opened for a test that turns the clock by hand: units run at once on the calling thread. On PostgreSQL sessions go from
/// test to test with all that they have prepared, which a new one would prepare again.
[[nodiscard]] std::unique_ptr<storage::Database> open_database(const std::filesystem::path& file, base::Clock& clock);

/// Keeps what stands in the test's database for `file` now, and puts it back when no other session is at it: what a backup does. On
/// SQLite a copy of the file is the way.
void keep_rows_of(const std::filesystem::path& file);
void put_rows_back_into(const std::filesystem::path& file);

/// The engine's tables, without those that are its own affair, and the columns of one.
[[nodiscard]] std::vector<std::string> tables_in(storage::Transaction& tx);
[[nodiscard]] std::vector<std::string> columns_in(storage::Transaction& tx, const std::string& table);
/// Differs when anything was written in between, what changed nothing included.
[[nodiscard]] std::string state_of(storage::Database& db);

/// An empty database on PostgreSQL with the schema in place, whatever this run is about. Empty when there is no PostgreSQL; `why` says so.
[[nodiscard]] std::string fresh_postgresql(std::string& why);

} // namespace sportello::test
