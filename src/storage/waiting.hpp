#pragma once

#include "job.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <utility>

namespace sportello::storage {

/// Wakes a coroutine on its own executor, which is kept at work until then. The guard travels with the call: once it is
/// posted, the database's thread touches the executor no more, and its context may end with the coroutine.
class CoroutineWaits final : public Completion {
public:
    using Handler = boost::asio::any_completion_handler<void()>;

    CoroutineWaits(Handler handler, const boost::asio::any_io_executor& executor) : handler_(std::move(handler)), at_work_(executor) {}
    void complete() override
    {
        const auto executor = at_work_.get_executor();
        boost::asio::post(executor, [handler = std::move(handler_), at_work = std::move(at_work_)]() mutable { std::move(handler)(); });
    }

private:
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::any_io_executor> at_work_;
};

/// Wakes a thread.
class ThreadWaits final : public Completion {
public:
    explicit ThreadWaits(std::promise<void>& done) : done_(done) {}
    void complete() override { done_.set_value(); }

private:
    std::promise<void>& done_;
};

} // namespace sportello::storage
