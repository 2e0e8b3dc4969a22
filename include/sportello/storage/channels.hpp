#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// Where a channel stands: its cursor and its health.
struct ChannelState {
    std::string channel;
    std::string cursor;       ///< the connector's own; empty before the first poll
    std::string state = "ok"; ///< words of connectors::ChannelTrouble::State
    std::string reason;
    std::optional<base::Instant> not_before;
    bool paused = false; ///< by a person; only set_paused changes it
    std::optional<base::Instant> last_poll_at;
    std::optional<base::Instant> last_item_at; ///< platform time of the newest item
    std::optional<std::int64_t> last_lag_seconds;
};

/// The stored state, or a fresh one for a channel never polled.
ChannelState load_channel(Transaction& tx, std::string_view channel);
std::vector<ChannelState> all_channels(Transaction& tx);
/// Writes all but `paused`.
void save_channel(Transaction& tx, const ChannelState& state);
void set_paused(Transaction& tx, std::string_view channel, bool paused);

} // namespace sportello::storage
