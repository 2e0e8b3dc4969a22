#pragma once

#include "connection.hpp"

#include <string>

namespace sportello::storage::sqlite {

/// Moves the write-ahead log into the database file. Lives on the writer's thread, so that no commit of ours runs beside a
/// checkpoint; a second connection does it while the writer's holds the write lock, which keeps other processes' commits
/// away too (before SQLite 3.51.3 a commit during a checkpoint may corrupt the file: sqlite.org/wal.html#walresetbug).
class Checkpointer {
public:
    /// @param writer  must outlive this; its log is watched.
    Checkpointer(const std::string& path, Connection& writer);

    /// Call after each commit. @param idle  nobody waits: a good moment.
    void after_commit(bool idle);

private:
    void checkpoint_passively();
    void restart_log();

    Connection& writer_;
    Connection own_;
    int log_pages_ = 0;     ///< in the log after the last commit
    int pages_at_last_ = 0; ///< and when it was last copied
};

} // namespace sportello::storage::sqlite
