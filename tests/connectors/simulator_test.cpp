#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/run_to_end.hpp"
#include "support/seeded_random.hpp"
#include <sportello/connectors/factory.hpp>
#include <sportello/simulator/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::PublishOutcome;
using domain::Visibility;
using simulator::Kind;
using State = connectors::ChannelTrouble::State;

/// The connectors against the simulator, in one process and under a clock turned by hand.
class AgainstTheSimulator : public testing::TestWithParam<simulator::Platform> {
protected:
    AgainstTheSimulator()
    {
        connector = connect();
        // Rounds that look at everything come first, so that later ones show the usual work.
        drain();
    }

    [[nodiscard]] bool facebook() const { return GetParam() == simulator::Platform::facebook; }
    [[nodiscard]] std::string account() const { return facebook() ? "104000000000002" : "TIM_Sportello"; }

    std::unique_ptr<connectors::Connector> connect()
    {
        connectors::ChannelSettings settings;
        settings.id = "tim";
        settings.account = account();
        settings.platform = facebook() ? domain::Platform::facebook : domain::Platform::twitter;
        settings.api_base = facebook() ? "http://simulator.test/graph/v25.0" : "http://simulator.test/x/2";
        settings.credentials.access_token = (facebook() ? "sim-facebook-" : "sim-twitter-") + account();
        if (facebook()) {
            settings.credentials.app_secret = "sim-app-secret";
        } else {
            settings.credentials.consumer_key = "sim-consumer-key";
            settings.credentials.consumer_secret = "sim-consumer-secret";
            settings.credentials.access_token_secret = "sim-twitter-secret-" + account();
        }
        return connectors::make_connector(settings, transport, clock, random);
    }

    template <class T> T run(boost::asio::awaitable<T> task) { return run_to_end(io, &clock, std::move(task)); }

    /// Polls until there is no more. @return what came, by platform id.
    std::map<std::string, domain::PlatformItem> drain()
    {
        std::map<std::string, domain::PlatformItem> seen;
        for (int polls = 0; polls < 300; ++polls) {
            const auto result = run(connector->poll(cursor));
            EXPECT_TRUE(result.rejected.empty());
            cursor = result.cursor;
            for (const auto& item : result.items) {
                EXPECT_FALSE(item.root_id.empty());
                EXPECT_EQ(seen.count(item.platform_id), 0U) << item.platform_id;
                seen.emplace(item.platform_id, item);
            }
            last = result;
            if (!result.more) return seen;
        }
        ADD_FAILURE() << "a poll that never ends";
        return seen;
    }

    std::string writes(Kind kind, const std::string& author, const std::string& text, const std::string& in_reply_to = "")
    {
        simulator::NewItem item;
        item.platform = GetParam();
        item.account = account();
        item.kind = kind;
        item.author = author;
        item.text = text;
        item.in_reply_to = in_reply_to;
        const auto id = world.write(item);
        EXPECT_TRUE(id) << (id ? "" : id.error().what());
        return id ? *id : std::string();
    }
    std::string customer_posts(const std::string& text, const std::string& author = "Ada Rossi")
    {
        return facebook() ? writes(Kind::post, author, text) : writes(Kind::mention, author, "@TIM_Sportello " + text);
    }
    std::string customer_answers(const std::string& text, const std::string& to, const std::string& author = "Ada Rossi")
    {
        return facebook() ? writes(Kind::comment, author, text, to) : writes(Kind::mention, author, "@TIM_Sportello " + text, to);
    }
    connectors::PublishRequest reply_to(const domain::PlatformItem& item, const std::string& text) const
    {
        connectors::PublishRequest request;
        request.visibility = item.visibility;
        request.target_kind = item.kind;
        request.target_id = item.visibility == Visibility::public_ ? item.platform_id : item.root_id;
        request.root_id = item.root_id;
        request.recipient_id = item.recipient_id;
        request.text = text;
        request.attempt_key = "attempt-1";
        request.last_inbound_at = item.at;
        return request;
    }
    connectors::ReadBackResult read_back(const connectors::PublishRequest& request, base::Instant since)
    {
        connectors::ReadBackRequest back;
        back.visibility = request.visibility;
        back.target_id = request.target_id;
        back.root_id = request.root_id;
        back.recipient_id = request.recipient_id;
        back.since = since;
        return run(connector->read_back(back));
    }
    void fault(simulator::Endpoint endpoint, simulator::FaultKind kind, std::optional<int> count = 1)
    {
        simulator::Fault one;
        one.platform = GetParam();
        one.endpoint = endpoint;
        one.kind = kind;
        one.count = count;
        world.faults().add(one);
    }

