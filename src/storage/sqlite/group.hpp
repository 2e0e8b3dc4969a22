#pragma once

#include "connection.hpp"
#include "../job.hpp"

#include <span>

namespace sportello::storage::sqlite {

/// Runs the units of `group` in one transaction, each in its savepoint, and commits once. A unit that fails leaves no
/// trace and does not disturb the others; if SQLite has rolled back the whole group on an error, the others are run again.
/// A commit that fails fails every unit. Completes nothing: every unit has its result when this returns.
///
/// After a failed sync the kernel may have dropped what it could not write, so nobody can vouch for the file any more: the
/// process is aborted and recovery begins from the log [PostgreSQL data_sync_retry].
/// @return whether the commit wrote events.
bool commit_group(Connection& connection, std::span<const Job> group);

} // namespace sportello::storage::sqlite
