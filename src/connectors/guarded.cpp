#include "guarded.hpp"

#include <sportello/base/log.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace sportello::connectors {

std::string describe_current_exception()
{
    try {
        throw;
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;
        return base::redact(error.what());
    } catch (const std::exception& error) {
        return base::redact(error.what());
    }
}

boost::asio::awaitable<PollResult> poll_guarded(std::string platform, boost::asio::awaitable<PollResult> work, std::string cursor)
{
    PollResult result = co_await guarded<PollResult>(std::move(platform), std::move(work));
    if (result.cursor.empty()) result.cursor = std::move(cursor);
    co_return result;
}

boost::asio::awaitable<PublishOutcome> publish_guarded(boost::asio::awaitable<PublishOutcome> work)
{
    PublishOutcome outcome;
    try {
        outcome = co_await std::move(work);
    } catch (...) {
        outcome = PublishOutcome{};
        outcome.reason = "The sending broke off: " + describe_current_exception();
    }
    co_return outcome;
}

} // namespace sportello::connectors
