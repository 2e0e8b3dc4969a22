#include "support/test_seed.hpp"

#include <sportello/domain/assignment.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sportello::domain {
namespace {

/// Those for whom nobody has room are left out.
std::vector<Assignment> distribute(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool)
{
    Distributor distributor(pool);
    std::vector<Assignment> assignments;
    for (const auto& ticket : waiting) {
        if (auto assignment = distributor.assign(ticket)) assignments.push_back(std::move(*assignment));
    }
    return assignments;
}

const std::vector<std::string> all_brands;
const std::vector<std::string> only_tim{"tim"};
const std::vector<std::string> only_business{"impresa"};

PoolMember member(std::int64_t id, std::int32_t open, std::int32_t capacity = 20, const std::vector<std::string>& brands = all_brands)
{
    return {AgentId{id}, "Agent", capacity, open, brands, open * usual_handling};
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
    EXPECT_EQ(assignments[0].why, "most slack of 3 with room (1 open, 6 min of work)");
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
    const Distributor full(pool);
    EXPECT_EQ(full.room_for(ticket(10)), 1);
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

TEST(Distribute, WeighsTheWorkOfALabelAndWhatIsLeftOfTheShift)
{
    auto long_work = ticket(10);
    long_work.work = std::chrono::minutes(40);
    std::vector pool{member(1, 0), member(2, 0), member(3, 0, 10)};
    Distributor distributor(pool);
    EXPECT_EQ(distributor.assign(long_work)->agent.value, 1);
    for (std::int64_t id = 11; id < 17; ++id) EXPECT_EQ(distributor.assign(ticket(id))->agent.value, 2) << "six times six minutes";
    EXPECT_EQ(distributor.assign(ticket(17))->agent.value, 2);
    EXPECT_EQ(distributor.assign(ticket(18))->agent.value, 1) << "forty-two minutes against forty";
    pool[0].time_left = std::chrono::minutes(15);
    EXPECT_EQ(Distributor(pool).assign(ticket(20))->agent.value, 2) << "one goes home soon";
}

TEST(Distribute, MindsTeamLanguageAndSkills)
{
    const std::vector<std::string> billing{"billing"};
    const std::vector<std::string> adsl{"adsl"};
    const std::vector<std::string> english{"en"};
    const std::vector<std::string> italian{"it"};
    std::vector pool{member(1, 0), member(2, 5), member(3, 9)};
    pool[0].languages = italian;
    pool[1].teams = billing;
    pool[2].skills = adsl;
    Distributor distributor(pool);
    auto of_team = ticket(10);
    of_team.team = "billing";
    EXPECT_EQ(distributor.assign(of_team)->agent.value, 2);
    auto in_english = ticket(11);
    in_english.language = "en";
    EXPECT_EQ(distributor.assign(in_english)->agent.value, 2) << "who names no language speaks it";
    auto skilled = ticket(12);
    skilled.skills = adsl;
    const auto given = distributor.assign(skilled);
    EXPECT_EQ(given->agent.value, 3);
    EXPECT_EQ(given->why, "most slack of 1 with room (9 open, 54 min of work); who can do adsl");
    skilled.team = "billing";
    EXPECT_FALSE(distributor.assign(skilled)) << "nobody is both";
    EXPECT_EQ(distributor.room_for(skilled), 0);
    EXPECT_EQ(distributor.assign(ticket(13, "tim", AgentId{3}))->agent.value, 3);
}

TEST(Distribute, GoesRoundInTurnAndGoesOnWhereItWas)
{
    const std::vector pool{member(3, 0), member(1, 9), member(2, 20)};
    Distributor first(pool, AssignmentPolicy::round_robin);
    EXPECT_EQ(first.assign(ticket(1))->agent.value, 1);
    EXPECT_EQ(first.assign(ticket(2))->agent.value, 3) << "two has no room";
    EXPECT_EQ(first.assign(ticket(3))->agent.value, 1);
    Distributor later(pool, AssignmentPolicy::round_robin, first.last());
    const auto next = later.assign(ticket(4));
    EXPECT_EQ(next->agent.value, 3);
    EXPECT_EQ(next->why, "next in turn of 2 with room");
    EXPECT_FALSE(Distributor(pool, AssignmentPolicy::manual).assign(ticket(5)));
}

TEST(Demand, IsTheLongestOfTheLabelsAndAllTheirSkills)
{
    using std::chrono::minutes;
    const std::vector<LabelHandling> handling{
        {"adsl", minutes(12), "technical"}, {"saluti", minutes(1), ""}, {"bolletta", minutes(9), "billing"}};
    const auto of = [&](std::vector<std::string> labels) { return demand_of(labels, handling, minutes(5)); };
    EXPECT_EQ(of({}).work, minutes(5));
    EXPECT_EQ(of({"saluti"}).work, minutes(1)) << "less than the usual";
    EXPECT_EQ(of({"adsl", "bolletta", "other"}).work, minutes(12));
    EXPECT_EQ(of({"adsl", "bolletta"}).skills, (std::vector<std::string>{"technical", "billing"}));
}

TEST(OpeningShare, IsEvenAndAtLeastOne)
{
    EXPECT_EQ(opening_share(90, 0, 9), 10);
    EXPECT_EQ(opening_share(91, 0, 9), 11);
    EXPECT_EQ(opening_share(0, 0, 9), 1);
    EXPECT_EQ(opening_share(10, 0, 0), 10);
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
