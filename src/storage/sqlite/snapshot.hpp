#pragma once

#include "../job.hpp"
#include "connection.hpp"

namespace sportello::storage::sqlite {

/// Runs the unit on a snapshot of its own; fails it when the engine fails.
inline void run_on_snapshot(Connection& connection, const Job& job)
{
    try {
        connection.run("BEGIN");
        run_guarded(job, connection);
        connection.run("COMMIT");
    } catch (const Failure& failure) {
        connection.abandon();
        (*job.fail)(base::Error(failure.kind(), failure.what()));
    }
}

} // namespace sportello::storage::sqlite
