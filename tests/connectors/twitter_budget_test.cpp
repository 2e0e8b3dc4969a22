// The budget of an account on X: what calls cost, which are kept back, and what the headers teach.
#include "twitter/prices.hpp"
#include "twitter_account.hpp"

namespace sportello::test {
namespace {

using connectors::twitter::endpoint_of;
using connectors::twitter::Prices;
using namespace std::chrono_literals;

TEST(TwitterEndpoint, IsThePathWithoutItsIds)
{
    EXPECT_EQ(endpoint_of(http::Method::get, "/users/42/mentions"), "GET /2/users/:id/mentions");
    EXPECT_EQ(endpoint_of(http::Method::get, "/users/me"), "GET /2/users/me");
    EXPECT_EQ(endpoint_of(http::Method::get, "/users/by/username/4711"), "GET /2/users/by/username/:name");
    EXPECT_EQ(endpoint_of(http::Method::post, "/dm_conversations/12-34/messages"), "POST /2/dm_conversations/:id/messages");
    EXPECT_EQ(endpoint_of(http::Method::post, "/dm_conversations/with/12/messages"), "POST /2/dm_conversations/with/:id/messages");
    EXPECT_EQ(endpoint_of(http::Method::post, "/tweets"), "POST /2/tweets");
}

TEST(TwitterPrices, AnObjectIsPaidForOnceAUtcDay)
{
    Prices prices(false);
    const base::Instant noon = base::parse_rfc3339("2026-03-02T12:00:00Z").value();
    const Json body = Json::parse(R"({"data": [{"id": "1"}, {"id": "2"}],
        "includes": {"users": [{"id": "7"}], "tweets": [{"id": "1"}, {"id": "3"}]}})");
    EXPECT_EQ(prices.of_an_answer("GET /2/users/:id/mentions", body, noon), 3 * 5'000 + 10'000);
    EXPECT_EQ(prices.of_an_answer("GET /2/users/:id/mentions", body, noon + 11h), 0);
    EXPECT_EQ(prices.of_an_answer("GET /2/users/:id/mentions", body, noon + 12h), 3 * 5'000 + 10'000);
    EXPECT_EQ(prices.of_an_answer("GET /2/users/me", Json::parse(R"({"data": {"id": "8"}})"), noon + 12h), 10'000);
    EXPECT_EQ(prices.of_an_answer("GET /2/dm_events", Json::parse(R"({"data": [{"id": "1"}]})"), noon + 12h), 10'000);
    EXPECT_EQ(prices.of_an_answer("GET /2/dm_events", Json::parse(R"([17, null])"), noon + 12h), 0);
    Prices owned(true);
    EXPECT_EQ(owned.of_an_answer("GET /2/users/:id/mentions", body, noon), 2 * 1'000 + 5'000 + 10'000);
}

TEST(TwitterPrices, AnAddressMakesAPostDear)
{
    const auto price = [](std::string text) {
        return Prices::of_a_write(http::Method::post, "POST /2/tweets", Json{{"text", std::move(text)}}.dump());
    };
    EXPECT_EQ(price("Good morning. We look into it."), 15'000);
    EXPECT_EQ(price("See https://example.org"), 200'000);
    EXPECT_EQ(price("See example.org please"), 200'000);
    EXPECT_EQ(Prices::of_a_write(http::Method::post, "POST /2/dm_conversations/with/:id/messages", "{}"), 15'000);
    EXPECT_EQ(Prices::of_a_write(http::Method::del, "DELETE /2/tweets/:id", ""), 10'000);
    EXPECT_EQ(Prices::of_a_write(http::Method::get, "GET /2/tweets", ""), 0);
}

class TwitterBudget : public TwitterAccount {
protected:
    void cap(domain::MicroDollars a_day)
    {
        settings.money.a_day = a_day;
        connector = connectors::make_connector(settings, transport, clock, random);
    }
    /// As many new mentions as are asked for, at each call.
    http::Exchange new_mentions(const Asked& asked)
    {
        Json posts = Json::array();
        for (int row = 0; row < std::stoi(asked.parameter("max_results")); ++row) {
            posts.push_back(post(std::to_string(1'900'000'000'000'000'000 + next_post), "help", std::to_string(5'000 + next_post)));
            ++next_post;
        }
        return answer(page(posts, "next"));
    }
    std::size_t calls() const { return transport.calls.size(); }

    std::int64_t next_post = 0;
};

TEST_F(TwitterBudget, ReadingNeverCarriesTheSpendingOverTheCap)
{
    pages[mentions] = [this](const Asked& asked) { return new_mentions(asked); };
    cap(1'000'000);
    std::string cursor;
    for (int round = 0; round < 40; ++round) {
        const auto result = poll(cursor);
        cursor = result.cursor;
        ASSERT_LE(connector->budget()->spending(clock.now()).today, 1'000'000);
        clock.set(clock.now() + 1min);
    }
    EXPECT_GE(connector->budget()->spending(clock.now()).today, 790'000) << "the money is used, not saved";
    const auto starved = poll(cursor);
    EXPECT_EQ(starved.trouble.state, State::rate_limited);
    EXPECT_NE(starved.trouble.reason.find("kept for answers"), std::string::npos) << starved.trouble.reason;
    ASSERT_TRUE(starved.trouble.not_before);
    EXPECT_LE(*starved.trouble.not_before, clock.now() + 1h);
    const auto before = calls();
    (void)poll(cursor);
    EXPECT_EQ(calls(), before) << "nobody is asked for what cannot be paid";

    clock.set(clock.now() + 24h);
    (void)poll(cursor);
    EXPECT_GT(calls(), before);
}

TEST_F(TwitterBudget, AnswersMaySpendWhatReadingLeaves)
{
    cap(1'000'000);
    (void)poll();
    connector->budget()->charge(885'000, clock.now()); // and the account itself was looked up for 10,000
    pages["/tweets"] = [](const Asked&) { return answer(201, R"({"data": {"id": "1900000000000000001", "text": "x"}})"); };
    connectors::PublishRequest request;
    request.target_id = "1800000000000000001";
    request.text = "We look into it";
    EXPECT_EQ(run(connector->publish(request)).outcome, PublishOutcome::Class::published);
    connector->budget()->charge(90'000, clock.now()); // the reply was 15,000
    const auto before = calls();
    const auto held = run(connector->publish(request));
    EXPECT_EQ(held.outcome, PublishOutcome::Class::not_sent);
    EXPECT_NE(held.reason.find("$1.00 of $1.00"), std::string::npos) << held.reason;
    ASSERT_TRUE(held.not_before);
    EXPECT_EQ(calls(), before);
}

TEST_F(TwitterBudget, PostsLookedUpByTheirIdsCostWhatWasNotPaidToday)
{
    pages["/tweets"] = [](const Asked& asked) {
        Json posts = Json::array();
        const std::string ids = asked.parameter("ids") + ",";
        for (std::size_t from = 0, to = 0; (to = ids.find(',', from)) != std::string::npos; from = to + 1) {
            posts.push_back(post(ids.substr(from, to - from), "no line"));
        }
        return answer(Json{{"data", posts}});
    };
    cap(1'000'000);
    (void)poll();
    std::vector<std::string> ids;
    for (int i = 0; i < 49; ++i) ids.push_back(std::to_string(1'900'000'000'000'000'000 + i));
    EXPECT_EQ(run(connector->recheck(ids)).items.size(), 49U) << "at most $0.98";
    EXPECT_EQ(run(connector->recheck(ids)).items.size(), 49U) << "all of them are paid";
    for (auto& id : ids) id[3] = '7';
    ids.resize(45);
    const auto before = calls();
    EXPECT_EQ(run(connector->recheck(ids)).trouble.state, State::rate_limited) << "others could cost $0.90, and $0.26 are spent";
    EXPECT_EQ(calls(), before);
}

TEST_F(TwitterBudget, AFullWindowIsNotAskedUntilItResets)
{
    (void)poll();
    for (int call = 0; call < 100; ++call) connector->budget()->sent("POST /2/tweets", clock.now());
    connectors::PublishRequest request;
    request.target_id = "1800000000000000001";
    request.text = "We look into it";
    const auto before = calls();
    EXPECT_EQ(run(connector->publish(request)).outcome, PublishOutcome::Class::not_sent);
    EXPECT_EQ(calls(), before);
}

TEST_F(TwitterBudget, TheHeadersTeachTheLimitsOfThisAccount)
{
    pages[mentions] = [this](const Asked&) {
        auto headers = limits(10, 7, clock.now() + 10min);
        headers.add("x-user-limit-24hour-limit", "250");
        headers.add("x-user-limit-24hour-remaining", "240");
        headers.add("x-user-limit-24hour-reset", std::to_string(base::to_micros(clock.now() + 20h) / 1'000'000));
        return answer(Json{{"meta", {{"result_count", 0}}}}, headers);
    };
    (void)poll();
    std::map<std::string, domain::Quota> told;
    for (const auto& quota : connector->budget()->quotas(clock.now())) told[quota.endpoint + " " + quota.window] = quota;
    EXPECT_EQ(told["GET /2/users/:id/mentions 15 min"].limit, 10);
    EXPECT_EQ(told["GET /2/users/:id/mentions 15 min"].remaining, 7);
    EXPECT_EQ(told["GET /2/users/:id/mentions 24 h"].remaining, 240);
    EXPECT_EQ(told["GET /2/dm_events 15 min"].remaining, 14) << "counted by ourselves";
}

TEST_F(TwitterBudget, ReadingLeavesDirectMessageCallsToAnswersWithoutTrouble)
{
    int left = 15;
    const base::Instant reset = clock.now() + 15min;
    base::Instant last = clock.now();
    base::Duration longest{};
    pages[messages] = [&](const Asked&) {
        longest = std::max(longest, clock.now() - last);
        last = clock.now();
        return answer(Json{{"meta", {{"result_count", 0}}}}, limits(15, --left, reset));
    };
    std::string cursor;
    while (clock.now() < reset - 20s) {
        const auto result = poll(cursor);
        ASSERT_EQ(result.trouble.state, State::ok) << result.trouble.reason;
        cursor = result.cursor;
        clock.set(clock.now() + 20s);
    }
    EXPECT_GE(left, 3);
    EXPECT_LE(left, 4);
    EXPECT_LE(longest, 2min) << "a customer who writes in private waits for no burst that was long before";
}

} // namespace
} // namespace sportello::test
