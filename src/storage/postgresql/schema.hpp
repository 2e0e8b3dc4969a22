#pragma once

#include "connection.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>

#include <filesystem>

namespace sportello::storage::postgresql {

/// Whether the server and the database are fit: version, encoding, nobody else's tables. @return an error that says what to do.
base::Result<void> expect_fit(Connection& connection);

/// Makes the steps that are missing, each in its own transaction; several nodes may try at once. @return the newest step that this
/// program knows.
base::Result<std::int64_t> bring_up_to_date(Connection& connection, const std::filesystem::path& folder, base::Instant now);

/// Says in the log when nothing but this one server holds what is confirmed.
void warn_without_standby(Connection& connection);

} // namespace sportello::storage::postgresql
