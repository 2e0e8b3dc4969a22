#pragma once

#include "connection.hpp"
#include "job.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sportello::storage::sqlite {

/// Runs the unit on a snapshot of its own; fails it when the engine fails.
void run_on_snapshot(Connection& connection, const Job& job);

/// Threads that read, each with its own connection, beside the writer.
class Readers {
public:
    Readers(const std::string& path, unsigned count);
    /// Finishes what waits.
    ~Readers();

    /// A queue longer than a busy minute is refused (unavailable) rather than let grow.
    void submit(Job job);

private:
    void work(Connection& connection);
    std::optional<Job> next(); ///< nothing at the end

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job> waiting_;
    bool closing_ = false;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::thread> threads_; // last: they use all the others
};

} // namespace sportello::storage::sqlite
