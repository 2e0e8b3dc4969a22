#pragma once

#include <sportello/storage/tickets.hpp>

namespace sportello::storage {

/// What a filter asks of a ticket, without the rest of its row; texts are borrowed until the callback returns.
struct TicketFacts {
    std::string_view brand;
    std::string_view channel;
    std::string_view status;
    domain::Priority priority = domain::Priority::normal;
    std::optional<domain::AgentId> assignee;
    domain::CustomerId customer;
    std::string_view labels; ///< one a line, sorted; empty when none
    std::string_view aside;
    std::optional<base::Instant> snoozed_until;
    std::optional<base::Instant> due_at;
    base::Instant updated_at{};
};

/// The facts of one ticket: a third of what its row costs, for those who look at thousands. @return whether there is such a ticket.
bool with_ticket_facts(Transaction& tx, domain::TicketId id, const std::function<void(const TicketFacts&)>& each);

/// Whether the list of this filter has this ticket; its sort does not count. For tickets that were found in another way.
[[nodiscard]] bool is_shown(const TicketFilter& filter, const TicketFacts& ticket);

} // namespace sportello::storage
