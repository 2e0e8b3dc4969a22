#include "support/house.hpp"

#include <sportello/storage/confirmations.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

// Deliveries of the platforms' webhooks: what they confirm, and how little they can do else.
namespace sportello::test {
namespace {

using domain::Delivery;
using simulator::Kind;
using Json = nlohmann::json;

class Delivered : public testing::Test {
protected:
    Delivered()
    {
        house.start();
        house.run_for(1min);
        house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Il mio contratto?");
        house.run_for(1min);
    }

    /// The echo that Facebook sends of a message of ours.
    static std::string echo(const std::string& key, const std::string& platform_id, base::Instant at,
                            const std::string& page = House::page.second)
    {
        return Json{{"object", "page"},
                    {"entry",
                     {{{"id", page},
                       {"time", 1},
                       {"messaging",
                        {{{"sender", {{"id", page}}},
                          {"recipient", {{"id", "240"}}},
                          {"timestamp", base::to_micros(at) / 1000},
                          {"message", {{"mid", platform_id}, {"is_echo", true}, {"metadata", key}, {"text", "x"}}}}}}}}}}
            .dump();
    }
    domain::ReplyId answer(const std::string& text)
    {
        const domain::Ticket ticket = house.tickets().front();
        engine::ReplyDraft draft;
        draft.text = text;
        draft.visibility = domain::Visibility::private_;
        draft.last_seen = ticket.last_inbound;
        return house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1))).value().id;
    }
    void fault(simulator::FaultKind kind)
    {
        simulator::Fault fault;
        fault.platform = House::page.first;
        fault.endpoint = simulator::Endpoint::direct_message;
        fault.kind = kind;
        fault.count = 1;
        house.simulator.faults().add(fault);
    }
    /// An answer whose sending ended without word; the platform is not read back yet.
    domain::ReplyId unknown_answer(const std::string& text, simulator::FaultKind kind = simulator::FaultKind::cut_before)
    {
        fault(kind);
        const auto id = answer(text);
        house.run_for(0s);
        EXPECT_EQ(house.reply(id).state, Delivery::unknown);
        return id;
    }
    std::string key_of(domain::ReplyId reply)
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::string> {
                return storage::last_attempt(tx, storage::parts_of(tx, reply).front().id)->key;
            })
            .value();
    }
    void deliver(const std::string& body)
    {
        const std::vector<std::string> channels{"tim-facebook", "tim-x"};
        house.engine->deliver(channels, body);
        house.run_for(0s);
    }

    House house;
};

TEST_F(Delivered, AnEchoSettlesASendWhoseAnswerWasLost)
{
    const auto id = unknown_answer("Verifichiamo subito.", simulator::FaultKind::cut_after);
    const std::string platform_id = house.simulator.world().items().back().id;
    const base::Instant at = std::chrono::floor<std::chrono::milliseconds>(house.clock.now());
    deliver(echo(key_of(id), platform_id, at));
    const domain::Reply reply = house.reply(id);
    EXPECT_EQ(reply.state, Delivery::published);
    EXPECT_EQ(reply.platform_id, platform_id);
    EXPECT_EQ(reply.published_at, at) << "the platform's time";
    EXPECT_FALSE(house.tickets().front().waiting_since) << "the clock stops";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM delivery_attempt WHERE outcome = 'published'"), 1);
    house.run_for(10min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE direction = 'outbound' AND reply_part_id IS NULL"), 0)
        << "what the poll reads is known to be ours";
}

TEST_F(Delivered, EveryOrderAndEveryRepeatEndsTheSame)
{
    const auto id = unknown_answer("Verifichiamo subito.");
    const std::string key = key_of(id);
    const base::Instant now = house.clock.now();
    std::vector<std::string> deliveries{
        echo(key, "m_ours", now),
        echo("a-key-of-nobody", "m_foreign", now),
        echo(key, "m_ours", now, "999"), // another Page of the same app
        R"({"object":"page","entry":[{"id":"104000000000002","messaging":[{"delivery":{"watermark":1}}]}]})",
        R"({"object":"page","entry":[{"id":"104000000000002","changes":[{"field":"feed","value":{"item":"comment","verb":"remove"}}]}]})",
        "no delivery at all",
    };
    std::mt19937_64 chance(11);
    for (int round = 0; round < 8; ++round) {
        std::shuffle(deliveries.begin(), deliveries.end(), chance);
        for (const std::string& delivery : deliveries) deliver(delivery);
    }
    house.run_for(10min);
    EXPECT_EQ(house.reply(id).state, Delivery::published);
    EXPECT_EQ(house.reply(id).platform_id, "m_ours");
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM event WHERE type = 'reply.published'"), 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket"), 1);
    EXPECT_EQ(house.copies_on_platform("Verifichiamo subito."), 0U) << "what is confirmed is not sent again";
}

