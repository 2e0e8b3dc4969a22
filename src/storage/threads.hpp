#pragma once

#include "readers.hpp"
#include "waiting.hpp"
#include "writer.hpp"

#include <sportello/storage/database.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <optional>

namespace sportello::storage {

/// Takes units from coroutines and threads to one writer and its readers, each on a thread of its own.
class Threads {
public:
    /// @param readers  empty: the writer reads too.
    Threads(Writer::Engine writer, std::vector<Readers::RunOnSnapshot> readers) : writer_(std::move(writer))
    {
        if (!readers.empty()) readers_.emplace(std::move(readers));
    }

    void on_commit(std::function<void()> callback) { writer_.on_commit(std::move(callback)); }

    boost::asio::awaitable<void> perform(const std::function<bool(Transaction&)>& run, const std::function<void(const base::Error&)>& fail,
                                         bool writes)
    {
        const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
        const auto start = [this, &run, &fail, writes, &executor](auto handler) {
            submit(Job{.run = &run, .fail = &fail, .completion = std::make_unique<CoroutineWaits>(std::move(handler), executor)}, writes);
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(start, boost::asio::use_awaitable);
    }

    void run_now(const std::function<bool(Transaction&)>& run, const std::function<void(const base::Error&)>& fail, bool writes)
    {
        std::promise<void> done;
        submit(Job{.run = &run, .fail = &fail, .completion = std::make_unique<ThreadWaits>(done)}, writes);
        done.get_future().wait();
    }

private:
    void submit(Job job, bool writes)
    {
        if (writes || !readers_) writer_.submit(std::move(job));
        else readers_->submit(std::move(job));
    }

    std::optional<Readers> readers_;
    Writer writer_;
};

} // namespace sportello::storage
