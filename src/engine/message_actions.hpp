#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/engine/outbox.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/message_actions.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace sportello::engine {

/// Carries out what was ordered for messages on their platforms. Done twice is as done once, so that whatever became of a
/// try it is repeated until it is known to be done, or refused.
class MessageActions {
public:
    MessageActions(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors,
                   base::Clock& clock)
        : db_(db), settings_(settings), connectors_(connectors), clock_(clock), signal_(clock, executor)
    {
    }

    /// Works until stop().
    boost::asio::awaitable<void> run();
    void stop();
    /// Something was ordered.
    void wake() { signal_.notify(); }

private:
    boost::asio::awaitable<base::Instant> work();
    boost::asio::awaitable<void> carry_out(storage::MessageAction action);

    storage::Database& db_;
    const Settings& settings_;
    Connectors& connectors_;
    base::Clock& clock_;
    base::Signal signal_;
    bool stopping_ = false;
};

} // namespace sportello::engine
