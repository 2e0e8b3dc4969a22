#pragma once

#include "context.hpp"
#include "ticket_filter.hpp"

#include <sportello/engine/command.hpp>
#include <sportello/engine/search.hpp>

#include <string>

namespace sportello::api {

/// One page of the tickets in which something was found: lines of a list, each with its `match`.
[[nodiscard]] std::string found_tickets_json(storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                                             const TicketListRequest& request, base::Instant now);
/// One page of what was found, document by document.
[[nodiscard]] std::string found_documents_json(storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                                               const TicketListRequest& request, std::vector<storage::SearchKind> kinds);

[[nodiscard]] std::span<const Route> search_routes();

} // namespace sportello::api
