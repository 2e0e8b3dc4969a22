#pragma once

#include <sportello/storage/database.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace sportello::storage {

/// How far a move has come, for whoever waits.
struct MoveProgress {
    std::string table;
    std::int64_t rows = 0;  ///< of this table in the new database
    std::int64_t total = 0; ///< in the old one
};

/// What was moved, and proved to be equal.
struct Moved {
    std::int64_t tables = 0;
    std::int64_t rows = 0;
};

/// Copies everything from a SQLite database into a PostgreSQL one that is empty or in which an earlier move was interrupted, which
/// goes on where it stopped. Nobody may serve either meanwhile. At the end rows are counted and every row's digest is added
/// up on both sides. The old database stays as it is.
/// @return what was moved; conflict when the new database is in use already or differs from the old one at the end; what the
/// engines say when they fail.
base::Result<Moved> move_office(Database& from_sqlite, Database& to_postgresql, const std::function<void(const MoveProgress&)>& tell);

} // namespace sportello::storage
