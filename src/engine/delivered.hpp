#pragma once

#include <sportello/connectors/connector.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <span>
#include <string>

/// What deliveries of the platforms' webhooks change at once, in one transaction. Everything else is read by a poll.
namespace sportello::engine {

/// Sends that the platform itself told back, by our key: they stand there, whatever became of their answers. Repeated,
/// reordered and foreign ones change nothing. @return how many were settled.
std::size_t settle_confirmed(storage::Transaction& tx, const Settings& settings, const std::string& channel,
                             std::span<const connectors::Confirmation> confirmations, base::Instant now);

/// The account took our access back.
void note_revoked(storage::Transaction& tx, const std::string& channel, base::Instant now);

} // namespace sportello::engine
