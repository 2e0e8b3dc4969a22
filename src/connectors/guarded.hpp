#pragma once

#include <sportello/connectors/connector.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

namespace sportello::connectors {

// The last wall around a connector: whatever a platform's answer provokes, the engine gets a value. Only the end of the
// program's own executor (operation_aborted) passes as an exception.

/// In words for the operator, secrets removed. Rethrows operation_aborted.
[[nodiscard]] std::string describe_current_exception();

template <class Result> boost::asio::awaitable<Result> guarded(std::string platform, boost::asio::awaitable<Result> work)
{
    Result result;
    try {
        result = co_await std::move(work);
    } catch (...) {
        result = Result{};
        result.trouble = {
            ChannelTrouble::State::unavailable, "An answer of " + platform + " could not be handled: " + describe_current_exception(), {}};
    }
    co_return result;
}

/// As guarded(); after a failure the cursor stands where it stood.
boost::asio::awaitable<PollResult> poll_guarded(std::string platform, boost::asio::awaitable<PollResult> work, std::string cursor);

/// A failure in the middle of a send leaves its outcome unknown.
boost::asio::awaitable<PublishOutcome> publish_guarded(boost::asio::awaitable<PublishOutcome> work);

} // namespace sportello::connectors
