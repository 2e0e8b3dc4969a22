#include "group.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/tally.hpp>

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <vector>

namespace sportello::storage::sqlite {
namespace {

using base::Error;

constexpr std::string_view last_event = "SELECT seq FROM event ORDER BY seq DESC LIMIT 1";

void fail_all(std::span<const Job> group, const Failure& failure)
{
    spdlog::error("storage: {} units of work refused: {}", group.size(), failure.what());
    for (const Job& job : group) (*job.fail)(Error(failure.kind(), failure.what()));
}

/// @return whether the group's transaction still stands.
bool run_in_savepoint(Connection& connection, const Job& job)
{
    connection.run("SAVEPOINT unit");
    const bool succeeded = run_guarded(job, connection);
    if (!connection.in_transaction()) return false;
    if (!succeeded) connection.run("ROLLBACK TO unit");
    connection.run("RELEASE unit");
    return true;
}

/// Runs those still to be run. @return the place of the unit that cost the group its transaction, or the number of units.
std::size_t run_units(Connection& connection, std::span<const Job> group, const std::vector<bool>& given_up)
{
    for (std::size_t place = 0; place < group.size(); ++place) {
        if (!given_up[place] && !run_in_savepoint(connection, group[place])) return place;
    }
    return group.size();
}

/// Opens the transaction and runs the units until one such transaction reaches its end.
void run_until_whole(Connection& connection, std::span<const Job> group)
{
    std::vector<bool> given_up(group.size(), false);
    for (;;) {
        connection.run("BEGIN IMMEDIATE");
        const std::size_t place = run_units(connection, group, given_up);
        if (place == group.size()) return;
        given_up[place] = true; // it has its error; the others begin again without it
    }
}

void commit(Connection& connection)
{
    const base::SystemClock clock;
    const base::Duration begun = clock.since_boot();
    try {
        connection.run("COMMIT");
        base::tally("database_commits", "");
        base::tally("database_commit_seconds", "", std::chrono::duration<double>(clock.since_boot() - begun).count());
    } catch (const Failure& failure) {
        const int code = sqlite3_extended_errcode(connection.handle());
        if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
            spdlog::critical("storage: a sync failed, the process ends so that nothing unsure is confirmed: {}", failure.what());
            spdlog::shutdown();
            std::abort();
        }
        throw;
    }
}

} // namespace

bool commit_group(Connection& connection, std::span<const Job> group)
{
    try {
        const std::int64_t events_before = connection.number(last_event);
        run_until_whole(connection, group);
        const std::int64_t events_after = connection.number(last_event);
        commit(connection);
        base::tally("database_units", "", static_cast<double>(group.size()));
        return events_after != events_before;
    } catch (const Failure& failure) {
        connection.abandon();
        base::tally("database_failures", "");
        fail_all(group, failure);
        return false;
    }
}

} // namespace sportello::storage::sqlite