    ManualClock clock;
    SeededRandom random{11};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport transport{world.handler()};
    boost::asio::io_context io;
    std::unique_ptr<connectors::Connector> connector;
    std::string cursor;
    connectors::PollResult last;
};

INSTANTIATE_TEST_SUITE_P(Platforms, AgainstTheSimulator, testing::Values(simulator::Platform::facebook, simulator::Platform::twitter),
                         [](const auto& test) { return std::string(test.param == simulator::Platform::facebook ? "Facebook" : "X"); });

TEST_P(AgainstTheSimulator, ReadsWhatACustomerWritesAndAnswersIt)
{
    const auto id = customer_posts("La linea \u00e8 gi\u00f9 <da> ieri & non va");
    auto seen = drain();
    EXPECT_EQ(last.trouble.state, State::ok) << last.trouble.reason;
    ASSERT_EQ(seen.count(id), 1U);
    const auto question = seen.at(id);
    EXPECT_TRUE(question.text.ends_with("La linea \u00e8 gi\u00f9 <da> ieri & non va")) << question.text;
    EXPECT_FALSE(question.own);
    EXPECT_FALSE(question.author_id.empty());
    EXPECT_EQ(question.root_id, id);
    EXPECT_FALSE(question.permalink.empty());

    const auto outcome = run(connector->publish(reply_to(question, "Ci guardiamo subito & ti scriviamo")));
    ASSERT_EQ(outcome.outcome, PublishOutcome::Class::published) << outcome.reason;
    seen = drain();
    ASSERT_EQ(seen.count(outcome.platform_id), 1U);
    EXPECT_TRUE(seen.at(outcome.platform_id).own);
    EXPECT_EQ(seen.at(outcome.platform_id).parent_id, id);
    EXPECT_EQ(seen.at(outcome.platform_id).root_id, id);
    EXPECT_TRUE(seen.at(outcome.platform_id).text.ends_with("Ci guardiamo subito & ti scriviamo"));

    const auto thanks = customer_answers("grazie", outcome.platform_id);
    seen = drain();
    ASSERT_EQ(seen.count(thanks), 1U);
    EXPECT_EQ(seen.at(thanks).root_id, id);
    EXPECT_TRUE(drain().empty());
}

TEST_P(AgainstTheSimulator, AnswersInPrivate)
{
    const auto id = writes(Kind::direct_message, "Ada Rossi", "il mio numero \u00e8 ...");
    auto seen = drain();
    ASSERT_EQ(seen.count(id), 1U);
    const auto question = seen.at(id);
    EXPECT_EQ(question.visibility, Visibility::private_);
    EXPECT_EQ(question.recipient_id, question.author_id);

    const auto request = reply_to(question, "Grazie, la chiamiamo");
    const auto start = clock.now();
    const auto outcome = run(connector->publish(request));
    ASSERT_EQ(outcome.outcome, PublishOutcome::Class::published) << outcome.reason;
    seen = drain();
    ASSERT_EQ(seen.count(outcome.platform_id), 1U);
    EXPECT_TRUE(seen.at(outcome.platform_id).own);
    EXPECT_EQ(seen.at(outcome.platform_id).root_id, question.root_id);
    EXPECT_EQ(seen.at(outcome.platform_id).recipient_id, question.author_id);

    const auto back = read_back(request, start - 2min);
    EXPECT_TRUE(back.complete);
    ASSERT_EQ(back.own.size(), 1U);
    EXPECT_EQ(back.own[0].platform_id, outcome.platform_id);
}

