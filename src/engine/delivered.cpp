#include "delivered.hpp"

#include "facts.hpp"
#include "settle.hpp"

#include <sportello/storage/channels.hpp>
#include <sportello/storage/confirmations.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

using connectors::ChannelTrouble;
using domain::Delivery;

bool may_be_settled(const domain::ReplyPart& part)
{
    return part.state != Delivery::published && part.state != Delivery::cancelled;
}

} // namespace

std::size_t settle_confirmed(storage::Transaction& tx, const Settings& settings, const std::string& channel,
                             std::span<const connectors::Confirmation> confirmations, base::Instant now)
{
    std::size_t settled = 0;
    for (const connectors::Confirmation& confirmed : confirmations) {
        auto found = storage::find_part_by_attempt_key(tx, channel, confirmed.attempt_key);
        if (!found || !may_be_settled(found->part.part)) continue;
        // The send may be under way still: its answer finds the part settled, and leaves it so.
        storage::finish_attempt(tx, found->attempt.id, now, "published", "the platform told it back");
        Settler{tx, settings, now}.published(found->part, confirmed.platform_id, confirmed.at);
        ++settled;
    }
    return settled;
}

void note_revoked(storage::Transaction& tx, const std::string& channel, base::Instant now)
{
    storage::ChannelState state = storage::load_channel(tx, channel);
    state.state = to_string(ChannelTrouble::State::needs_authorisation);
    state.reason = "The account took the app's access back: run `sportello channel connect " + channel + "`";
    storage::save_channel(tx, state);
    tell(tx, "channel.state", now, std::nullopt, nullptr, {{"channel", channel}, {"state", state.state}, {"reason", state.reason}});
}

} // namespace sportello::engine
