#pragma once

#include <sportello/domain/placeholders.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <string_view>

namespace sportello::engine {

/// A canned text as it reads for this ticket, written by this person.
[[nodiscard]] domain::Expansion expand_for(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                           domain::AgentId author, std::string_view text);

} // namespace sportello::engine
