#include "support/test_seed.hpp"

#include "support/house.hpp"

#include <map>
#include <set>

namespace sportello::test {
namespace {

using simulator::Endpoint;
using simulator::FaultKind;
using simulator::Kind;

/// Random days of the whole server: customers, agents, faults and crashes from one seed. SPORTELLO_SEEDS=N tries more.
class Simulation : public testing::TestWithParam<std::uint64_t> {
protected:
    House house{HouseOptions{.seed = GetParam(), .agents = 3, .capacity = 100}};
    std::set<std::string> written; ///< platform ids that customers wrote
    std::map<std::int64_t, std::string> replies;
    int steps = 0;

    bool chance(int percent) { return house.random.below(100) < static_cast<std::uint64_t>(percent); }
    House::Account account() { return chance(50) ? House::page : House::handle; }

    void customer()
    {
        const House::Account where = account();
        const bool page = where == House::page;
        const std::string who = "Cliente " + std::to_string(house.random.below(6));
        const auto& items = house.simulator.world().items();
        std::string answered;
        if (!items.empty() && chance(40)) {
            const auto& item = items[house.random.below(items.size())];
            if (item.platform == where.first && !item.deleted && item.kind != Kind::direct_message) answered = item.id;
        }
        const Kind kind = chance(20) ? Kind::direct_message : page ? (answered.empty() ? Kind::post : Kind::comment) : Kind::mention;
        written.insert(house.customer_writes(where, kind, who, "@TIM_Sportello messaggio " + std::to_string(++steps),
                                             kind == Kind::direct_message ? "" : answered));
    }
    void agent()
    {
        const auto tickets = house.tickets();
        if (tickets.empty()) return;
        const domain::Ticket& ticket = tickets[house.random.below(tickets.size())];
        engine::ReplyDraft draft;
        draft.text = "Risposta <" + std::to_string(++steps) + ">";
        draft.visibility = ticket.visibility;
        const auto accepted =
            house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1 + static_cast<std::int64_t>(house.random.below(3)))));
        ASSERT_TRUE(accepted) << accepted.error().what();
        replies[accepted->id.value] = draft.text;
    }
    void fault()
    {
        constexpr FaultKind kinds[] = {FaultKind::delay,      FaultKind::too_many,  FaultKind::server_error,
                                       FaultKind::cut_before, FaultKind::cut_after, FaultKind::lost_answer};
        constexpr Endpoint endpoints[] = {Endpoint::public_write, Endpoint::direct_message, Endpoint::read};
        simulator::Fault fault;
        fault.platform = account().first;
        fault.endpoint = endpoints[house.random.below(3)];
        fault.kind = kinds[house.random.below(6)];
        fault.count = 1 + static_cast<int>(house.random.below(3));
        house.simulator.faults().add(fault);
    }

    void check(bool at_the_end)
    {
        EXPECT_EQ(house.count("SELECT COUNT(*) - COUNT(DISTINCT platform_id) FROM message"), 0) << "no message is stored twice";
        std::set<std::string> seen;
        for (const auto& [id, text] : replies) {
            const domain::Reply reply = house.reply(domain::ReplyId{id});
            const std::size_t copies = house.copies_on_platform(text);
            EXPECT_LE(copies, 1U) << text << " was published twice";
            if (reply.state == domain::Delivery::published) {
                EXPECT_EQ(copies, 1U) << text;
                EXPECT_TRUE(seen.insert(reply.platform_id).second) << "one platform id, one reply";
            }
            if (reply.state == domain::Delivery::failed) { EXPECT_EQ(copies, 0U) << text << ": " << reply.reason; }
            if (at_the_end) {
                EXPECT_TRUE(reply.state == domain::Delivery::published || reply.state == domain::Delivery::failed ||
                            reply.state == domain::Delivery::needs_decision || reply.state == domain::Delivery::unknown ||
                            reply.state == domain::Delivery::queued)
                    << text << " is " << to_string(reply.state);
            }
        }
        if (!at_the_end) return;
        EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE direction = 'inbound'"), static_cast<std::int64_t>(written.size()))
            << "no message is missing";
        EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE direction = 'inbound' AND ticket_id IS NULL"), 0);
        EXPECT_EQ(house.count("SELECT COUNT(*) FROM (SELECT 1 FROM message WHERE direction = 'inbound' GROUP BY channel, root_id, "
                              "identity_id HAVING COUNT(DISTINCT ticket_id) > 1) AS apart"),
                  0)
            << "one person under one root has one ticket";
    }
};

TEST_P(Simulation, KeepsItsInvariantsThroughFaultsAndCrashes)
{
    house.start();
    for (int i = 0; i < 60 && !testing::Test::HasFatalFailure(); ++i) {
        if (chance(60)) customer();
        if (chance(40)) agent();
        if (chance(30)) fault();
        house.run_for(base::Duration(std::chrono::milliseconds(house.random.below(40'000))));
        if (chance(8)) house.crash_and_restart();
        if (i % 10 == 9) check(false);
    }
    house.simulator.faults().clear();
    house.run_for(3h);
    check(true);
}

std::vector<std::uint64_t> simulation_seeds()
{
    const char* asked = std::getenv("SPORTELLO_SEEDS");
    std::vector<std::uint64_t> seeds(asked ? std::strtoull(asked, nullptr, 10) : 4);
    for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = test_seed(i + 1);
    return seeds;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation, testing::ValuesIn(simulation_seeds()),
                         [](const auto& test) { return "Seed" + std::to_string(test.param); });

} // namespace
} // namespace sportello::test
