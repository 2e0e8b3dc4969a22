#pragma once

#include <sportello/engine/incidents.hpp>
#include <sportello/storage/transaction.hpp>

namespace sportello::engine {

/// Who of an incident's members would be told by a text to all, how long it takes at the platforms' pace, and its price.
BroadcastPreview preview_of(storage::Transaction& tx, const Settings& settings, domain::IncidentId id, const Actor& actor,
                            base::Instant now);
/// The same for these tickets.
BroadcastPreview preview_of(storage::Transaction& tx, const Settings& settings, const std::vector<domain::Ticket>& tickets,
                            const Actor& actor, base::Instant now);

} // namespace sportello::engine
