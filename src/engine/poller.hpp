#pragma once

#include "governor.hpp"
#include "intake.hpp"

#include <sportello/engine/ticketing.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace sportello::engine {

/// Polls one channel until stopped, as fast as its governor says, not before a time that the platform asked to wait for,
/// not at all while reading is paused.
class Poller {
public:
    Poller(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, const ChannelSettings& channel,
           connectors::Connector& connector, Ticketing& ticketing, base::Clock& clock);

    /// Until stop().
    boost::asio::awaitable<void> run();
    void stop();
    /// Pause or resume was changed: look now.
    void wake();
    /// The channel was signed in anew: what stood in the way counts no more.
    void begin_anew();
    /// A webhook told of news: look soon. However many come, polls keep a distance.
    void poke();
    /// One poll to its end, threaded and handed out. @return new messages.
    boost::asio::awaitable<base::Result<std::size_t>> poll_once();

private:
    boost::asio::awaitable<base::Instant> round();
    boost::asio::awaitable<void> rest_until(base::Instant next);
    boost::asio::awaitable<base::Result<void>> hand_out();

    storage::Database& db_;
    const ChannelSettings& channel_;
    connectors::Connector& connector_;
    Ticketing& ticketing_;
    base::Clock& clock_;
    Intake intake_;
    Governor governor_;
    base::Signal signal_;
    base::Instant next_recheck_{};
    connectors::ChannelTrouble trouble_;
    int failures_ = 0;
    bool stopping_ = false;
    bool poked_ = false;
};

} // namespace sportello::engine
