#pragma once

#include <sportello/engine/search.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/tickets.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::api {

/// Where a client is that reads a list page by page. By update, what changes on the way moves to the head of the list,
/// which the client has behind it: so, when the end is reached, what changed since the walk began comes again as it now is,
/// until nothing has. Whoever reads to the end has seen every ticket that was in the list all the while.
struct TicketWalk {
    std::optional<storage::TicketCursor> after;  ///< the last row shown of this round
    std::optional<storage::TicketCursor> newest; ///< the first row shown of this round
    std::optional<storage::TicketCursor> since;  ///< only what changed after this; in the first round nothing
};

/// @return nothing when `text` is no next_cursor of this sort.
[[nodiscard]] std::optional<TicketWalk> read_walk(std::string_view text, storage::TicketSort sort);

/// Full-text search among tickets.
struct TicketSearch {
    std::string text;
    std::optional<base::Instant> from;
    std::optional<base::Instant> until;
    std::optional<storage::TicketSort> sort; ///< nothing: the best first
};

/// A place in the results of a search.
struct SearchCursor {
    engine::SearchHorizon horizon;
    std::int64_t offset = 0;
};

/// What GET /v1/tickets is asked for.
struct TicketListRequest {
    storage::TicketFilter filter; ///< already within what the caller may see
    std::optional<domain::IncidentId> incident;
    std::optional<TicketSearch> search;
    std::optional<SearchCursor> after_hit; ///< of a search
    TicketWalk walk;                       ///< of a list without search
    std::int64_t limit = 25;
};

/// One page of a list.
[[nodiscard]] std::string ticket_page_json(storage::Transaction& tx, const TicketListRequest& request, const engine::Settings& settings,
                                           base::Instant now);

} // namespace sportello::api
