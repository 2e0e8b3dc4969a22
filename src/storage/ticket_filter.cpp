#include <sportello/storage/ticket_filter.hpp>

#include "rows.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

bool waits_now(const TicketRow& row)
{
    return (row.status == to_string(domain::TicketStatus::new_) || row.status == to_string(domain::TicketStatus::open)) &&
           !row.snoozed_until && row.aside.empty();
}

} // namespace

bool is_shown(const TicketFilter& filter, const TicketRow& row)
{
    const auto is_status = [&](domain::TicketStatus status) { return to_string(status) == row.status; };
    if (!filter.statuses.empty() && std::ranges::none_of(filter.statuses, is_status)) return false;
    if (!filter.brands.empty() && std::ranges::find(filter.brands, row.brand) == filter.brands.end()) return false;
    if (std::holds_alternative<TicketFilter::Nobody>(filter.assignee) && row.assignee) return false;
    const auto* agent = std::get_if<domain::AgentId>(&filter.assignee);
    if (agent != nullptr && row.assignee != *agent) return false;
    if (filter.channel && row.channel != *filter.channel) return false;
    if (filter.priority && row.priority != *filter.priority) return false;
    if (filter.label) {
        const auto labels = split(row.labels, '\n');
        if (std::ranges::find(labels, *filter.label) == labels.end()) return false;
    }
    if (filter.customer && row.customer != *filter.customer) return false;
    if (filter.aside ? row.aside != *filter.aside : !filter.customer && (row.aside == "spam" || row.aside == "noise")) return false;
    if (filter.snoozed && *filter.snoozed != row.snoozed_until.has_value()) return false;
    return !filter.overdue_at || (waits_now(row) && row.due_at && *row.due_at < *filter.overdue_at);
}

} // namespace sportello::storage
