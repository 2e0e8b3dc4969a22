#pragma once

#include "query.hpp"
#include "sessions.hpp"

#include <sportello/engine/settings.hpp>
#include <sportello/storage/tickets.hpp>

namespace sportello::api {

struct TicketListRequest {
    storage::TicketFilter filter;
    std::optional<storage::TicketCursor> after;
    std::int64_t limit = 25;
};

/// Reads the query of GET /v1/tickets; mistakes are collected in `query`. The filter never reaches beyond the caller's brands.
[[nodiscard]] TicketListRequest read_ticket_list(Query& query, const Caller& caller, const engine::Settings& settings, base::Instant now);

} // namespace sportello::api
