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
    /// Programs that know the schema up to here can go on working once the step is made: it only adds. Its first line says so,
    /// "-- programs from 22 go on"; without that line, those only that know the step itself.
    std::int64_t works_from = 0;
};

/// A step that a database remembers.
struct AppliedMigration {
    std::int64_t version = 0;
    std::string name;
    std::string checksum;
    std::int64_t works_from = 0; ///< as of Migration
};

/// Reads the steps of an engine's folder, in order. @return invalid_input for a missing or unreadable folder, a name that
/// is not of this form, or numbers that are not 1, 2, 3, ….
base::Result<std::vector<Migration>> read_migrations(const std::filesystem::path& folder);

/// The steps still to be made. @return conflict when a newer version made steps which this one cannot work with, or when a step
/// that was made reads differently now.
base::Result<std::vector<Migration>> pending_migrations(const std::vector<Migration>& known, const std::vector<AppliedMigration>& applied);

} // namespace sportello::storage
