#pragma once

#include <sportello/storage/ticket_changes.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A list's statement and what is bound to it. `values` borrows from the filter.
struct TicketListQuery {
    std::string_view sql; ///< kept for the life of the program: one text for each shape of filter
    std::vector<Value> values;
};

/// @param brands  the filter's, or the one that its channel belongs to.
/// @param statuses  what the list may show, in any order; not empty.
/// @param postgresql  whether it is to run there: only the plan differs, not the rows
TicketListQuery make_ticket_list_query(const TicketFilter& filter, const std::vector<std::string>& brands,
                                       const std::vector<domain::TicketStatus>& statuses, const TicketCursor* after, std::int64_t limit,
                                       const TicketListScope& scope = {}, bool postgresql = false);

/// The statement for the row of one ticket.
std::string_view one_ticket_row_sql();

} // namespace sportello::storage
