#pragma once

#include "connection.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>

#include <filesystem>

namespace sportello::storage::sqlite {

/// Whether the file may be opened at all, before SQLite touches it. @return an error for what is no SQLite database.
base::Result<void> expect_database_file(const std::filesystem::path& path);

/// Whether the file is ours and whole. Up to 32 MiB every page is checked (quick_check); of larger files only the root of
/// each table, since start-up must not take seconds: damage further in is met with the same words when read.
base::Result<void> expect_sound(Connection& connection, const std::filesystem::path& path);

/// Makes the steps that are missing, each in its own transaction. @param may_change  false: only say what is wrong.
base::Result<void> bring_up_to_date(Connection& connection, const std::filesystem::path& folder, bool may_change, base::Instant now);

} // namespace sportello::storage::sqlite
