#pragma once

#include "arrival.hpp"

#include <optional>

namespace sportello::engine {

/// When the last open way to answer the message through the platform shuts; nothing: one has no end, or none is open.
[[nodiscard]] std::optional<base::Instant> last_route_ends(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                                           const domain::Message& message, base::Instant now);

/// The clockwork is not to sleep beyond this instant, when something is to happen by time alone.
void note_alarm(const Settings& settings, std::optional<base::Instant> at);

/// The ticket's channel and priority are known now: deadlines, the end of its last route, and the next alarm.
void plan_clocks(Arrival& arrival);

} // namespace sportello::engine
