#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/connectors/connector.hpp>
#include <sportello/domain/channel_watch.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <utility>

namespace sportello::engine {

/// Writes down what the channel has spent and what its platform still allows; in the transaction of whoever calls.
void note_budget(storage::Transaction& tx, storage::ChannelState& state, connectors::Connector& connector, base::Instant now);

/// Decides how soon one channel is looked at again, and watches whether it lives: fast in office hours and when it is
/// lively, slowly at night, and never so fast that its money is gone before the day is.
class Governor {
public:
    Governor(storage::Database& db, const Settings& settings, const ChannelSettings& channel, connectors::Connector& connector,
             base::Clock& clock)
        : db_(db), settings_(settings), channel_(channel), connector_(connector), clock_(clock)
    {
    }

    /// Before the first call: what earlier processes spent today counts.
    boost::asio::awaitable<base::Result<void>> restore();
    /// After each poll.
    /// @param stored  new messages
    void polled(std::size_t stored);
    [[nodiscard]] base::Duration pause() const;
    /// Raises and lowers the flags "quiet" and "behind", looking once a minute.
    boost::asio::awaitable<base::Result<void>> watch();

private:
    [[nodiscard]] domain::ChannelFlags look(storage::Transaction& tx, const storage::ChannelState& state, base::Instant now) const;
    void forget_old(base::Instant now);

    storage::Database& db_;
    const Settings& settings_;
    const ChannelSettings& channel_;
    connectors::Connector& connector_;
    base::Clock& clock_;
    std::deque<std::pair<base::Instant, std::size_t>> lately_; ///< polls that brought something, and how much
    bool restored_ = false;
    domain::MicroDollars spent_before_ = 0; ///< today, when the last poll ended
    double poll_costs_ = 0;                 ///< micro-dollars, a moving mean
    base::Instant next_look_{};
};

} // namespace sportello::engine
