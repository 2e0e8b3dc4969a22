#pragma once

#include "checkpointer.hpp"
#include "connection.hpp"
#include "job.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace sportello::storage::sqlite {

/// The one thread that writes. It takes all units that wait, commits them as one group, then hands out their results.
class Writer {
public:
    /// @param checkpointer  nothing when another process does it, or in memory.
    Writer(Connection& connection, std::optional<Checkpointer>& checkpointer);
    /// Finishes what waits.
    ~Writer();

    void submit(Job job);
    void on_commit(std::function<void()> callback);

private:
    void work();
    std::vector<Job> next_group();
    void announce();
    bool nobody_waits();

    Connection& connection_;
    std::optional<Checkpointer>& checkpointer_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Job> waiting_;
    std::function<void()> on_commit_;
    bool closing_ = false;
    std::thread thread_; // last: it uses all the others
};

} // namespace sportello::storage::sqlite
