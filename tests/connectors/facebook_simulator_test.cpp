#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/run_to_end.hpp"
#include "support/seeded_random.hpp"
#include "support/test_seed.hpp"
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
using connectors::PublishOutcome;
using domain::Visibility;
using nlohmann::json;
using simulator::Kind;
using State = connectors::ChannelTrouble::State;
using Class = PublishOutcome::Class;

/// The Facebook connector on the simulated Graph API: everything that is more than a plain post and its answer.
class OnTheGraph : public testing::Test {
protected:
    OnTheGraph() : connector(connect("v25.0")) { drain(); }

    std::unique_ptr<connectors::Connector> connect(const std::string& version)
    {
        connectors::ChannelSettings settings;
        settings.id = "tim";
        settings.account = page;
        settings.platform = domain::Platform::facebook;
        settings.api_base = "http://simulator.test/graph/" + version;
        settings.credentials.access_token = "sim-facebook-" + std::string(page);
        settings.credentials.app_secret = "sim-app-secret";
        settings.human_agent = true;
        return connectors::make_connector(settings, transport, clock, random);
    }
    template <class T> T run(boost::asio::awaitable<T> task) { return run_to_end(io, &clock, std::move(task)); }
    /// Polls until there is no more. @return what came, by platform id.
    std::map<std::string, domain::PlatformItem> drain()
    {
        std::map<std::string, domain::PlatformItem> seen;
        for (int polls = 0; polls < 300; ++polls) {
            last = run(connector->poll(cursor));
            cursor = last.cursor;
            rejected += last.rejected.size();
            for (const auto& item : last.items) seen.insert_or_assign(item.platform_id, item);
            if (!last.more) return seen;
        }
        ADD_FAILURE() << "a poll that never ends";
        return seen;
    }
    std::string writes(simulator::NewItem item)
    {
        item.platform = simulator::Platform::facebook;
        item.account = page;
        if (item.author.empty()) item.author = "Ada Rossi";
        clock.set(clock.now() + 1s);
        const auto id = world.write(item);
        EXPECT_TRUE(id) << (id ? "" : id.error().what());
        return id ? *id : std::string();
    }
    std::string writes(Kind kind, const std::string& text, const std::string& to = "", const std::string& author = "Ada Rossi")
    {
        simulator::NewItem item;
        item.kind = kind;
        item.text = text;
        item.in_reply_to = to;
        item.author = author;
        return writes(item);
    }
    int control(const std::string& path, const json& body)
    {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = "http://simulator.test/control/" + path;
        request.headers.set("Content-Type", "application/json");
        request.body = body.dump();
        return run(transport.send(std::move(request))).response.value().status;
    }
    const simulator::Item& truth(const std::string& id) { return *world.world().find(simulator::Platform::facebook, id); }
    PublishOutcome act(ActionKind kind, const std::string& target, const std::string& text = "")
    {
        Action action;
        action.kind = kind;
        action.target_id = target;
        action.text = text;
        return run(connector->act(action));
    }

    static constexpr const char* page = "104000000000002";
    ManualClock clock;
    SeededRandom random{11};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport transport{world.handler()};
    boost::asio::io_context io;
    std::unique_ptr<connectors::Connector> connector;
    std::string cursor;
    connectors::PollResult last;
    std::size_t rejected = 0;
};

TEST_F(OnTheGraph, ReadsPostsThatNameThePageAndTheirComments)
{
    simulator::NewItem post;
    post.kind = Kind::post;
    post.text = "@TIM niente linea da ieri";
    post.tagged = true;
    const auto tagged = writes(post);
    const auto below = writes(Kind::comment, "anche da me", tagged, "Ivo");
    clock.set(clock.now() + 6min);
    const auto seen = drain();
    ASSERT_EQ(seen.count(tagged), 1U);
    ASSERT_EQ(seen.count(below), 1U);
    EXPECT_EQ(seen.at(below).root_id, tagged);
    EXPECT_FALSE(tagged.starts_with(page));
    EXPECT_EQ(run(connector->recheck({tagged, below})).items.size(), 2U);
}

