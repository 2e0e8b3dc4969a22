#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/run_to_end.hpp"
#include "support/seeded_random.hpp"
#include <sportello/connectors/factory.hpp>
#include <sportello/simulator/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::Action;
using connectors::ActionKind;
using connectors::OutgoingFile;
using connectors::PublishOutcome;
using connectors::PublishRequest;
using Class = PublishOutcome::Class;
using domain::Visibility;
using simulator::Kind;

/// All that X lets us do, against a simulator that knows its rules.
class TwitterSimulator : public testing::Test {
protected:
    TwitterSimulator()
    {
        connectors::ChannelSettings settings;
        settings.id = "tim";
        settings.account = "TIM_Sportello";
        settings.platform = domain::Platform::twitter;
        settings.api_base = "http://simulator.test/x/2";
        settings.credentials.access_token = "sim-twitter-TIM_Sportello";
        connector = connectors::make_connector(settings, transport, clock, random);
    }
    template <class T> T run(boost::asio::awaitable<T> task) { return run_to_end(io, &clock, std::move(task)); }
    std::string writes(Kind kind, const std::string& text, const std::string& in_reply_to = "")
    {
        simulator::NewItem item;
        item.platform = simulator::Platform::twitter;
        item.account = "TIM_Sportello";
        item.kind = kind;
        item.author = "Ada Rossi";
        item.text = text;
        item.in_reply_to = in_reply_to;
        return *world.write(item);
    }
    std::map<std::string, domain::PlatformItem> drain()
    {
        std::map<std::string, domain::PlatformItem> seen;
        for (int polls = 0; polls < 50; ++polls) {
            const auto result = run(connector->poll(cursor));
            EXPECT_TRUE(result.rejected.empty());
            cursor = result.cursor;
            for (const auto& item : result.items) seen[item.platform_id] = item;
            if (!result.more) break;
        }
        return seen;
    }
    PublishOutcome act(ActionKind kind, const std::string& target, Visibility where = Visibility::public_)
    {
        Action action;
        action.kind = kind;
        action.target_id = target;
        action.visibility = where;
        return run(connector->act(action));
    }
    void set(const nlohmann::json& habits)
    {
        http::Request request;
        request.method = http::Method::post;
        request.path = request.target = "/control/x";
        request.body = habits.dump();
        const auto handler = world.handler();
        EXPECT_EQ(run(handler(request)).status, 204);
    }
    const simulator::Item& truth(const std::string& id) { return *world.world().find(simulator::Platform::twitter, id); }

    ManualClock clock;
    SeededRandom random{11};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport transport{world.handler()};
    boost::asio::io_context io;
    std::unique_ptr<connectors::Connector> connector;
    std::string cursor;
};

TEST_F(TwitterSimulator, AReplyWithAFilmIsReadBackWithIt)
{
    const auto asked = writes(Kind::mention, "@TIM_Sportello how do I restart it?");
    PublishRequest request;
    request.target_id = asked;
    request.root_id = asked;
    request.text = "Like this";
    request.file = OutgoingFile{"restart.mp4", "video/mp4", std::string(5'000'000, 'v'), ""};
    const auto sent = run(connector->publish(request));
    ASSERT_EQ(sent.outcome, Class::published) << sent.reason;
    EXPECT_EQ(truth(sent.platform_id).media.size(), 1U);
    const auto read = drain();
    EXPECT_EQ(read.at(sent.platform_id).attachments.at(0).type, "video");
    EXPECT_EQ(read.at(sent.platform_id).text, "@AdaRossi Like this") << "without the link that stands for the film";
}

TEST_F(TwitterSimulator, APictureInPrivateAndItsRemoval)
{
    writes(Kind::direct_message, "Where is the button?");
    const auto read = drain();
    const auto message =
        std::find_if(read.begin(), read.end(), [](const auto& one) { return one.second.visibility == Visibility::private_; });
    ASSERT_NE(message, read.end());
    PublishRequest request;
    request.visibility = Visibility::private_;
    request.target_id = request.root_id = message->second.root_id;
    request.recipient_id = message->second.recipient_id;
    request.file = OutgoingFile{"button.png", "image/png", "p", ""};
    const auto sent = run(connector->publish(request));
    ASSERT_EQ(sent.outcome, Class::published) << sent.reason;
    EXPECT_EQ(act(ActionKind::remove, sent.platform_id, Visibility::private_).outcome, Class::published);
    EXPECT_TRUE(truth(sent.platform_id).deleted);
    EXPECT_EQ(act(ActionKind::remove, message->first, Visibility::private_).outcome, Class::failed) << "somebody else's stays";
}

TEST_F(TwitterSimulator, APostOfOurOwnWhoseRepliesAreHidden)
{
    Action post;
    post.kind = ActionKind::post;
    post.text = "Maintenance tonight";
    post.link = "https://example.org/news";
    const auto made = run(connector->act(post));
    ASSERT_EQ(made.outcome, Class::published) << made.reason;
    EXPECT_EQ(truth(made.platform_id).now().text, "Maintenance tonight\nhttps://example.org/news");
    const auto reply = writes(Kind::mention, "buy my watches", made.platform_id);
    EXPECT_EQ(act(ActionKind::hide, reply).outcome, Class::published);
    EXPECT_EQ(act(ActionKind::unhide, reply).outcome, Class::published);
    EXPECT_EQ(act(ActionKind::hide, writes(Kind::mention, "@TIM_Sportello hello")).outcome, Class::failed);
    EXPECT_EQ(act(ActionKind::remove, made.platform_id).outcome, Class::published);
    EXPECT_EQ(act(ActionKind::remove, made.platform_id).outcome, Class::published) << "twice is the same as once";
    EXPECT_TRUE(truth(made.platform_id).deleted);
}

/// The parts of a long reply hang one at the other, under the rule that lets us answer only who has named us.
TEST_F(TwitterSimulator, PartsHangAtEachOtherUnderTheReplyRule)
{
    set({{"reply_rule", "mentioned"}});
    const auto asked = writes(Kind::mention, "@TIM_Sportello what is going on?");
    std::string target = asked;
    for (const char* text : {"One (1/3)", "Two (2/3)", "Three (3/3)"}) {
        PublishRequest request;
        request.target_id = target;
        request.root_id = asked;
        request.text = text;
        const auto sent = run(connector->publish(request));
        ASSERT_EQ(sent.outcome, Class::published) << sent.reason;
        EXPECT_EQ(truth(sent.platform_id).in_reply_to, target);
        target = sent.platform_id;
    }
    PublishRequest request;
    request.target_id = writes(Kind::mention, "and now?", target); // our name stands there by itself only
    request.text = "Soon";
    EXPECT_EQ(run(connector->publish(request)).outcome, Class::failed);
}

TEST_F(TwitterSimulator, PagesWithBadHabitsAreReadWhole)
{
    std::map<std::string, std::string> written;
    for (int n = 0; n < 230; ++n) {
        const std::string text = "@TIM_Sportello line " + std::to_string(n);
        written[writes(Kind::mention, text)] = text;
        clock.set(clock.now() + 1s);
    }
    set({{"repeated_pages", true}, {"empty_pages", true}, {"late_visible_s", 600}, {"ignore_unknown_fields", true}});
    auto read = drain();
    EXPECT_LT(read.size(), written.size()) << "some are not visible yet";
    clock.set(clock.now() + 11min);
    for (const auto& [id, item] : drain()) read[id] = item;
    for (const auto& [id, text] : written) {
        ASSERT_TRUE(read.contains(id)) << text;
        EXPECT_EQ(read.at(id).text, text);
    }
}

} // namespace
} // namespace sportello::test
