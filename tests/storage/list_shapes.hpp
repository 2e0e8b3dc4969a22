#pragma once

#include "ticket_list_sql.hpp"

#include <functional>

namespace sportello::storage::test {

/// A filter as the statement's composer sees it.
struct ListShape {
    TicketFilter filter;
    std::vector<domain::TicketStatus> statuses;
    std::optional<TicketCursor> after;

    [[nodiscard]] TicketListQuery query(bool postgresql = false) const
    {
        return make_ticket_list_query(filter, filter.brands, statuses, after ? &*after : nullptr, 25, {}, postgresql);
    }
};

/// Every shape of filter: each choice of what may be named, one and several statuses, with and without a cursor.
inline void for_each_list_shape(const std::function<void(const ListShape&)>& each)
{
    using domain::TicketStatus;
    const std::vector<std::vector<TicketStatus>> status_choices{
        {TicketStatus::new_},
        {TicketStatus::new_, TicketStatus::open},
        {TicketStatus::new_, TicketStatus::open, TicketStatus::pending, TicketStatus::on_hold, TicketStatus::solved, TicketStatus::closed}};
    for (unsigned bits = 0; bits < 1u << 10; ++bits) {
        const auto bit = [bits](unsigned n) { return (bits >> n & 1u) != 0; };
        for (unsigned who = 0; who < 3; ++who) {
            for (const auto& statuses : status_choices) {
                ListShape shape;
                shape.filter.sort = bit(0) ? TicketSort::due : TicketSort::updated;
                const bool only_queue = bit(0) || bit(1);
                if (only_queue && (statuses.size() > 2 || bit(9))) continue; // the queue holds nothing put off
                shape.statuses = statuses;
                if (bit(1)) shape.filter.overdue_at = base::from_micros(1);
                if (bit(2)) shape.filter.priority = domain::Priority::high;
                if (bit(3)) shape.filter.label = "guasto";
                if (bit(4)) shape.filter.customer = domain::CustomerId{1};
                if (bit(5)) shape.filter.channel = "tim_twitter";
                if (bit(6)) shape.filter.brands = {"tim"};
                if (bit(7)) shape.filter.brands.push_back("impresa");
                if (bit(8)) shape.after = TicketCursor{.key = 1, .id = 1};
                if (bit(9)) shape.filter.snoozed = true;
                if (who == 1) shape.filter.assignee = TicketFilter::Nobody{};
                if (who == 2) shape.filter.assignee = domain::AgentId{1};
                each(shape);
            }
        }
    }
}

} // namespace sportello::storage::test