TEST_F(OnTheGraph, ReadsWhatHangsAtAnItem)
{
    simulator::NewItem album;
    album.kind = Kind::post;
    album.media = {{"image", "https://scontent.example/1.jpg", ""}, {"image", "https://scontent.example/2.jpg", ""}};
    const auto post = writes(album);
    simulator::NewItem film;
    film.kind = Kind::comment;
    film.in_reply_to = post;
    film.text = "guardate";
    film.media = {{"video", "https://video.example/1.mp4", ""}};
    const auto comment = writes(film);
    simulator::NewItem message;
    message.kind = Kind::direct_message;
    message.media = {{"image", "https://scontent.example/3.jpg", "modem.jpg"},
                     {"file", "https://scontent.example/4.pdf", "bolletta.pdf"},
                     {"audio", "https://scontent.example/5.mp3", "voce.mp3"},
                     {"link", "https://example.org/", "Un sito"}};
    const auto direct = writes(message);
    simulator::NewItem thumb;
    thumb.kind = Kind::direct_message;
    thumb.media = {{"sticker", "https://scontent.example/s.png", ""}};
    const auto sticker = writes(thumb);

    const auto seen = drain();
    EXPECT_EQ(rejected, 0U);
    const auto shown = [&](const std::string& id) {
        std::string all;
        for (const auto& one : seen.at(id).attachments) all += one.type + " " + one.url + " " + one.name + "\n";
        return all;
    };
    EXPECT_EQ(shown(post), "image https://scontent.example/1.jpg \nimage https://scontent.example/2.jpg \n");
    EXPECT_EQ(shown(comment), "video https://video.example/1.mp4 \n");
    EXPECT_EQ(shown(direct), "image https://scontent.example/3.jpg modem.jpg\nfile https://scontent.example/4.pdf bolletta.pdf\n"
                             "audio https://scontent.example/5.mp3 voce.mp3\nlink https://example.org/ Un sito\n");
    EXPECT_EQ(shown(sticker), "sticker https://scontent.example/s.png \n");
}

TEST_F(OnTheGraph, ActsOnCommentsAndPosts)
{
    const auto own = act(ActionKind::post, "", "Siamo aperti dalle 9");
    ASSERT_EQ(own.outcome, Class::published) << own.reason;
    const auto rude = writes(Kind::comment, "!#?", own.platform_id);
    drain();
    EXPECT_EQ(act(ActionKind::hide, rude).outcome, Class::published);
    EXPECT_TRUE(truth(rude).hidden);
    EXPECT_TRUE(drain().at(rude).hidden);
    EXPECT_EQ(act(ActionKind::unhide, rude).outcome, Class::published);
    EXPECT_FALSE(truth(rude).hidden);
    EXPECT_EQ(act(ActionKind::like, rude).outcome, Class::published);
    EXPECT_TRUE(truth(rude).liked);
    EXPECT_EQ(act(ActionKind::unlike, rude).outcome, Class::published);
    EXPECT_FALSE(truth(rude).liked);
    EXPECT_EQ(act(ActionKind::edit, own.platform_id, "Siamo aperti dalle 8").outcome, Class::published);
    EXPECT_EQ(truth(own.platform_id).now().text, "Siamo aperti dalle 8");
    EXPECT_EQ(act(ActionKind::edit, rude, "cortese").outcome, Class::failed) << "what others wrote stays as it is";
    EXPECT_EQ(act(ActionKind::remove, rude).outcome, Class::published);
    EXPECT_TRUE(truth(rude).deleted);
    EXPECT_EQ(act(ActionKind::remove, rude).outcome, Class::published) << "gone is gone";
    EXPECT_EQ(act(ActionKind::hide, rude).outcome, Class::failed);
    EXPECT_EQ(act(ActionKind::remove, own.platform_id).outcome, Class::published);
    const auto theirs = writes(Kind::post, "un post di un cliente");
    const auto under = writes(Kind::comment, "un commento", theirs);
    EXPECT_EQ(act(ActionKind::hide, under).outcome, Class::failed) << "not on a visitor's own post";
}

TEST_F(OnTheGraph, TheSamePostTwiceInARowIsUnknownAndIsFoundOnThePage)
{
    ASSERT_EQ(act(ActionKind::post, "", "Guasto risolto").outcome, Class::published);
    EXPECT_EQ(act(ActionKind::post, "", "Guasto risolto").outcome, Class::unknown);
    connectors::ReadBackRequest request;
    request.since = clock.now() - 2min;
    const auto back = run(connector->read_back(request));
    EXPECT_TRUE(back.complete);
    EXPECT_EQ(back.own.size(), 1U);
}

