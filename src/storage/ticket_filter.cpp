#include <sportello/storage/ticket_filter.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

const Statement facts_of_one{"SELECT brand, channel, status, priority, assignee_id, customer_id, labels, aside, snoozed_until, due_at, "
                             "updated_at FROM ticket WHERE id = $1"};

bool waits_now(const TicketFacts& ticket)
{
    return (ticket.status == to_string(domain::TicketStatus::new_) || ticket.status == to_string(domain::TicketStatus::open)) &&
           !ticket.snoozed_until && ticket.aside.empty();
}

} // namespace

bool with_ticket_facts(Transaction& tx, domain::TicketId id, const std::function<void(const TicketFacts&)>& each)
{
    const auto read = [&](const Row& row) {
        TicketFacts ticket;
        ticket.brand = row.text(0);
        ticket.channel = row.text(1);
        ticket.status = row.text(2);
        ticket.priority = static_cast<domain::Priority>(row.number(3));
        ticket.assignee = maybe_id_at<domain::AgentId>(row, 4);
        ticket.customer = id_at<domain::CustomerId>(row, 5);
        ticket.labels = row.text(6);
        ticket.aside = row.text(7);
        ticket.snoozed_until = row.maybe_instant(8);
        ticket.due_at = row.maybe_instant(9);
        ticket.updated_at = row.instant(10);
        each(ticket);
        return true;
    };
    return tx.first(facts_of_one, read, id).has_value();
}

bool is_shown(const TicketFilter& filter, const TicketFacts& ticket)
{
    const auto is_status = [&](domain::TicketStatus status) { return to_string(status) == ticket.status; };
    if (!filter.statuses.empty() && std::ranges::none_of(filter.statuses, is_status)) return false;
    if (!filter.brands.empty() && std::ranges::find(filter.brands, ticket.brand) == filter.brands.end()) return false;
    if (std::holds_alternative<TicketFilter::Nobody>(filter.assignee) && ticket.assignee) return false;
    const auto* agent = std::get_if<domain::AgentId>(&filter.assignee);
    if (agent != nullptr && ticket.assignee != *agent) return false;
    if (filter.channel && ticket.channel != *filter.channel) return false;
    if (filter.priority && ticket.priority != *filter.priority) return false;
    if (filter.label) {
        const auto labels = split(ticket.labels, '\n');
        if (std::ranges::find(labels, *filter.label) == labels.end()) return false;
    }
    if (filter.customer && ticket.customer != *filter.customer) return false;
    if (filter.aside ? ticket.aside != *filter.aside : !filter.customer && (ticket.aside == "spam" || ticket.aside == "noise"))
        return false;
    if (filter.snoozed && *filter.snoozed != ticket.snoozed_until.has_value()) return false;
    return !filter.overdue_at || (waits_now(ticket) && ticket.due_at && *ticket.due_at < *filter.overdue_at);
}

} // namespace sportello::storage
