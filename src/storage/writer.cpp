#include "writer.hpp"

#include <utility>

namespace sportello::storage {

Writer::Writer(Engine engine) : engine_(std::move(engine)), thread_([this] { work(); })
{
}

Writer::~Writer()
{
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

void Writer::submit(Job job)
{
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(job));
        if (waiting_.size() > 1) return; // it has been called already
    }
    arrived_.notify_one();
}

void Writer::on_commit(std::function<void()> callback)
{
    const std::lock_guard lock(mutex_);
    on_commit_ = std::move(callback);
}

void Writer::work()
{
    for (auto group = next_group(); !group.empty(); group = next_group()) {
        const bool wrote_events = engine_.commit_group(group);
        for (Job& job : group) job.completion->complete();
        if (wrote_events) announce();
        if (engine_.after_commit) engine_.after_commit(nobody_waits());
    }
}

std::vector<Job> Writer::next_group()
{
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    return std::exchange(waiting_, {});
}

void Writer::announce()
{
    std::function<void()> callback;
    {
        const std::lock_guard lock(mutex_);
        callback = on_commit_;
    }
    if (callback) callback();
}

bool Writer::nobody_waits()
{
    const std::lock_guard lock(mutex_);
    return waiting_.empty();
}

} // namespace sportello::storage
