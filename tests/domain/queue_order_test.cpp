#include <sportello/domain/queue_order.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Instant ten = base::parse_rfc3339("2026-03-02T09:00:00Z").value();

Ticket due(Duration after)
{
    Ticket ticket;
    ticket.waiting_since = ten;
    ticket.due_at = ten + after;
    return ticket;
}

Ticket with_priority(Ticket ticket, Priority priority)
{
    ticket.priority = priority;
    return ticket;
}

TEST(QueueOrder, PutsTheMostPressingFirst)
{
    auto closing = due(2h);
    closing.route_ends_at = ten + 70min;
    auto missed = due(20min);
    missed.breached_at = ten + 20min;
    auto only_route = due(0h);
    only_route.due_at.reset();
    only_route.route_ends_at = ten + 3h;
    auto nobody_waits = due(0h);
    nobody_waits.due_at.reset();
    const std::vector<Ticket> in_order{
        with_priority(due(5h), Priority::urgent), // however late it is due
        due(10min),
        with_priority(due(44min), Priority::high),
        due(15min),
        closing, // 40 min from now
        due(45min),
        missed, // at 50 min: not before what can still be met in half an hour
        due(55min),
        with_priority(due(10min), Priority::low),
        due(2h),
        only_route,
        nobody_waits,
    };
    for (std::size_t i = 1; i < in_order.size(); ++i) EXPECT_LT(queue_number(in_order[i - 1]), queue_number(in_order[i])) << i;
}

TEST(QueueOrder, HasNoPlaceForWhatDoesNotWait)
{
    for (const auto status : {TicketStatus::pending, TicketStatus::on_hold, TicketStatus::solved, TicketStatus::closed}) {
        auto ticket = due(1h);
        ticket.status = status;
        EXPECT_FALSE(queue_number(ticket));
        EXPECT_FALSE(queue_place(ticket));
    }
    auto snoozed = due(1h);
    snoozed.snoozed_until = ten;
    EXPECT_FALSE(queue_number(snoozed));
    auto apart = due(1h);
    apart.aside = "incident";
    EXPECT_FALSE(queue_number(apart));
}

TEST(QueueOrder, ExplainsItself)
{
    EXPECT_EQ(queue_place(due(1h))->why, "by 2026-03-02T10:00:00Z: due at 2026-03-02T10:00:00Z");
    auto high = with_priority(due(1h), Priority::high);
    high.breached_at = ten;
    EXPECT_EQ(queue_place(high)->why, "by 2026-03-02T10:00:00Z: due at 2026-03-02T10:00:00Z, 30 min earlier for its high priority, "
                                      "30 min later as the target is missed and others can still be met");
    auto closing = due(2h);
    closing.route_ends_at = ten + 1h;
    EXPECT_EQ(queue_place(closing)->why, "by 2026-03-02T09:30:00Z: due at 2026-03-02T11:00:00Z; but 30 min before the last way to "
                                         "answer shuts at 2026-03-02T10:00:00Z");
    auto urgent = with_priority(due(0h), Priority::urgent);
    urgent.due_at.reset();
    EXPECT_EQ(queue_place(urgent)->why, "urgent: before all others; among the urgent last: nobody waits for an answer");
}

// Two tickets of one kind stay in the order in which they came, however late it gets: nothing starves.
TEST(QueueOrder, GrowsOldEvenly)
{
    for (int minutes = 0; minutes < 600; ++minutes) {
        for (const auto priority : {Priority::low, Priority::normal, Priority::high, Priority::urgent}) {
            const auto first = with_priority(due(std::chrono::minutes(minutes)), priority);
            const auto second = with_priority(due(std::chrono::minutes(minutes + 1)), priority);
            ASSERT_LT(queue_number(first), queue_number(second));
            // A low one passes every ticket that comes an hour and a half later, missed or not.
            auto low = with_priority(first, Priority::low);
            low.breached_at = ten;
            ASSERT_LT(queue_number(low), queue_number(with_priority(due(std::chrono::minutes(minutes + 121)), Priority::high)));
        }
    }
}

} // namespace
} // namespace sportello::domain
