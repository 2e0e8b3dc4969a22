#pragma once

#include "config.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/storage/database.hpp>

#include <memory>

namespace sportello::app {

/// Opens the configured database, up to date, with the configuration's agents in it; null after saying why not.
/// Agents that the database has already keep what was set since: only new logins are added.
/// @param beside_server  for the command line: also while a server has the file open.
[[nodiscard]] std::unique_ptr<storage::Database> open_database(const Config& config, base::Clock& clock, bool beside_server = false);

/// Those agents of the configuration that the database does not have yet.
[[nodiscard]] base::Result<void> add_agents(storage::Database& db, const Config& config, base::Instant now);

} // namespace sportello::app