TEST_P(AgainstTheSimulator, FindsAReplyWhoseAnswerWasLost)
{
    const auto id = customer_posts("aiuto");
    const auto question = drain().at(id);
    for (const auto kind : {simulator::FaultKind::cut_after, simulator::FaultKind::cut_before}) {
        fault(simulator::Endpoint::public_write, kind);
        const bool effect = kind == simulator::FaultKind::cut_after;
        const auto request = reply_to(question, effect ? "arriviamo" : "non partita");
        const auto start = clock.now();
        EXPECT_EQ(run(connector->publish(request)).outcome, PublishOutcome::Class::unknown);
        clock.set(clock.now() + 5min);
        customer_answers("ancora niente", id, "Un Altro");
        const auto back = read_back(request, start - 2min);
        EXPECT_TRUE(back.complete);
        EXPECT_TRUE(back.canary_seen);
        EXPECT_FALSE(back.parent_gone);
        ASSERT_EQ(back.own.size(), effect ? 1U : 0U);
        if (effect) { EXPECT_TRUE(back.own[0].text.ends_with("arriviamo")); }
    }
}

TEST_P(AgainstTheSimulator, ClassifiesTheSimulatorsFaults)
{
    const auto question = drain().empty() ? customer_posts("aiuto") : std::string();
    const auto item = drain().at(question);
    const auto send = [&](simulator::FaultKind kind) {
        fault(simulator::Endpoint::public_write, kind);
        return run(connector->publish(reply_to(item, "risposta " + std::to_string(static_cast<int>(kind)))));
    };
    const auto limited = send(simulator::FaultKind::too_many);
    EXPECT_EQ(limited.outcome, PublishOutcome::Class::not_sent_probably);
    clock.set(limited.not_before.value_or(clock.now()));
    EXPECT_EQ(send(simulator::FaultKind::unauthorized).outcome, PublishOutcome::Class::not_sent_probably);
    EXPECT_EQ(send(simulator::FaultKind::server_error).outcome, PublishOutcome::Class::unknown);
    transport.unreachable = true;
    EXPECT_EQ(run(connector->publish(reply_to(item, "no"))).outcome, PublishOutcome::Class::not_sent);
    transport.unreachable = false;
    world.faults().clear();
    EXPECT_EQ(run(connector->publish(reply_to(item, "s\u00ec"))).outcome, PublishOutcome::Class::published);
}

TEST_P(AgainstTheSimulator, GoesOnReadingAfterEveryKindOfFault)
{
    std::map<std::string, int> seen;
    std::vector<std::string> written;
    for (const auto kind : {simulator::FaultKind::too_many, simulator::FaultKind::unauthorized, simulator::FaultKind::server_error,
                            simulator::FaultKind::cut_before, simulator::FaultKind::cut_after}) {
        for (int i = 0; i < 7; ++i) written.push_back(customer_posts("messaggio " + std::to_string(written.size())));
        fault(simulator::Endpoint::read, kind, 2);
        for (int tries = 0; tries < 4; ++tries) {
            for (const auto& [id, item] : drain()) ++seen[id];
            clock.set(clock.now() + 2min);
        }
        EXPECT_EQ(last.trouble.state, State::ok) << last.trouble.reason;
    }
    for (const auto& id : written) EXPECT_EQ(seen[id], 1) << id;
}

TEST_P(AgainstTheSimulator, ANewProcessMissesNothing)
{
    std::vector<std::string> written;
    std::map<std::string, int> seen;
    for (int restart = 0; restart < 5; ++restart) {
        for (int i = 0; i < 30; ++i) {
            written.push_back(customer_posts("n" + std::to_string(i)));
            clock.set(clock.now() + 90s);
        }
        const auto result = run(connector->poll(cursor)); // its last poll: stored only every second time
        if (restart % 2 == 0) {
            cursor = result.cursor;
            for (const auto& item : result.items) ++seen[item.platform_id];
        }
        connector = connect();
        clock.set(clock.now() + 10min);
    }
    for (const auto& [id, item] : drain()) ++seen[id];
    for (const auto& id : written) EXPECT_GE(seen[id], 1) << id;
}

