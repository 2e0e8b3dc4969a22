#include <sportello/storage/ticket_changes.hpp>

#include "engine_of.hpp"
#include "rows.hpp"
#include "statement.hpp"
#include "ticket_list_sql.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

using domain::TicketStatus;

const Statement brand_of_channel{"SELECT brand FROM ticket WHERE channel = $1 LIMIT 1"};

bool waits_in_queue(TicketStatus status)
{
    return status == TicketStatus::new_ || status == TicketStatus::open;
}

/// Lists of few lengths are few statements, which stay prepared.
std::int64_t rounded_up(std::int64_t limit)
{
    constexpr std::int64_t usual[] = {11, 26, 51, 101, 201, 501};
    const auto* found = std::ranges::lower_bound(usual, limit);
    return found == std::end(usual) ? limit : *found;
}

/// What the list may show, each status once: those asked for, without those that its order or "overdue" rules out.
std::vector<TicketStatus> shown_statuses(const TicketFilter& filter)
{
    std::vector<TicketStatus> shown;
    for (const auto status : {TicketStatus::new_, TicketStatus::open, TicketStatus::pending, TicketStatus::on_hold, TicketStatus::solved,
                              TicketStatus::closed}) {
        const bool asked =
            filter.statuses.empty() || std::find(filter.statuses.begin(), filter.statuses.end(), status) != filter.statuses.end();
        const bool only_queue = filter.sort == TicketSort::due || filter.overdue_at.has_value();
        const bool stands = waits_in_queue(status) && !filter.snoozed.value_or(false); // nothing put off waits in the queue
        if (asked && (!only_queue || stands)) shown.push_back(status);
    }
    return shown;
}

/// The brands that can show anything. A channel is one brand's: its list walks that brand's index.
std::vector<std::string> shown_brands(Transaction& tx, const TicketFilter& filter)
{
    if (!filter.channel || !filter.brands.empty()) return filter.brands;
    const auto brand = tx.first(
        brand_of_channel, [](const Row& row) { return row.string(0); }, *filter.channel);
    return brand ? std::vector{*brand} : std::vector<std::string>{};
}

/// The id, the columns of SPORTELLO_ROW_COLUMNS, the update.
TicketRow row_at(const Row& row, TicketSort sort)
{
    TicketRow ticket;
    ticket.id = id_at<domain::TicketId>(row, 0);
    ticket.brand = row.text(1);
    ticket.channel = row.text(2);
    ticket.platform = row.text(3);
    ticket.visibility = row.text(4);
    ticket.root_id = row.text(5);
    ticket.status = row.text(6);
    ticket.priority = static_cast<domain::Priority>(row.number(7));
    ticket.subject = row.text(8);
    ticket.assignee = maybe_id_at<domain::AgentId>(row, 9);
    ticket.assignee_name = row.text(10);
    ticket.assigned_why = row.text(11);
    ticket.customer = id_at<domain::CustomerId>(row, 12);
    ticket.customer_name = row.text(13);
    ticket.customer_handle = row.text(14);
    ticket.created_at = row.instant(15);
    ticket.last_inbound_at = row.instant(16);
    ticket.last_inbound = maybe_id_at<domain::MessageId>(row, 17);
    ticket.waiting_since = row.maybe_instant(18);
    ticket.first_response_at = row.maybe_instant(19);
    ticket.first_response_office_seconds = row.maybe_number(20);
    ticket.due_at = row.maybe_instant(21);
    ticket.snoozed_until = row.maybe_instant(22);
    ticket.last_text = row.text(23);
    ticket.last_at = row.instant(24);
    ticket.last_direction = row.text(25);
    ticket.message_count = small_number_at(row, 26);
    ticket.revision = small_number_at(row, 27);
    ticket.labels = row.text(28);
    ticket.aside = row.text(30);
    ticket.language = row.text(31);
    ticket.incident = maybe_id_at<domain::IncidentId>(row, 32);
    ticket.inbound_count = small_number_at(row, 33);
    ticket.updated_at = row.instant(34);
    ticket.cursor = {.key = row.number(sort == TicketSort::due ? 29 : 34), .id = ticket.id.value};
    return ticket;
}

void walk(Transaction& tx, const TicketFilter& filter, const TicketCursor* after, const TicketListScope& scope, std::int64_t limit,
          const std::function<void(const TicketRow&)>& each)
{
    const auto statuses = shown_statuses(filter);
    if (statuses.empty()) return;
    const auto brands = shown_brands(tx, filter);
    const auto query = make_ticket_list_query(filter, brands, statuses, after, rounded_up(limit), scope, is_postgresql(tx));
    std::int64_t left = limit;
    tx.execute(query.sql, query.values, [&](const Row& row) {
        if (left-- <= 0) return false;
        each(row_at(row, filter.sort));
        return true;
    });
}

} // namespace

void for_each_ticket_row(Transaction& tx, const TicketFilter& filter, std::optional<TicketCursor> after, std::int64_t limit,
                         const std::function<void(const TicketRow&)>& each)
{
    walk(tx, filter, after ? &*after : nullptr, {}, limit, each);
}

void for_each_ticket_row_within(Transaction& tx, const TicketFilter& filter, const TicketListScope& scope,
                                std::optional<TicketCursor> after, std::int64_t limit, const std::function<void(const TicketRow&)>& each)
{
    walk(tx, filter, after ? &*after : nullptr, scope, limit, each);
}

bool with_ticket_row(Transaction& tx, domain::TicketId id, const std::function<void(const TicketRow&)>& each)
{
    const auto show = [&](const Row& row) {
        each(row_at(row, TicketSort::updated));
        return true;
    };
    return tx.first(one_ticket_row_sql(), show, id).has_value();
}

} // namespace sportello::storage
