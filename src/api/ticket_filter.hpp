#pragma once

#include "query.hpp"
#include "sessions.hpp"
#include "ticket_walk.hpp"

#include <sportello/engine/settings.hpp>
#include <sportello/storage/tickets.hpp>

namespace sportello::api {

/// Reads `cursor`; a mistake is collected in `query`.
[[nodiscard]] std::optional<SearchCursor> read_search_cursor(Query& query);
[[nodiscard]] std::string write_search_cursor(const engine::SearchHorizon& horizon, std::int64_t offset);
/// What is looked for: `q`, `from` and `to`. Nothing without q.
[[nodiscard]] std::optional<TicketSearch> read_search_words(Query& query);
/// The filters of tickets without sort and paging.
[[nodiscard]] storage::TicketFilter read_ticket_filter(Query& query, const Caller& caller, const engine::Settings& settings,
                                                       base::Instant now);

/// Reads the query of GET /v1/tickets; mistakes are collected in `query`. The filter never reaches beyond the caller's brands.
[[nodiscard]] TicketListRequest read_ticket_list(Query& query, const Caller& caller, const engine::Settings& settings, base::Instant now);

} // namespace sportello::api