TEST_F(Delivered, AnEchoAfterTheAnswerChangesNothing)
{
    const auto id = answer("Verifichiamo subito.");
    house.run_for(1s);
    const domain::Reply before = house.reply(id);
    ASSERT_EQ(before.state, Delivery::published);
    deliver(echo(key_of(id), "m_another-id", house.clock.now()));
    EXPECT_EQ(house.reply(id).platform_id, before.platform_id);
    EXPECT_EQ(house.reply(id).state, Delivery::published);
}

TEST_F(Delivered, TheKeyOfAnotherChannelConfirmsNothing)
{
    const auto id = unknown_answer("Verifichiamo subito.");
    const std::string key = key_of(id);
    const auto settled = house.read([&](storage::Transaction& tx) -> base::Result<bool> {
        return storage::find_part_by_attempt_key(tx, "tim-x", key).has_value() ||
               storage::find_part_by_attempt_key(tx, "", key).has_value();
    });
    EXPECT_FALSE(settled.value());
}

TEST_F(Delivered, PollsKeepTheirDistanceHoweverManyCome)
{
    house.run_for(1min);
    const std::string news = R"({"object":"page","entry":[{"id":"104000000000002","changes":[]}]})";
    const auto before = house.transport.requests();
    for (int i = 0; i < 200; ++i) {
        deliver(news);
        house.run_for(50ms);
    }
    const auto poked = house.transport.requests() - before;
    EXPECT_LT(poked, 12 * 12) << "a poll each two seconds at most, of a few calls each";
    const auto quiet = house.transport.requests();
    deliver(R"({"object":"page","entry":[{"id":"999","changes":[]}]})");
    house.run_for(100ms);
    EXPECT_EQ(house.transport.requests(), quiet) << "news of another Page";
}

TEST_F(Delivered, ARevokedLoginIsSaidAtOnce)
{
    const auto state = [&] {
        return house.count("SELECT COUNT(*) FROM channel_state WHERE channel = 'tim-x' AND state = 'needs_authorisation'");
    };
    const auto revoke = [](const std::string& user) {
        return R"({"user_event":{"revoke":{"date_time":"2026-03-02T10:00:00Z","target":{"app_id":"1"},"source":{"user_id":")" + user +
               R"("}}}})";
    };
    deliver(revoke("1"));
    EXPECT_EQ(state(), 0) << "somebody else";
    const auto& accounts = house.simulator.world().accounts();
    const auto own = std::find_if(accounts.begin(), accounts.end(), [](const auto& account) {
        return account.platform == simulator::Platform::twitter && account.account == House::handle.second;
    });
    ASSERT_NE(own, accounts.end());
    const std::vector<std::string> channels{"tim-x"};
    house.engine->deliver(channels, revoke(own->id));
    EXPECT_EQ(state(), 0) << "not in the caller's turn";
    house.run_for(0s);
    EXPECT_GE(house.count("SELECT COUNT(*) FROM event WHERE type = 'channel.state' AND data LIKE '%took the app%'"), 1);
}

} // namespace
} // namespace sportello::test