TEST_F(OnTheGraph, AnswersACommentInPrivateOnce)
{
    const auto post = writes(Kind::post, "Mi chiamate?");
    const auto asked = drain().at(post);
    connectors::PublishRequest request;
    request.visibility = Visibility::private_;
    request.private_reply_to = post;
    request.target_at = asked.at;
    request.text = "Le scriviamo qui";
    request.attempt_key = "attempt-9";
    connectors::ReadBackRequest back;
    back.visibility = Visibility::private_;
    back.private_reply_to = post;
    back.since = clock.now() - 2min;
    auto found = run(connector->read_back(back));
    EXPECT_TRUE(found.complete);
    EXPECT_TRUE(found.own.empty());

    const auto sent = run(connector->publish(request));
    ASSERT_EQ(sent.outcome, Class::published) << sent.reason;
    EXPECT_EQ(truth(sent.platform_id).metadata, "attempt-9");
    found = run(connector->read_back(back));
    ASSERT_EQ(found.own.size(), 1U);
    EXPECT_EQ(found.own[0].platform_id, sent.platform_id);
    EXPECT_EQ(found.own[0].recipient_id, asked.author_id);
    const auto again = run(connector->publish(request));
    EXPECT_EQ(again.outcome, Class::failed);
    EXPECT_NE(again.reason.find("in private already"), std::string::npos) << again.reason;
    // The person's comment opens no window; only an answer does.
    connectors::PublishRequest second = request;
    second.private_reply_to.clear();
    second.target_id = second.root_id = found.own[0].root_id;
    second.recipient_id = asked.author_id;
    second.last_inbound_at = asked.at;
    EXPECT_EQ(run(connector->publish(second)).outcome, Class::failed);
}

TEST_F(OnTheGraph, SendsFiles)
{
    const auto post = writes(Kind::post, "Dove trovo il modulo?");
    const auto direct = writes(Kind::direct_message, "ciao");
    const auto seen = drain();
    connectors::PublishRequest comment;
    comment.target_id = comment.root_id = post;
    comment.text = "Eccolo";
    comment.file = connectors::OutgoingFile{"modulo.png", "image/png", "\x89PNG", {}};
    const auto commented = run(connector->publish(comment));
    ASSERT_EQ(commented.outcome, Class::published) << commented.reason;
    ASSERT_EQ(truth(commented.platform_id).media.size(), 1U);
    EXPECT_EQ(truth(commented.platform_id).media[0].name, "modulo.png");

    connectors::PublishRequest message;
    message.visibility = Visibility::private_;
    message.target_id = message.root_id = seen.at(direct).root_id;
    message.recipient_id = seen.at(direct).author_id;
    message.last_inbound_at = seen.at(direct).at;
    message.attempt_key = "attempt-3";
    message.file = connectors::OutgoingFile{"modulo.pdf", "application/pdf", "%PDF", {}};
    const auto sent = run(connector->publish(message));
    ASSERT_EQ(sent.outcome, Class::published) << sent.reason;
    EXPECT_EQ(truth(sent.platform_id).media.at(0).type, "file");
    EXPECT_EQ(truth(sent.platform_id).metadata, "attempt-3");
    message.file = connectors::OutgoingFile{"x.png", "image/png", {}, "https://cdn.unreachable.invalid/x.png"};
    EXPECT_EQ(run(connector->publish(message)).outcome, Class::failed);
    const auto read = drain();
    EXPECT_EQ(read.at(commented.platform_id).attachments.at(0).type, "image");
    EXPECT_EQ(read.at(sent.platform_id).attachments.at(0).name, "modulo.pdf");
}

TEST_F(OnTheGraph, TheHumanAgentsWindowIsSevenDays)
{
    const auto direct = writes(Kind::direct_message, "ciao");
    const auto item = drain().at(direct);
    connectors::PublishRequest message;
    message.visibility = Visibility::private_;
    message.target_id = message.root_id = item.root_id;
    message.recipient_id = item.author_id;
    message.last_inbound_at = item.at;
    message.text = "Buongiorno";
    for (const auto& [after, outcome] : {std::pair<base::Duration, Class>(23h, Class::published),
                                         {25h, Class::published},
                                         {167h, Class::published},
                                         {169h, Class::failed}}) {
        clock.set(item.at + after);
        EXPECT_EQ(run(connector->publish(message)).outcome, outcome) << after.count();
    }
}

