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
    bool reading_paused = false;               ///< by a person; only set_paused changes it
    bool publishing_paused = false;            ///< likewise
    std::optional<base::Instant> connected_at; ///< its first reading began then; only connect_channel changes it
    std::optional<base::Instant> last_poll_at;
    std::optional<base::Instant> last_item_at; ///< platform time of the newest item
    std::optional<std::int64_t> last_lag_seconds;
    std::optional<base::Instant> access_ends_at; ///< the token, or the access to data, ends then; nothing: not known
    std::string access_lacks;                    ///< what the token lacks, in words; empty: nothing
    std::int64_t access_mark = 0;                ///< days before the end that were told of last; 0: none
    std::string quotas = "[]"; ///< JSON, as the API serves it
    std::string quiet;         ///< why it is quieter than usual, in words; only set_flags changes it
    std::string behind;        ///< likewise why it is behind
};

/// The stored state, or a fresh one for a channel never polled.
ChannelState load_channel(Transaction& tx, std::string_view channel);
std::vector<ChannelState> all_channels(Transaction& tx);
/// Writes all but what people decided, `connected_at` and the flags.
void save_channel(Transaction& tx, const ChannelState& state);
void set_paused(Transaction& tx, std::string_view channel, bool reading, bool publishing);
void set_flags(Transaction& tx, std::string_view channel, std::string_view quiet, std::string_view behind);
/// Notes when the channel was first read; a channel that has been read keeps its time.
void connect_channel(Transaction& tx, std::string_view channel, base::Instant now);

} // namespace sportello::storage
