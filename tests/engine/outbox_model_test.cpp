#include "support/test_seed.hpp"

#include "fake_platform.hpp"

#include <map>
#include <set>

namespace sportello::test {
namespace {

using domain::Delivery;
using engine::Decision;

/// What must hold of each accepted reply, whatever agents, the platform and crashes do: the reference.
struct Expected {
    domain::ReplyId id;
    domain::TicketId ticket;
    std::string text;
    std::size_t resends = 0; ///< that a person ordered knowing the risk
    bool discarded = false;
    bool cancelled = false;
};

class OutboxModel : public testing::TestWithParam<std::uint64_t>, public FakeHouse {
protected:
    OutboxModel() : FakeHouse({.seed = GetParam(), .poll = 55s})
    {
        platform.customer_writes("@TIM_Sportello anche da me", house.clock.now(), "", "luca");
        house.run_for(1min);
        for (const auto& one : house.tickets()) tickets.push_back(one.id);
        house.options.poll = 10min; // from the next start
    }

    bool chance(int percent) { return house.random.below(100) < static_cast<std::uint64_t>(percent); }

    void agent_answers()
    {
        Expected reply;
        reply.ticket = tickets[house.random.below(tickets.size())];
        reply.text = "Risposta <" + std::to_string(replies.size()) + ">";
        engine::ReplyDraft draft;
        draft.text = reply.text;
        if (chance(30)) draft.undo = 10s;
        const auto accepted = house.run(house.engine->outbox().accept(reply.ticket, draft, house.as(1)));
        ASSERT_TRUE(accepted) << accepted.error().what();
        reply.id = accepted->id;
        replies.push_back(reply);
    }
    void platform_turns()
    {
        constexpr SendEnd ends[] = {SendEnd::effect_then_error,  SendEnd::error,         SendEnd::duplicate,         SendEnd::not_sent,
                                    SendEnd::probably_not,       SendEnd::failed,        SendEnd::probably_not_but,  SendEnd::throws,
                                    SendEnd::effect_then_throws, SendEnd::never_returns, SendEnd::effect_never_told, SendEnd::published};
        if (chance(60)) platform.ends.push_back(ends[house.random.below(std::size(ends))]);
        platform.send_takes = chance(30) ? base::Duration(std::chrono::seconds(house.random.below(40))) : 0s;
        platform.readable = chance(80);
        platform.canary = chance(80);
        platform.shows_own = chance(80);
    }
    void person_decides()
    {
        for (Expected& reply : replies) {
            const auto now = state(reply.id);
            if (now == Delivery::queued && chance(10)) {
                reply.cancelled = house.run(house.engine->outbox().cancel(reply.id, house.as(1))).has_value() || reply.cancelled;
            }
            if (now == Delivery::unknown && chance(10)) reply.resends += decide(reply.id, {Decision::Kind::resend, "", true}).has_value();
            if (now != Delivery::needs_decision) continue;
            switch (house.random.below(3)) {
            case 0:
                reply.resends += decide(reply.id, {Decision::Kind::resend, ""}).has_value();
                break;
            case 1:
                reply.discarded = decide(reply.id, {Decision::Kind::discard, ""}).has_value() || reply.discarded;
                break;
            default:
                claim(reply, platform.items.back()); // often a lie
                break;
            }
        }
    }

    /// A person says that this item is the reply. It may be another reply's, whose copy then cannot be recognised any more.
    void claim(const Expected& reply, domain::PlatformItem item)
    {
        const bool believed = decide(reply.id, {Decision::Kind::published, item.platform_id}).has_value();
        if (believed && item.text != reply.text) taken_for_another.insert(item.text);
    }

    /// Whether an own item of the platform bears this id, and the words it stands for.
    bool is_there(const std::string& id)
    {
        return std::any_of(platform.items.begin(), platform.items.end(),
                           [&](const auto& item) { return item.own && item.platform_id == id; });
    }