TEST_F(OnTheGraph, TellsWhichPermissionIsMissing)
{
    const auto post = writes(Kind::post, "aiuto");
    ASSERT_EQ(drain().count(post), 1U);
    connectors::PublishRequest reply;
    reply.target_id = reply.root_id = post;
    reply.text = "subito";
    ASSERT_EQ(control("permissions", {{"account", page}, {"withheld", {"pages_manage_engagement"}}}), 204);
    auto sent = run(connector->publish(reply));
    EXPECT_EQ(sent.outcome, Class::failed);
    EXPECT_EQ(sent.trouble.state, State::misconfigured);
    ASSERT_EQ(control("permissions", {{"account", page}, {"withheld", {"pages_messaging"}}}), 204);
    drain();
    EXPECT_EQ(last.trouble.state, State::needs_authorisation) << last.trouble.reason;
    ASSERT_EQ(control("permissions", {{"account", page}, {"withheld", {"pages_read_user_content"}}}), 204);
    connector = connect("v25.0");
    cursor.clear();
    EXPECT_EQ(drain().count(post), 0U) << "no error tells it: what others wrote is simply not there";
    ASSERT_EQ(control("permissions", {{"account", page}, {"withheld", json::array()}}), 204);
    EXPECT_EQ(run(connector->publish(reply)).outcome, Class::published);
}

TEST_F(OnTheGraph, NoticesThatItsVersionHasCometoItsEnd)
{
    drain();
    EXPECT_EQ(last.trouble.reason, "");
    clock.set(base::parse_rfc3339("2026-11-27T00:00:00Z").value());
    connector = connect("v20.0");
    cursor.clear();
    drain();
    EXPECT_EQ(last.trouble.state, State::ok);
    EXPECT_NE(last.trouble.reason.find("answers as v21.0, although v20.0"), std::string::npos) << last.trouble.reason;
}

TEST_F(OnTheGraph, SlowsDownWhenTheHeadersSaySo)
{
    ASSERT_EQ(control("quirks", {{"account", page}, {"usage_percent", 90}}), 204);
    drain();
    const auto before = writes(Kind::post, "ancora nulla");
    EXPECT_TRUE(run(connector->poll(cursor)).items.empty());
    clock.set(clock.now() + 2min);
    EXPECT_EQ(drain().count(before), 1U);
}

struct Habits {
    const char* name;
    json quirks;
    friend void PrintTo(const Habits& habits, std::ostream* out) { *out << habits.name; }
};
class GraphHabits : public OnTheGraph, public testing::WithParamInterface<Habits> {};

/// Random days of posts, comments at all levels and messages: each comes once, however the lists behave.
TEST_P(GraphHabits, NothingIsLostAndNothingComesTwice)
{
    auto quirks = GetParam().quirks;
    quirks["account"] = page;
    ASSERT_EQ(control("quirks", quirks), 204);
    const auto seed = test_seed(20261127);
    SeededRandom chance(seed);
    std::vector<std::string> posts, comments, written;
    std::map<std::string, int> seen;
    const auto look = [&] {
        for (int polls = 0; polls < 300; ++polls) {
            last = run(connector->poll(cursor));
            cursor = last.cursor;
            for (const auto& item : last.items) ++seen[item.platform_id];
            ASSERT_EQ(last.trouble.state, State::ok) << last.trouble.reason;
            if (!last.more) return;
        }
        ADD_FAILURE() << "a poll that never ends";
    };
    for (int step = 0; step < 400; ++step) {
        const auto text = "n" + std::to_string(step);
        const auto author = "person " + std::to_string(chance.below(5));
        const auto pick = [&](const std::vector<std::string>& from) { return from[chance.below(from.size())]; };
        switch (chance.below(5)) {
        case 0:
            posts.push_back(writes(Kind::post, text, "", chance.below(3) == 0 ? page : author));
            written.push_back(posts.back());
            break;
        case 1:
        case 2:
            if (posts.empty()) continue;
            comments.push_back(writes(Kind::comment, text, pick(posts), author));
            written.push_back(comments.back());
            break;
        case 3:
            if (comments.empty()) continue;
            comments.push_back(writes(Kind::comment, text, pick(comments), author));
            written.push_back(comments.back());
            break;
        default:
            written.push_back(writes(Kind::direct_message, text, "", author));
        }
        if (chance.below(8) == 0) look();
        clock.set(clock.now() + std::chrono::seconds(chance.below(200)));
    }
    for (int rounds = 0; rounds < 4; ++rounds) {
        clock.set(clock.now() + 6min);
        look();
    }
    for (const auto& id : written) EXPECT_EQ(seen[id], 1) << "seed " << seed << ", " << id;
    EXPECT_EQ(seen.size(), written.size());
}
INSTANTIATE_TEST_SUITE_P(
    Table, GraphHabits,
    testing::Values(Habits{"Plain", json::object()}, Habits{"LateVisible", {{"late_visible_s", 120}}},
                    Habits{"RepeatedPages", {{"repeated_pages", true}}}, Habits{"EmptyPages", {{"empty_pages", true}}},
                    Habits{"TimePaging", {{"time_paging", true}}}, Habits{"Heavy", {{"heavy_above", 13}}},
                    Habits{"RankedComments", {{"ranked_comments", true}}},
                    Habits{"All", {{"late_visible_s", 60}, {"repeated_pages", true}, {"empty_pages", true}, {"ranked_comments", true}}}),
    [](const auto& test) { return std::string(test.param.name); });