TEST_P(AgainstTheSimulator, NoticesEditsAndDeletions)
{
    const auto stays = customer_posts("resta");
    const auto edited = customer_posts("prima");
    const auto deleted = customer_posts("sparisce");
    drain();
    clock.set(clock.now() + 1min);
    ASSERT_TRUE(world.world().edit(edited, facebook() ? "dopo" : "@TIM_Sportello dopo", clock.now()));
    ASSERT_TRUE(world.world().erase(deleted, clock.now()));

    const auto result = run(connector->recheck({stays, edited, deleted}));
    EXPECT_EQ(result.trouble.state, State::ok);
    std::map<std::string, connectors::Rechecked> by_id;
    for (const auto& one : result.items) by_id.emplace(one.platform_id, one);
    ASSERT_EQ(by_id.size(), 3U);
    EXPECT_FALSE(by_id.at(stays).gone);
    EXPECT_TRUE(by_id.at(deleted).gone);
    ASSERT_TRUE(by_id.at(edited).item);
    EXPECT_TRUE(by_id.at(edited).item->text.ends_with("dopo"));

    const auto polled = drain();
    const auto found = std::find_if(polled.begin(), polled.end(), [](const auto& one) { return one.second.text.ends_with("dopo"); });
    ASSERT_NE(found, polled.end());
    if (!facebook()) { EXPECT_EQ(found->second.earlier_ids, std::vector<std::string>{edited}); }
}

TEST_P(AgainstTheSimulator, KnowsAParentThatIsGone)
{
    const auto id = customer_posts("aiuto");
    const auto item = drain().at(id);
    ASSERT_TRUE(world.world().erase(id, clock.now()));
    clock.set(clock.now() + 2min); // until then X may just not see it yet
    const auto request = reply_to(item, "troppo tardi");
    EXPECT_EQ(run(connector->publish(request)).outcome, PublishOutcome::Class::failed);
    const auto back = read_back(request, clock.now() - 2min);
    EXPECT_EQ(back.parent_gone, facebook()); // an answer on X outlives what it answers
    EXPECT_TRUE(back.complete);
}

TEST(Corpus, EveryPostIsReadOnceAndStandsUnderItsRoot)
{
    const std::string file = std::string(SPORTELLO_SOURCE_DIR) + "/../shared/data/support-conversations.ndjson";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "../shared/data/support-conversations.ndjson is not there";
    const auto corpus = simulator::read_corpus(file);
    ASSERT_TRUE(corpus) << corpus.error().what();

    ManualClock clock;
    SeededRandom random{3};
    simulator::SimulatorOptions options;
    options.rate_limit_scale = 0;
    simulator::Simulator world{clock, random, options};
    for (const auto& account : corpus->accounts) world.world().add_account(account);
    std::map<std::string, std::string> text_of;
    for (const auto& row : corpus->rows) text_of[row.item.id] = row.item.text;
    world.load("corpus", corpus->rows);
    boost::asio::io_context io;
    bool played = false;
    boost::asio::co_spawn(io, world.play("corpus", 0), [&](const std::exception_ptr&) { played = true; });
    for (int steps = 0; !played && steps < 10'000; ++steps) clock.run_for(io, 1s);
    ASSERT_TRUE(played);

    InProcessTransport transport{world.handler()};
    std::map<std::string, domain::PlatformItem> seen;
    std::size_t own = 0;
    for (const auto& account : corpus->accounts) {
        connectors::ChannelSettings settings;
        settings.account = account.account;
        settings.platform = domain::Platform::twitter;
        settings.api_base = "http://simulator.test/x/2";
        settings.credentials.access_token = simulator::access_token(account);
        const auto connector = connectors::make_connector(settings, transport, clock, random);
        std::string cursor;
        for (bool more = true; more;) {
            auto result = run_to_end(io, &clock, connector->poll(cursor));
            ASSERT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
            for (auto& item : result.items) {
                own += item.own ? 1 : 0;
                ASSERT_TRUE(seen.emplace(item.platform_id, item).second) << item.platform_id;
            }
            cursor = result.cursor;
            more = result.more;
        }
    }
    EXPECT_EQ(seen.size(), 1205U);
    EXPECT_EQ(own, 602U);
    for (const auto& [id, item] : seen) {
        EXPECT_EQ(item.text, text_of[id]) << id;
        if (const auto parent = seen.find(item.parent_id); parent != seen.end()) { EXPECT_EQ(item.root_id, parent->second.root_id) << id; }
    }
}

} // namespace
} // namespace sportello::test
