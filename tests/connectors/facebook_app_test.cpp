#include "facebook_page.hpp"

namespace sportello::test {
namespace {

using namespace std::chrono_literals;

/// Two Pages of one app, "104" and "105", and one of another.
class FacebookApp : public testing::Test {
protected:
    FacebookApp()
    {
        std::vector<connectors::ChannelSettings> channels;
        for (const char* page : {"104", "105", "106"}) {
            connectors::ChannelSettings channel;
            channel.id = channel.account = page;
            channel.platform = domain::Platform::facebook;
            channel.api_base = "https://graph.facebook.com/v25.0";
            channel.credentials.access_token = std::string("page-token-of-") + page;
            channel.credentials.app_secret = channel.id == "106" ? "secret-of-the-other" : "secret-of-the-one";
            channels.push_back(channel);
        }
        pages = connectors::make_connectors(channels, transport, clock, random);
        transport.script = [this](const Asked& asked) {
            const std::string page(asked.request.headers.find("Authorization")->substr(21));
            ++calls[page];
            if (asked.path == "/me") return answer(Json{{"id", page}});
            if (refusing == page) return refusal;
            return answer(Json{{"data", Json::array()}}, usage[page]);
        };
    }

    connectors::PollResult poll(const std::string& page)
    {
        auto result = run(pages.at(page)->poll(cursors[page]));
        cursors[page] = result.cursor;
        return result;
    }
    bool reads(const std::string& page)
    {
        const int before = calls[page];
        poll(page);
        return calls[page] > before;
    }
    void app_is_used(const std::string& page, int percent)
    {
        http::Headers headers;
        headers.add("X-App-Usage", Json{{"call_count", percent}, {"total_time", 1}, {"total_cputime", 1}}.dump());
        usage[page] = headers;
    }

    ManualClock clock;
    SeededRandom random{7};
    ScriptedTransport transport{"https://graph.facebook.com/v25.0"};
    std::map<std::string, std::unique_ptr<connectors::Connector>, std::less<>> pages;
    std::map<std::string, std::string> cursors;
    std::map<std::string, http::Headers> usage;
    std::map<std::string, int> calls;
    std::string refusing;
    http::Exchange refusal;
};

TEST_F(FacebookApp, APageInAFloodWaitsBeforeItsQuietNeighbours)
{
    for (int i = 0; i < 20; ++i) poll("104");
    poll("105");
    app_is_used("104", 80);
    app_is_used("105", 80);
    clock.set(clock.now() + 1s);
    EXPECT_TRUE(reads("104"));
    EXPECT_FALSE(reads("104")) << "it has used more than its share";
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(reads("105")) << i;
    clock.set(clock.now() + 10min);
    EXPECT_TRUE(reads("104")) << "and is not forgotten";
}

TEST_F(FacebookApp, NearTheEndOfTheQuotaAllWait)
{
    app_is_used("105", 96);
    EXPECT_TRUE(reads("105"));
    EXPECT_FALSE(reads("105"));
}

TEST_F(FacebookApp, ARefusalOfTheAppStopsItsPagesAndNoOthers)
{
    refusing = "104";
    refusal = answer(403, R"({"error":{"message":"(#4) Application request limit reached","type":"OAuthException","code":4}})");
    EXPECT_EQ(poll("104").trouble.state, State::rate_limited);
    const auto neighbour = poll("105");
    EXPECT_EQ(neighbour.trouble.state, State::rate_limited);
    EXPECT_EQ(calls["105"], 0) << "calling on would only prolong it";
    EXPECT_TRUE(reads("106"));
    connectors::PublishRequest reply;
    reply.target_id = reply.root_id = "105_1";
    reply.text = "t";
    const auto sent = run(pages.at("105")->publish(reply));
    EXPECT_EQ(sent.outcome, PublishOutcome::Class::not_sent);
    EXPECT_EQ(sent.not_before, neighbour.trouble.not_before);
    clock.set(clock.now() + 6min);
    EXPECT_TRUE(reads("105"));
}

TEST_F(FacebookApp, ARefusalOfOnePageStopsOnlyThatPage)
{
    refusing = "104";
    refusal = answer(400, R"({"error":{"message":"(#80001) too many calls","type":"OAuthException","code":80001}})");
    EXPECT_EQ(poll("104").trouble.state, State::rate_limited);
    EXPECT_FALSE(reads("104"));
    EXPECT_TRUE(reads("105"));
}

TEST_F(FacebookApp, TheUsageOfAnotherPageSlowsNobody)
{
    http::Headers headers;
    headers.add("X-Business-Use-Case-Usage",
                R"({"105":[{"type":"pages","call_count":99,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":9}],)"
                R"("104":[{"type":"pages","call_count":3,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":0}]})");
    usage["104"] = usage["105"] = headers;
    EXPECT_TRUE(reads("104"));
    EXPECT_TRUE(reads("104"));
    EXPECT_TRUE(reads("105"));
    EXPECT_FALSE(reads("105"));
}

} // namespace
} // namespace sportello::test
