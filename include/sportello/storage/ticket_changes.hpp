#pragma once

#include <sportello/storage/tickets.hpp>

namespace sportello::storage {

/// What narrows a list of tickets beside its filter.
struct TicketListScope {
    /// By update: only tickets that changed later than this row, which moved to the head of the list while somebody read it
    /// page by page.
    std::optional<TicketCursor> since;
    /// Only members of this incident, also those that wait in the queue no more.
    std::optional<domain::IncidentId> incident;
};

/// As for_each_ticket_row, within a scope.
void for_each_ticket_row_within(Transaction& tx, const TicketFilter& filter, const TicketListScope& scope,
                                std::optional<TicketCursor> after, std::int64_t limit, const std::function<void(const TicketRow&)>& each);

} // namespace sportello::storage
