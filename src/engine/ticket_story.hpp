#pragma once

#include <sportello/domain/regrouping.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <string>
#include <string_view>

namespace sportello::engine {

/// Counts a ticket anew from what is stored of it: see domain::recount.
void recount(storage::Transaction& tx, const Settings& settings, domain::Ticket& ticket, base::Instant now);

/// What of a ticket is under way.
[[nodiscard]] domain::UnderWay under_way(storage::Transaction& tx, domain::TicketId ticket);

/// What of a ticket cannot be computed from its messages: status, priority, clocks. JSON, without any text of a message.
[[nodiscard]] std::string clocks_of(const domain::Ticket& ticket);
/// Puts all of it back.
void restore_clocks(domain::Ticket& ticket, std::string_view clocks);
/// Puts status and priority of a merge's target back to what they were, where they still are as merging `source` made them.
void restore_place(domain::Ticket& target, std::string_view before, domain::TicketId source);

} // namespace sportello::engine
