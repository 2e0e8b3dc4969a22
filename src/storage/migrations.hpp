#pragma once

#include <sportello/base/error.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sportello::storage {

/// One step of the schema: the file NNNN_name.sql.
struct Migration {
    std::int64_t version = 0;
    std::string name; ///< the file's name
    std::string sql;
    std::string checksum; ///< SHA-256 of the file
};

/// A step that a database remembers.
struct AppliedMigration {
    std::int64_t version = 0;
    std::string name;
    std::string checksum;
};

/// Reads the steps of an engine's folder, in order. @return invalid_input for a missing or unreadable folder, a name that
/// is not of this form, or numbers that are not 1, 2, 3, ….
base::Result<std::vector<Migration>> read_migrations(const std::filesystem::path& folder);

/// The steps still to be made. @return conflict when the database was made by a newer version, or when a step that it has
/// made reads differently now.
base::Result<std::vector<Migration>> pending_migrations(const std::vector<Migration>& known, const std::vector<AppliedMigration>& applied);

} // namespace sportello::storage
