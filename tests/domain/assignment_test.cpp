#include "support/test_seed.hpp"

#include <sportello/domain/assignment.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sportello::domain {
namespace {

const std::vector<std::string> all_brands;
const std::vector<std::string> only_tim{"tim"};
const std::vector<std::string> only_business{"impresa"};

PoolMember member(std::int64_t id, std::int32_t open, std::int32_t capacity = 20, const std::vector<std::string>& brands = all_brands)
{
    return {AgentId{id}, "Agent", capacity, open, brands};
}

WaitingTicket ticket(std::int64_t id, std::string_view brand = "tim", std::optional<AgentId> previous = std::nullopt)
{
    return {TicketId{id}, brand, previous};
}

std::vector<std::pair<std::int64_t, std::int64_t>> pairs(const std::vector<Assignment>& assignments)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> all;
    for (const auto& assignment : assignments) all.emplace_back(assignment.ticket.value, assignment.agent.value);
    return all;
}
using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST(Distribute, GivesTheMostUrgentToTheLeastBusy)
{
    const std::vector waiting{ticket(10), ticket(11), ticket(12)};
    const std::vector pool{member(1, 3), member(2, 1), member(3, 2)};
    const auto assignments = distribute(waiting, pool);
    EXPECT_EQ(pairs(assignments), (Pairs{{10, 2}, {11, 2}, {12, 3}}));
    EXPECT_EQ(assignments[0].why, "least busy of 3 with room (1 open)");
}

TEST(Distribute, BreaksTiesByTheLowestId)
{
    const std::vector waiting{ticket(10), ticket(11)};
    const std::vector pool{member(9, 0), member(2, 0)};
    EXPECT_EQ(pairs(distribute(waiting, pool)), (Pairs{{10, 2}, {11, 9}}));
}

TEST(Distribute, KeepsToCapacity)
{
    const std::vector waiting{ticket(10), ticket(11), ticket(12)};
    const std::vector pool{member(1, 19), member(2, 25)};
    EXPECT_EQ(pairs(distribute(waiting, pool)), (Pairs{{10, 1}}));
    EXPECT_TRUE(distribute(waiting, {}).empty());
}

TEST(Distribute, KeepsToBrandsAndGoesOnWithTheNextTicket)
{
    const std::vector waiting{ticket(10, "impresa"), ticket(11, "telecom"), ticket(12, "tim")};
    const std::vector pool{member(1, 0, 20, only_tim), member(2, 5, 20, only_business)};
    EXPECT_EQ(pairs(distribute(waiting, pool)), (Pairs{{10, 2}, {12, 1}}));
}

TEST(Distribute, PrefersWhoAnsweredBeforeWhenFree)
{
    const std::vector waiting{ticket(10, "tim", AgentId{1}), ticket(11, "tim", AgentId{3}), ticket(12, "tim", AgentId{77})};
    const std::vector pool{member(1, 5), member(2, 0), member(3, 20)};
    const auto assignments = distribute(waiting, pool);
    EXPECT_EQ(pairs(assignments), (Pairs{{10, 1}, {11, 2}, {12, 2}}));
    EXPECT_EQ(assignments[0].why, "Agent answered this customer before");
}

TEST(Distribute, LeavesNoTicketWhileSomebodyHasRoomAndKeepsThePoolBalanced)
{
    std::mt19937_64 random(test::test_seed(6));
    for (int round = 0; round < 200; ++round) {
        std::vector<PoolMember> pool;
        std::int32_t room = 0;
        for (std::int64_t id = 1; id < 9; ++id) {
            pool.push_back(member(id, static_cast<std::int32_t>(random() % 12), 10));
            room += std::max(0, 10 - pool.back().open_tickets);
        }
        std::vector<WaitingTicket> waiting;
        for (std::int64_t id = 0; id < static_cast<std::int64_t>(random() % 80); ++id) waiting.push_back(ticket(100 + id));
        const auto assignments = distribute(waiting, pool);
        ASSERT_EQ(assignments.size(), std::min(waiting.size(), static_cast<std::size_t>(room)));
        std::map<std::int64_t, std::int32_t> load;
        for (const auto& m : pool) load[m.agent.value] = m.open_tickets;
        for (std::size_t i = 0; i < assignments.size(); ++i) {
            ASSERT_EQ(assignments[i].ticket, waiting[i].ticket) << "by urgency, not by luck";
            const auto mine = load[assignments[i].agent.value]++;
            for (const auto& m : pool) {
                if (load[m.agent.value] < 10 && m.agent != assignments[i].agent) { ASSERT_LE(mine, load[m.agent.value]); }
            }
            ASSERT_LE(load[assignments[i].agent.value], 10);
        }
        ASSERT_EQ(pairs(distribute(waiting, pool)), pairs(assignments));
    }
}

} // namespace
} // namespace sportello::domain
