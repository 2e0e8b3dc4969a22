#include "platforms.hpp"
#include <sportello/base/digest.hpp>

#include <filesystem>
#include <fstream>
#include <set>

namespace sportello::test {
namespace {

const std::string secret{simulator::app_secret};

/// The app's side: answers the handshake and keeps what comes.
class Hooks final : public http::Transport {
public:
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        http::Exchange exchange;
        if (request.method == http::Method::get) {
            asked = request.url;
            const auto query = http::Parameters::parse(request.url.substr(request.url.find('?') + 1));
            const bool mine = query.find("hub.verify_token") == "pssst" && query.find("hub.mode") == "subscribe";
            exchange.response =
                mine ? http::Response::text(200, std::string(query.find("hub.challenge").value_or(""))) : http::Response::text(403, "no");
        } else {
            came.push_back(request);
            exchange.response = http::Response::empty(status);
        }
        co_return exchange;
    }
    std::string asked;
    int status = 200;
    std::vector<http::ClientRequest> came;
};

class GraphHooks : public Platforms {
protected:
    GraphHooks() { simulator.reach_listeners_through(hooks); }
    json subscribes(const std::string& verify_token = "pssst", const std::string& token = "100000000000001|sim-app-secret")
    {
        return json::parse(post("/v25.0/100000000000001/subscriptions",
                                {{"object", "page"},
                                 {"callback_url", "http://app.test/hooks/facebook?x=1"},
                                 {"verify_token", verify_token},
                                 {"fields", "feed,mention,messages,message_echoes,message_edits,message_deliveries,message_reads"},
                                 {"include_values", true}},
                                token)
                               .body);
    }
    json lets_be_told(const std::string& fields = "feed,mention,messages,message_echoes,message_edits")
    {
        return json::parse(post("/v25.0/me/subscribed_apps", {{"subscribed_fields", fields}}, page_token).body);
    }
    void deliver()
    {
        bool done = false;
        boost::asio::co_spawn(io, simulator.send_webhooks(), [&](const std::exception_ptr& error, int) {
            if (error) std::rethrow_exception(error);
            done = true;
        });
        clock.run_for(io, 0s);
        ASSERT_TRUE(done);
    }
    /// What came since the last look; each was signed over its bytes.
    std::vector<json> told()
    {
        deliver();
        std::vector<json> bodies;
        for (const auto& request : hooks.came) {
            EXPECT_EQ(request.headers.find("X-Hub-Signature-256"), "sha256=" + base::hmac_sha256_hex(secret, request.body));
            EXPECT_EQ(request.headers.find("X-Hub-Signature"), "sha1=" + base::hmac_sha1_hex(secret, request.body));
            EXPECT_EQ(request.headers.find("Content-Type"), "application/json");
            bodies.push_back(json::parse(request.body));
            EXPECT_EQ(bodies.back()["entry"][0]["id"], page);
        }
        hooks.came.clear();
        return bodies;
    }
    json change()
    {
        const auto all = told();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? json() : all[0]["entry"][0]["changes"][0];
    }
    json event()
    {
        const auto all = told();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? json() : all[0]["entry"][0]["messaging"][0];
    }
    Hooks hooks;
};

TEST_F(GraphHooks, SubscribingAsksTheCallbackFirst)
{
    EXPECT_EQ(subscribes(), json({{"success", true}}));
    EXPECT_TRUE(hooks.asked.starts_with("http://app.test/hooks/facebook?x=1&hub.mode=subscribe&hub.challenge=")) << hooks.asked;
    const auto listed = json::parse(get("/v25.0/100000000000001/subscriptions", "100000000000001|sim-app-secret").body)["data"][0];
    EXPECT_EQ(listed["object"], "page");
    EXPECT_EQ(listed["active"], true);
    EXPECT_EQ(listed["fields"][0], json({{"name", "feed"}, {"version", "v25.0"}}));
    EXPECT_EQ(subscribes("wrong")["error"]["code"], 2200);
    EXPECT_EQ(subscribes("pssst", page_token)["error"]["code"], 15);
    EXPECT_EQ(lets_be_told("feed,coffee")["error"]["code"], 100);
}

TEST_F(GraphHooks, BothLevelsAreNeeded)
{
    EXPECT_EQ(lets_be_told(), json({{"success", true}}));
    visitor_posts("nessuno lo sa");
    subscribes();
    post("/v25.0/me/subscribed_apps", {{"subscribed_fields", "messages"}}, page_token);
    visitor_posts("neppure questo");
    EXPECT_TRUE(told().empty());
    lets_be_told();
    visitor_posts("questo sì");
    EXPECT_EQ(change()["value"]["message"], "questo sì");
    const auto apps = json::parse(get("/v25.0/me/subscribed_apps", page_token).body)["data"][0];
    EXPECT_EQ(apps["id"], "100000000000001");
    http::ClientRequest leave;
    leave.method = http::Method::del;
    leave.url = "http://simulator.test/v25.0/me/subscribed_apps?access_token=" + std::string(page_token);
    call(leave);
    visitor_posts("questo no");
    EXPECT_TRUE(told().empty());
}

TEST_F(GraphHooks, TheLifeOfAComment)
{
    subscribes();
    lets_be_told();
    const auto post = writes(Platform::facebook, Kind::post, page, "Siamo aperti");
    EXPECT_EQ(change()["value"]["item"], "status");
    const auto top = writes(Platform::facebook, Kind::comment, "Anna", "è aperto?", post);
    auto value = change()["value"];
    EXPECT_EQ(value["item"], "comment");
    EXPECT_EQ(value["verb"], "add");
    EXPECT_EQ(value["comment_id"], top);
    EXPECT_EQ(value["parent_id"], post);
    EXPECT_EQ(value["post_id"], post);
    EXPECT_EQ(value["from"]["name"], "Anna");
    EXPECT_EQ(value["post"]["id"], post);
    EXPECT_EQ(value["created_time"], base::to_micros(clock.now()) / 1'000'000);
    const auto answer = writes(Platform::facebook, Kind::comment, "Ivo", "sì", top);
    EXPECT_EQ(change()["value"]["parent_id"], top);
    ASSERT_TRUE(simulator.world().edit(top, "è aperto oggi?", clock.now()));
    value = change()["value"];
    EXPECT_EQ(value["verb"], "edited");
    EXPECT_EQ(value["message"], "è aperto oggi?");
    this->post("/v25.0/" + answer, {{"is_hidden", true}}, page_token);
    EXPECT_EQ(change()["value"]["verb"], "hide");
    this->post("/v25.0/" + answer, {{"is_hidden", false}}, page_token);
    EXPECT_EQ(change()["value"]["verb"], "unhide");
    this->post("/v25.0/" + answer + "/likes", json::object(), page_token);
    value = change()["value"];
    EXPECT_EQ(value["item"], "reaction");
    EXPECT_EQ(value["from"]["id"], page);
    ASSERT_TRUE(simulator.world().erase(top, clock.now()));
    value = change()["value"];
    EXPECT_EQ(value["verb"], "remove");
    EXPECT_FALSE(value.contains("message"));
    EXPECT_FALSE(value.contains("created_time"));
    ASSERT_TRUE(simulator.world().erase(post, clock.now()));
    value = change()["value"];
    EXPECT_EQ(value["item"], "post");
    EXPECT_EQ(value["recipient_id"], page);
}

TEST_F(GraphHooks, MessagesAndEchoesCarryWhatTheSenderAttached)
{
    subscribes();
    lets_be_told();
    const auto id = writes(Platform::facebook, Kind::direct_message, "Anna", "ciao");
    auto told_event = event();
    const auto person = told_event["sender"]["id"].get<std::string>();
    EXPECT_EQ(told_event["recipient"]["id"], page);
    EXPECT_EQ(told_event["message"], json({{"mid", id}, {"text", "ciao"}}));
    EXPECT_EQ(told_event["timestamp"], base::to_micros(clock.now()) / 1000);

    const auto sent =
        json::parse(post("/v25.0/me/messages",
                         {{"recipient", {{"id", person}}}, {"message", {{"text", "Buongiorno"}, {"metadata", "outbox-1"}}}}, page_token)
                        .body);
    told_event = event();
    EXPECT_EQ(told_event["sender"]["id"], page);
    EXPECT_EQ(told_event["message"]["is_echo"], true);
    EXPECT_EQ(told_event["message"]["metadata"], "outbox-1");
    EXPECT_EQ(told_event["message"]["mid"], sent["message_id"]);
    EXPECT_EQ(told_event["message"]["app_id"], 100000000000001) << "a number";
    writes(Platform::facebook, Kind::direct_message, page, "dalla posta in arrivo", id);
    EXPECT_EQ(event()["message"]["app_id"], 263902037430900);

    ASSERT_TRUE(simulator.world().edit(id, "ciao!", clock.now()));
    EXPECT_EQ(event()["message_edit"], json({{"mid", id}, {"text", "ciao!"}, {"num_edit", "1"}}));
    ASSERT_TRUE(simulator.world().erase(id, clock.now()));
    EXPECT_EQ(event()["message"], json({{"mid", id}, {"is_deleted", true}}));
    lets_be_told("message_deliveries,message_reads");
    writes(Platform::facebook, Kind::direct_message, "Anna", "grazie");
    EXPECT_TRUE(event().contains("read"));
}

TEST_F(GraphHooks, StandsAsOnTheWire)
{
    subscribes();
    lets_be_told();
    visitor_posts("äöå 😢 1/2 100%");
    deliver();
    ASSERT_EQ(hooks.came.size(), 1U);
    EXPECT_NE(hooks.came[0].body.find(R"(\u00e4\u00f6\u00e5 \ud83d\ude22 1\/2 100\u0025)"), std::string::npos) << hooks.came[0].body;
    EXPECT_NE(json::parse(hooks.came[0].body).dump(), hooks.came[0].body) << "written again it would not fit the signature";
}

TEST_F(GraphHooks, HasTheKeysOfTheRecordedDeliveries)
{
    const auto file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/reference/facebook/webhook_feed_events.json";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "the recorded deliveries are not here: " << file;
    const auto recorded = json::parse(std::ifstream(file));
    const auto keys = [](const json& value) {
        std::set<std::string> names;
        for (const auto& [name, below] : value.items()) names.insert(name);
        return names;
    };
    const auto of_case = [&](std::size_t at) { return keys(recorded[at]["body"]["entry"][0]["changes"][0]["value"]); };
    subscribes();
    lets_be_told();
    const auto post = writes(Platform::facebook, Kind::post, page, "Siamo aperti");
    EXPECT_EQ(keys(change()["value"]), of_case(4));
    const auto comment = writes(Platform::facebook, Kind::comment, "Anna", "ok?", post);
    EXPECT_EQ(keys(change()["value"]), of_case(0));
    simulator::NewItem photo;
    photo.account = page;
    photo.kind = Kind::comment;
    photo.author = "Anna";
    photo.in_reply_to = post;
    photo.media = {{"image", "https://scontent.example/1.jpg", ""}};
    ASSERT_TRUE(simulator.write(photo));
    EXPECT_EQ(keys(change()["value"]), of_case(1));
    ASSERT_TRUE(simulator.world().mark(comment, simulator::World::Mark::hidden, true));
    EXPECT_EQ(keys(change()["value"]), of_case(2));
    ASSERT_TRUE(simulator.world().erase(comment, clock.now()));
    EXPECT_EQ(keys(change()["value"]), of_case(3));
    photo.kind = Kind::post;
    photo.author = page;
    photo.in_reply_to.clear();
    photo.text = "Nuovi scaffali";
    ASSERT_TRUE(simulator.write(photo));
    EXPECT_EQ(keys(change()["value"]), of_case(5));
    ASSERT_TRUE(simulator.world().erase(post, clock.now()));
    EXPECT_EQ(keys(change()["value"]), of_case(6));
}

TEST_F(GraphHooks, FailuresAreTriedAgainForADayAndAHalfAndSwitchMessagesOff)
{
    subscribes();
    lets_be_told();
    hooks.status = 500;
    writes(Platform::facebook, Kind::direct_message, "Anna", "ciao");
    const auto start = clock.now();
    std::vector<base::Instant> at;
    while (clock.now() < start + 48h) {
        deliver();
        for (std::size_t i = at.size(); i < hooks.came.size(); ++i) at.push_back(clock.now());
        clock.set(clock.now() + 5s);
    }
    ASSERT_EQ(at.size(), 13U);
    EXPECT_EQ(at[0], at[1]) << "at once";
    for (std::size_t i = 3; i < at.size(); ++i) EXPECT_GE(at[i] - at[i - 1], at[i - 1] - at[i - 2]) << i;
    EXPECT_GE(at.back() - start, 35h);
    EXPECT_LE(at.back() - start, 37h);
    hooks.status = 200;
    hooks.came.clear();
    writes(Platform::facebook, Kind::direct_message, "Anna", "c'è qualcuno?");
    EXPECT_TRUE(told().empty()) << "switched off after an hour";
    lets_be_told();
    writes(Platform::facebook, Kind::direct_message, "Anna", "e ora?");
    EXPECT_EQ(event()["message"]["text"], "e ora?");
}

TEST_F(GraphHooks, AForgedDeliveryDoesNotFitItsSignature)
{
    subscribes();
    lets_be_told();
    post("/control/webhooks", {{"platform", "facebook"}, {"forge", true}, {"duplicates", 1}});
    visitor_posts("vero");
    deliver();
    ASSERT_EQ(hooks.came.size(), 3U);
    const auto fits = [](const http::ClientRequest& one) {
        return one.headers.find("X-Hub-Signature-256") == "sha256=" + base::hmac_sha256_hex(secret, one.body);
    };
    EXPECT_FALSE(fits(hooks.came[0]));
    EXPECT_TRUE(json::parse(hooks.came[0].body).is_object()) << "nothing but the signature gives it away";
    EXPECT_TRUE(fits(hooks.came[1]));
    EXPECT_TRUE(fits(hooks.came[2]));
    const auto seen = json::parse(get("/control/webhooks", "").body);
    EXPECT_EQ(seen["waiting"], 0);
    EXPECT_EQ(seen["items"][0]["forged"], true);
}

TEST_F(GraphHooks, OneDeliveryMayTellSeveralThings)
{
    subscribes();
    lets_be_told();
    post("/control/webhooks", {{"platform", "facebook"}, {"together", true}});
    const auto first = visitor_posts("uno");
    const auto second = visitor_posts("due");
    const auto bodies = told();
    ASSERT_EQ(bodies.size(), 2U);
    ASSERT_EQ(bodies[1]["entry"].size(), 2U);
    EXPECT_EQ(bodies[1]["entry"][0]["changes"][0]["value"]["post_id"], first);
    EXPECT_EQ(bodies[1]["entry"][1]["changes"][0]["value"]["post_id"], second);
}

TEST_F(GraphHooks, TheClockCanBePutForwardOverTheControlApi)
{
    const auto before = json::parse(get("/control/clock", "").body)["now"];
    EXPECT_EQ(before, "2026-03-02T09:00:00Z");
    EXPECT_EQ(json::parse(post("/control/clock", {{"advance_s", 3600}}).body)["now"], "2026-03-02T10:00:00Z");
    EXPECT_EQ(post("/control/clock", {{"advance_s", -1}}).status, 422);
    const auto id = visitor_posts("dopo");
    EXPECT_EQ(graph("/" + id)["created_time"], "2026-03-02T10:00:01+0000");
}

} // namespace
} // namespace sportello::test
