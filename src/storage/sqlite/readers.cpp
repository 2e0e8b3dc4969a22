#include "readers.hpp"

#include <utility>

namespace sportello::storage::sqlite {
namespace {

constexpr std::size_t longest_queue = 4'096;

} // namespace

void run_on_snapshot(Connection& connection, const Job& job)
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

Readers::Readers(const std::string& path, unsigned count)
{
    for (unsigned n = 0; n < count; ++n) {
        connections_.push_back(std::make_unique<Connection>(path, ConnectionOptions{.read_only = true, .cache_kib = 4'096}));
    }
    for (const auto& connection : connections_) threads_.emplace_back([this, &own = *connection] { work(own); });
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

void Readers::work(Connection& connection)
{
    while (const auto job = next()) {
        run_on_snapshot(connection, *job);
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

} // namespace sportello::storage::sqlite