struct Broken {
    const char* name;
    json fault;
    friend void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }
};
class GraphFaults : public OnTheGraph, public testing::WithParamInterface<Broken> {};

TEST_P(GraphFaults, ReadingGoesOn)
{
    std::map<std::string, int> seen;
    std::vector<std::string> written;
    for (int day = 0; day < 5; ++day) {
        for (int i = 0; i < 5; ++i) written.push_back(writes(Kind::post, "n" + std::to_string(written.size())));
        written.push_back(writes(Kind::direct_message, "m" + std::to_string(day)));
        auto fault = GetParam().fault;
        fault["platform"] = "facebook";
        fault["endpoint"] = "read";
        fault["count"] = 3;
        ASSERT_EQ(control("faults", fault), 201);
        for (int tries = 0; tries < 8; ++tries) {
            for (const auto& [id, item] : drain()) ++seen[id];
            clock.set(clock.now() + 61min);
        }
        EXPECT_EQ(last.trouble.state, State::ok) << last.trouble.reason;
    }
    for (const auto& id : written) EXPECT_EQ(seen[id], 1) << id;
}
INSTANTIATE_TEST_SUITE_P(
    Table, GraphFaults,
    testing::Values(Broken{"Garbled", {{"kind", "garbled"}}}, Broken{"Html", {{"kind", "html"}}},
                    Broken{"Unknown", {{"kind", "error"}, {"code", 1}}}, Broken{"Permission", {{"kind", "error"}, {"code", 10}}},
                    Broken{"Session", {{"kind", "error"}, {"code", 102}}}, Broken{"PageLimit", {{"kind", "error"}, {"code", 80001}}},
                    Broken{"AppLimit", {{"kind", "error"}, {"code", 4}}}, Broken{"Blocked", {{"kind", "error"}, {"code", 368}}},
                    Broken{"Strange", {{"kind", "error"}, {"code", 987654}}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(OnTheGraph, AnEffectBehindAnErrorIsFound)
{
    const auto post = writes(Kind::post, "aiuto");
    drain();
    connectors::PublishRequest reply;
    reply.target_id = reply.root_id = post;
    for (const auto& fault : {json{{"kind", "html"}, {"effect", true}}, json{{"kind", "5xx"}, {"effect", true}},
                              json{{"kind", "error"}, {"code", 1}, {"subcode", 1357046}, {"effect", true}}, json{{"kind", "garbled"}}}) {
        auto one = fault;
        one["platform"] = "facebook";
        one["endpoint"] = "comment";
        one["count"] = 1;
        ASSERT_EQ(control("faults", one), 201);
        clock.set(clock.now() + 10min);
        reply.text = "risposta " + fault.dump();
        const auto start = clock.now();
        EXPECT_EQ(run(connector->publish(reply)).outcome, Class::unknown) << fault;
        connectors::ReadBackRequest back;
        back.target_id = back.root_id = post;
        back.since = start - 2min;
        const auto found = run(connector->read_back(back));
        EXPECT_TRUE(found.complete);
        ASSERT_EQ(found.own.size(), 1U) << fault;
        EXPECT_EQ(found.own[0].text, reply.text);
    }
}

TEST_F(OnTheGraph, OldMessagesWithoutDetailsAreNotTakenForEmptyOnes)
{
    for (int i = 0; i < 45; ++i) writes(Kind::direct_message, "n" + std::to_string(i));
    const auto seen = drain();
    EXPECT_EQ(seen.size(), 20U);
    for (const auto& [id, item] : seen) EXPECT_FALSE(item.text.empty());
    EXPECT_EQ(rejected, 0U);
}

TEST_F(OnTheGraph, ATokenThatEndsIsToldAndAnotherOneGoesOn)
{
    ASSERT_EQ(control("tokens", {{"platform", "facebook"}, {"account", page}, {"expires_in_s", 3600}}), 204);
    drain();
    EXPECT_EQ(last.trouble.state, State::ok) << last.trouble.reason;
    clock.set(clock.now() + 61min);
    const auto missed = writes(Kind::post, "nel frattempo");
    EXPECT_EQ(drain().size(), 0U);
    EXPECT_EQ(last.trouble.state, State::needs_authorisation);
    for (const int why : {458, 459, 460, 464, 467, 492}) {
        ASSERT_EQ(control("tokens", {{"platform", "facebook"}, {"account", page}, {"subcode", why}}), 204);
        connector = connect("v25.0");
        drain();
        EXPECT_EQ(last.trouble.state, State::needs_authorisation) << why;
    }
    ASSERT_EQ(control("tokens", {{"platform", "facebook"}, {"account", page}, {"valid", true}}), 204);
    connector = connect("v25.0");
    EXPECT_EQ(drain().count(missed), 1U);
}

/// Keeps what the simulated Facebook delivers.
class Deliveries final : public http::Transport {
public:
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        http::Exchange exchange;
        const auto query = http::Parameters::parse(request.url.substr(request.url.find('?') + 1));
        exchange.response = http::Response::text(200, std::string(query.find("hub.challenge").value_or("")));
        if (request.method == http::Method::post) bodies.push_back(request.body);
        co_return exchange;
    }
    std::vector<std::string> bodies;
};

TEST_F(OnTheGraph, AnEchoConfirmsAMessageWhoseAnswerWasLost)
{
    Deliveries deliveries;
    world.reach_listeners_through(deliveries);
    const auto graph_post = [&](const std::string& path, const json& body) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = "http://simulator.test/graph/v25.0/" + path;
        request.headers.set("Content-Type", "application/json");
        request.body = body.dump();
        return run(transport.send(std::move(request))).response.value().status;
    };
    ASSERT_EQ(graph_post("100000000000001/subscriptions", {{"access_token", "100000000000001|sim-app-secret"},
                                                           {"object", "page"},
                                                           {"callback_url", "http://office.test/hooks/facebook/tim"},
                                                           {"verify_token", "v"},
                                                           {"fields", "messages,message_echoes"}}),
              200);
    ASSERT_EQ(graph_post("me/subscribed_apps",
                         {{"access_token", "sim-facebook-" + std::string(page)}, {"subscribed_fields", "messages,message_echoes"}}),
              200);
    const auto direct = writes(Kind::direct_message, "ciao");
    const auto item = drain().at(direct);
    connectors::PublishRequest message;
    message.visibility = Visibility::private_;
    message.target_id = message.root_id = item.root_id;
    message.recipient_id = item.author_id;
    message.last_inbound_at = item.at;
    message.text = "Buongiorno è tutto a posto";
    message.attempt_key = "attempt-77";
    ASSERT_EQ(control("faults", {{"platform", "facebook"}, {"endpoint", "direct_message"}, {"kind", "cut_after"}, {"count", 1}}), 201);
    EXPECT_EQ(run(connector->publish(message)).outcome, Class::unknown);
    run(world.send_webhooks());
    std::vector<connectors::Confirmation> confirmed;
    for (const auto& body : deliveries.bodies) {
        for (auto& one : connector->confirmations(body)) confirmed.push_back(std::move(one));
    }
    ASSERT_EQ(confirmed.size(), 1U);
    EXPECT_EQ(confirmed[0].attempt_key, "attempt-77");
    EXPECT_EQ(truth(confirmed[0].platform_id).now().text, message.text);
}

} // namespace
} // namespace sportello::test
