#pragma once

#include <sportello/engine/aids.hpp>

namespace sportello::engine {

/// The unit of work of Aids::apply.
[[nodiscard]] Result<MacroOutcome> apply_macro(storage::Transaction& tx, const Settings& settings, std::int64_t macro, domain::TicketId id,
                                               std::optional<domain::MessageId> last_seen, const Command& command, base::Instant now);

} // namespace sportello::engine
