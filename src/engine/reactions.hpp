#pragma once

#include "triage.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>

namespace sportello::engine {

/// The rules that look at tickets by themselves: on changes and deliveries, which it reads from the event log, and by time.
/// Whoever changes a ticket need not know of them. Its place in the log moves in the transaction that reacts: each event
/// is reacted to once, after a crash too.
///
/// A rule for changes fires when its conditions come to hold, and again only after they have ceased to. What rules do may
/// set off others, up to three in a row, but none itself.
class Reactions {
public:
    Reactions(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock);

    /// Works until stop(); returns at once when no rule needs it.
    boost::asio::awaitable<void> run();
    void stop();
    /// Events may be there.
    void wake();

private:
    boost::asio::awaitable<base::Result<void>> take_place();
    boost::asio::awaitable<base::Result<void>> plan_open_tickets();
    boost::asio::awaitable<base::Result<bool>> read_events();
    boost::asio::awaitable<base::Result<bool>> fire_due();
    boost::asio::awaitable<std::optional<base::Instant>> next_due();

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Signal signal_;
    bool active_ = false;
    bool timed_ = false;
    bool stopping_ = false;
};

} // namespace sportello::engine
