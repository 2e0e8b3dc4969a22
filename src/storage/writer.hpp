#pragma once

#include "job.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace sportello::storage {

/// The one thread that writes. It takes all units that wait, commits them as one group, then hands out their results.
class Writer {
public:
    struct Engine {
        /// Runs and commits a group; completes nothing. @return whether the commit wrote events.
        std::function<bool(std::span<const Job>)> commit_group;
        /// Called after each group. @param idle  nobody waits: a good moment for upkeep. May be empty.
        std::function<void(bool idle)> after_commit;
    };

    explicit Writer(Engine engine);
    /// Finishes what waits.
    ~Writer();

    void submit(Job job);
    void on_commit(std::function<void()> callback);

private:
    void work();
    std::vector<Job> next_group();
    void announce();
    bool nobody_waits();

    Engine engine_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Job> waiting_;
    std::function<void()> on_commit_;
    bool closing_ = false;
    std::thread thread_; // last: it uses all the others
};

} // namespace sportello::storage
