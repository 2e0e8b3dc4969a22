#include "readers.hpp"

#include <utility>

namespace sportello::storage {
namespace {

constexpr std::size_t longest_queue = 4'096;

} // namespace

Readers::Readers(std::vector<RunOnSnapshot> readers) : readers_(std::move(readers))
{
    for (const RunOnSnapshot& run : readers_) threads_.emplace_back([this, &run] { work(run); });
}

Readers::~Readers()
{
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Readers::submit(Job job)
{
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() < longest_queue) {
            waiting_.push_back(std::move(job));
            arrived_.notify_one();
            return;
        }
    }
    (*job.fail)(base::Error(base::ErrorKind::unavailable, "too many requests wait for the database: try again in a moment"));
    job.completion->complete();
}

void Readers::work(const RunOnSnapshot& run)
{
    while (const auto job = next()) {
        run(*job);
        job->completion->complete();
    }
}

std::optional<Job> Readers::next()
{
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return std::nullopt;
    std::optional<Job> job(std::move(waiting_.front()));
    waiting_.pop_front();
    return job;
}

} // namespace sportello::storage
