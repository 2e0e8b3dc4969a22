#pragma once

#include "settle.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/connectors/connector.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <set>
#include <string>

namespace sportello::engine {

/// What one step of reading brought.
struct IntakeStep {
    std::size_t stored = 0; ///< new messages
    bool more = false;      ///< the connector has more right now
    connectors::ChannelTrouble trouble;
};

/// Reads a channel into the inbox: items and cursor in one transaction (I2), each item once (I1), own items offered to the
/// outbox first (I5). One for each channel.
class Intake {
public:
    Intake(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

    /// One poll step of the connector, stored.
    boost::asio::awaitable<base::Result<IntakeStep>> poll(const ChannelSettings& channel, connectors::Connector& connector);
    /// Looks again at recent messages of the channel for edits and deletions. A message is taken for deleted when two looks
    /// in a row do not find it: platforms lose sight of an item for a moment.
    boost::asio::awaitable<base::Result<void>> recheck(const ChannelSettings& channel, connectors::Connector& connector);

private:
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    connectors::ChannelTrouble::State last_state_ = connectors::ChannelTrouble::State::ok;
    base::Instant next_note_{};
    std::set<std::string, std::less<>> missing_once_; ///< platform ids that the last look did not find
};

} // namespace sportello::engine
