#pragma once

#include "support/manual_clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

namespace sportello::test {

/// Runs a task on `io` until it has ended or nothing is left to do. Throws what the task throws, and when it did not end.
/// @param clock turned a second at a time, 1,000 at most, when the task waits for it; null: `io` runs without it.
void run_to_end(boost::asio::io_context& io, ManualClock* clock, boost::asio::awaitable<void> task);

namespace detail {
template <class T> boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> task, std::optional<T>& result)
{
    result.emplace(co_await std::move(task));
}
} // namespace detail

/// The same with a result. The type of the result costs one small coroutine; the spawning is compiled once for all.
template <class T> T run_to_end(boost::asio::io_context& io, ManualClock* clock, boost::asio::awaitable<T> task)
{
    std::optional<T> result;
    run_to_end(io, clock, detail::keep_result(std::move(task), result));
    return std::move(*result);
}

} // namespace sportello::test