    void check()
    {
        std::map<std::string, std::int64_t> owners;
        for (const Expected& reply : replies) {
            const domain::Reply stored = house.reply(reply.id);
            const auto copies = platform.copies(reply.text);
            const std::size_t unknowable = platform.denied_and_hidden.contains(reply.text) || taken_for_another.contains(reply.text);
            EXPECT_LE(copies, 1 + reply.resends + unknowable) << reply.text << ": more copies than anybody ordered (I10)";
            if (stored.state == Delivery::published) {
                EXPECT_TRUE(is_there(stored.platform_id)) << reply.text << " is not where it is said to be";
                EXPECT_TRUE(owners.emplace(stored.platform_id, reply.id.value).second) << "one id, one reply (I8)";
            }
            if (stored.state == Delivery::failed && !reply.discarded && !unknowable) {
                EXPECT_EQ(copies, 0U) << reply.text << " failed and is there";
            }
            if (stored.state == Delivery::cancelled) {
                EXPECT_EQ(copies, 0U) << reply.text << " was cancelled and is there";
                EXPECT_TRUE(reply.cancelled) << "nobody cancelled " << reply.text;
            }
            if (stored.state == Delivery::unknown || stored.state == Delivery::needs_decision || stored.state == Delivery::failed) {
                EXPECT_FALSE(stored.reason.empty()) << "says why";
            }
        }
        EXPECT_EQ(house.count("SELECT count(*) FROM (SELECT 1 FROM reply_part WHERE state IN ('reserved', 'sending', 'unknown', "
                              "'needs_decision') GROUP BY conversation HAVING count(*) > 1) AS together"),
                  0)
            << "one under way in each conversation (I9)";
        EXPECT_GE(house.count("SELECT count(*) FROM delivery_attempt"), static_cast<std::int64_t>(platform.sends.size()))
            << "no send without a committed attempt (I11)";
    }
    /// First sends follow acceptance within each conversation (I9).
    void check_order()
    {
        for (const domain::TicketId each : tickets) {
            std::size_t last = 0;
            for (const Expected& reply : replies) {
                if (reply.ticket != each) continue;
                for (std::size_t at = 0; at < platform.sends.size(); ++at) {
                    if (platform.sends[at].text != reply.text) continue;
                    EXPECT_GE(at + 1, last) << reply.text << " overtook";
                    last = at + 1;
                    break;
                }
            }
        }
    }

    std::vector<domain::TicketId> tickets;
    std::vector<Expected> replies;
    std::set<std::string> taken_for_another; ///< texts of items that a person gave to another reply
};

TEST_P(OutboxModel, HoldsThroughRandomInterleavings)
{
    for (int step = 0; step < 40 && !testing::Test::HasFatalFailure(); ++step) {
        if (chance(50)) agent_answers();
        if (chance(60)) platform_turns();
        house.run_for(base::Duration(std::chrono::milliseconds(house.random.below(chance(20) ? 3'600'000 : 30'000))));
        if (chance(30)) person_decides();
        if (chance(12)) house.crash_and_restart();
        check();
    }
    platform.ends.clear();
    platform.send_takes = 0s;
    platform.readable = platform.canary = platform.shows_own = true;
    house.crash_and_restart(); // what never returned is found out
    for (int day = 0; day < 8; ++day) {
        house.run_for(4h);
        for (const Expected& reply : replies) {
            if (state(reply.id) == Delivery::needs_decision) (void)decide(reply.id, {Decision::Kind::discard, ""});
        }
        for (Expected& reply : replies) reply.discarded = reply.discarded || house.reply(reply.id).reason.starts_with("discarded");
    }
    check();
    check_order();
    for (const Expected& reply : replies) {
        const auto end = state(reply.id);
        EXPECT_TRUE(end == Delivery::published || end == Delivery::failed || end == Delivery::cancelled)
            << reply.text << " rests as " << to_string(end) << ": " << house.reply(reply.id).reason << " (seed " << GetParam() << ")";
    }
}

std::vector<std::uint64_t> seeds()
{
    const char* asked = std::getenv("SPORTELLO_SEEDS");
    std::vector<std::uint64_t> seeds(asked ? std::strtoull(asked, nullptr, 10) : 4);
    for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = test_seed(i + 100);
    return seeds;
}

INSTANTIATE_TEST_SUITE_P(Seeds, OutboxModel, testing::ValuesIn(seeds()),
                         [](const auto& test) { return "Seed" + std::to_string(test.param); });

} // namespace
} // namespace sportello::test
