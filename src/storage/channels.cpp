#include <sportello/storage/channels.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_CHANNEL_COLUMNS                                                                                                          \
    "channel, cursor, state, reason, not_before, paused, last_poll_at, last_item_at, last_lag_seconds, publishing_paused, connected_at, "  \
    "access_ends_at, access_lacks, access_mark, quotas, quiet, behind"

const Statement by_name{"SELECT " SPORTELLO_CHANNEL_COLUMNS " FROM channel_state WHERE channel = $1"};
const Statement all_ones{"SELECT " SPORTELLO_CHANNEL_COLUMNS " FROM channel_state ORDER BY channel"};
const Statement save_channel_row{
    "INSERT INTO channel_state (channel, cursor, state, reason, not_before, last_poll_at, last_item_at, last_lag_seconds, "
    "access_ends_at, access_lacks, access_mark, quotas) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT (channel) DO UPDATE SET cursor = excluded.cursor, state = excluded.state, reason = excluded.reason, "
    "not_before = excluded.not_before, last_poll_at = excluded.last_poll_at, last_item_at = excluded.last_item_at, "
    "last_lag_seconds = excluded.last_lag_seconds, access_ends_at = excluded.access_ends_at, "
    "access_lacks = excluded.access_lacks, access_mark = excluded.access_mark, quotas = excluded.quotas"};
const Statement pause_one{
    "INSERT INTO channel_state (channel, cursor, state, reason, paused, publishing_paused) VALUES ($1, '', 'ok', '', $2, $3) "
    "ON CONFLICT (channel) DO UPDATE SET paused = excluded.paused, publishing_paused = excluded.publishing_paused"};
const Statement flag_one{"UPDATE channel_state SET quiet = $2, behind = $3 WHERE channel = $1"};
const Statement connect_one{
    "INSERT INTO channel_state (channel, cursor, state, reason, connected_at) VALUES ($1, '', 'ok', '', $2) "
    "ON CONFLICT (channel) DO UPDATE SET connected_at = coalesce(channel_state.connected_at, excluded.connected_at)"};

ChannelState state_at(const Row& row)
{
    return {.channel = row.string(0),
            .cursor = row.string(1),
            .state = row.string(2),
            .reason = row.string(3),
            .not_before = row.maybe_instant(4),
            .reading_paused = row.flag(5),
            .publishing_paused = row.flag(9),
            .connected_at = row.maybe_instant(10),
            .last_poll_at = row.maybe_instant(6),
            .last_item_at = row.maybe_instant(7),
            .last_lag_seconds = row.maybe_number(8),
            .access_ends_at = row.maybe_instant(11),
            .access_lacks = row.string(12),
            .access_mark = row.number(13),
            .quotas = row.string(14),
            .quiet = row.string(15),
            .behind = row.string(16)};
}

} // namespace

ChannelState load_channel(Transaction& tx, std::string_view channel)
{
    ChannelState fresh;
    fresh.channel = channel;
    return tx.first(by_name, state_at, channel).value_or(std::move(fresh));
}

std::vector<ChannelState> all_channels(Transaction& tx)
{
    return tx.all(all_ones, state_at);
}

void save_channel(Transaction& tx, const ChannelState& state)
{
    tx.run(save_channel_row, state.channel, state.cursor, state.state, state.reason, state.not_before, state.last_poll_at, state.last_item_at,
           state.last_lag_seconds, state.access_ends_at, state.access_lacks, state.access_mark, state.quotas);
}

void set_flags(Transaction& tx, std::string_view channel, std::string_view quiet, std::string_view behind)
{
    tx.run(flag_one, channel, quiet, behind);
}

void set_paused(Transaction& tx, std::string_view channel, bool reading, bool publishing)
{
    tx.run(pause_one, channel, reading, publishing);
}

void connect_channel(Transaction& tx, std::string_view channel, base::Instant now)
{
    tx.run(connect_one, channel, now);
}

} // namespace sportello::storage
