#pragma once

#include "job.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace sportello::storage {

/// Threads that read, each with its own connection, beside the writer.
class Readers {
public:
    /// Runs a unit on a snapshot of one connection of its own; fails it when the engine fails.
    using RunOnSnapshot = std::function<void(const Job&)>;

    /// One thread for each of `readers`.
    explicit Readers(std::vector<RunOnSnapshot> readers);
    /// Finishes what waits.
    ~Readers();

    /// A queue longer than a busy minute is refused (unavailable) rather than let grow.
    void submit(Job job);

private:
    void work(const RunOnSnapshot& run);
    std::optional<Job> next(); ///< nothing at the end

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job> waiting_;
    bool closing_ = false;
    std::vector<RunOnSnapshot> readers_;
    std::vector<std::thread> threads_; // last: they use all the others
};

} // namespace sportello::storage
