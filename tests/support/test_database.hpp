#pragma once

#include <filesystem>
#include <string>

namespace sportello::test {

/// Whether this run of the tests is about PostgreSQL: SPORTELLO_TEST_STORAGE=postgresql.
[[nodiscard]] bool on_postgresql();

/// What to open for a test's database file: the file itself, or on PostgreSQL a database that stands for it. The same file
/// is the same database within one test, ":memory:" always an empty one; a test's databases go when the next test asks.
[[nodiscard]] std::string database_url(const std::filesystem::path& file);

/// An empty database on PostgreSQL with the schema in place, whatever this run is about. Empty when there is no PostgreSQL; `why` says so.
[[nodiscard]] std::string fresh_postgresql(std::string& why);

} // namespace sportello::test
