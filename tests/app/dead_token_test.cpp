#include "process.hpp"

#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

#include <running.hpp>

#include <sportello/base/digest.hpp>
#include <sportello/simulator/simulator.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/sessions.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <gmock/gmock.h>

#include <sstream>

// A token that dies on Friday evening, on both platforms, with the whole program under a clock that the test turns.
namespace sportello::app {
namespace {

using namespace std::chrono_literals;
using base::Instant;
using Json = nlohmann::json;
using sportello::test::InProcessTransport;
using sportello::test::ManualClock;
using sportello::test::SeededRandom;
using sportello::test::TemporaryFolder;
using sportello::test::write_file;
using testing::HasSubstr;

Instant at(const char* time)
{
    return base::parse_rfc3339(time).value();
}

/// What the people of operations get; everything else goes to the platforms.
class DeadTokenPost final : public http::Transport {
public:
    DeadTokenPost(http::Transport& platforms, base::Clock& clock) : platforms_(platforms), clock_(clock) {}
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        if (!request.url.starts_with("http://hooks.test/")) co_return co_await platforms_.send(std::move(request));
        http::Exchange exchange;
        letters.emplace_back(clock_.now(), Json::parse(request.body));
        signatures.emplace_back(request.headers.find("X-Sportello-Signature").value_or(""));
        exchange.response = http::Response::empty(reachable ? 204 : 503);
        co_return exchange;
    }
    std::vector<std::pair<Instant, Json>> letters;
    std::vector<std::string> signatures;
    bool reachable = true;

private:
    http::Transport& platforms_;
    base::Clock& clock_;
};

class DeadToken : public testing::TestWithParam<const char*> {
protected:
    static constexpr const char* page = "104000000000002";
    static constexpr const char* handle = "TIM_Sportello";

    DeadToken()
    {
        write_file(folder / "sportello.toml",
                   "[server]\npublic_url = \"http://sportello.test\"\n[storage]\nurl = \"sqlite:" + (folder / "sportello.db").string() +
                       "\"\n[platform.facebook]\napi = \"http://simulator.test\"\n[platform.twitter]\napi = \"http://simulator.test\"\n"
                       "[outbound]\nallow = [\"hooks.test\"]\n[calendar.office]\ntime_zone = \"Europe/Rome\"\nmonday = "
                       "[\"09:00-18:00\"]\ntuesday = [\"09:00-18:00\"]\n"
                       "wednesday = [\"09:00-18:00\"]\nthursday = [\"09:00-18:00\"]\nfriday = [\"09:00-18:00\"]\n"
                       "[[brand]]\nid = \"tim\"\nname = \"TIM\"\n"
                       "[[channel]]\nid = \"tim-facebook\"\nbrand = \"tim\"\nplatform = \"facebook\"\naccount = \"" +
                       std::string(page) + "\"\napp_id = \"100000000000001\"\napp_secret = \"env:APP_SECRET\"\n" +
                       "[[channel]]\nid = \"tim-x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = \"" + handle +
                       "\"\nclient_id = \"" + std::string(simulator::consumer_key) + "\"\nclient_secret = \"env:CLIENT_SECRET\"\n" +
                       "[[alert]]\nname = \"ops\"\nkinds = [\"access\", \"channel\"]\nto = [\"http://hooks.test/ops\"]\n"
                       "secret = \"env:HOOK_SECRET\"\nescalate = [{ after = \"1h\", to = [\"http://hooks.test/boss\"] }]\n");
        const auto environment = [](const std::string& name) -> std::optional<std::string> {
            if (name == "APP_SECRET") return std::string(simulator::app_secret);
            if (name == "CLIENT_SECRET") return std::string(simulator::consumer_secret);
            return "a-secret-of-hooks";
        };
        auto loaded = load_config(folder / "sportello.toml", environment, clock.now());
        for (const auto& problem : loaded.problems) ADD_FAILURE() << problem.to_string();
        storage::DatabaseOptions database;
        database.url = loaded.config->database_url;
        database.migrations = loaded.config->migrations;
        database.inline_execution = true;
        db = storage::Database::open(database, clock).value();
        running = std::make_shared<Running>(std::move(*loaded.config), Grounds{io.get_executor(), *db, post, clock, random, nullptr,
                                                                               nullptr, std::make_shared<std::atomic<bool>>(true), &post});
        add_admin();
    }
    ~DeadToken() override
    {
        auto stop = running->stop();
        boost::asio::co_spawn(io, std::move(stop), boost::asio::detached);
        clock.run_for(io, 2min);
        running.reset();
    }

    void add_admin()
    {
        domain::Agent agent;
        agent.login = "admin";
        agent.name = "Admin";
        agent.role = domain::Role::admin;
        const Instant now = clock.now();
        ASSERT_TRUE(db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            const auto id = storage::insert_agent(tx, agent, "", now);
            if (!id) return id.error();
            storage::insert_session(tx, {.token_hash = base::sha256_hex("cookie"),
                                         .agent = *id,
                                         .csrf_token = "csrf",
                                         .created_at = now,
                                         .last_seen_at = now,
                                         .expires_at = now + 24h * 30});
            return {};
        }));
    }
    void new_session()
    {
        const Instant now = clock.now();
        ASSERT_TRUE(db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            tx.run("UPDATE session SET last_seen_at = $1, created_at = $1", now);
            return {};
        }));
    }

    template <class T> T run(boost::asio::awaitable<T> task)
    {
        std::optional<T> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error, T value) {
            failure = error;
            result.emplace(std::move(value));
        });
        for (int steps = 0; !result && steps < 60; ++steps) clock.run_for(io, steps == 0 ? 0s : 1s);
        if (failure) std::rethrow_exception(failure);
        return std::move(result.value());
    }
    http::Exchange platform(http::Method method, const std::string& url, const std::string& body = "", const std::string& type = "")
    {
        http::ClientRequest request;
        request.method = method;
        request.url = url;
        request.body = body;
        if (!type.empty()) request.headers.set("Content-Type", type);
        return run(post.send(std::move(request)));
    }
    void control(const std::string& what, const Json& body)
    {
        const auto answered = platform(http::Method::post, "http://simulator.test/control/" + what, body.dump());
        ASSERT_TRUE(answered.response && answered.response->status < 300) << what << ": " << answered.response->body;
    }
    http::Response ask(http::Method method, const std::string& target, bool as_admin)
    {
        http::Request request;
        request.method = method;
        request.target = target;
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos) request.query = http::Parameters::parse(target.substr(mark + 1));
        request.headers.add("Host", "sportello.test");
        request.remote_address = "127.0.0.1";
        if (as_admin) {
            request.headers.add("Cookie", "sportello=cookie");
            request.headers.add("X-CSRF-Token", "csrf");
        }
        return run(Running::answer(running, request));
    }

    [[nodiscard]] bool on_facebook() const { return std::string(GetParam()) == "tim-facebook"; }
    [[nodiscard]] const char* account() const { return on_facebook() ? page : handle; }

    /// The platform's own page, answered by a person. @return where the browser is sent then.
    std::string browser_comes_back(const std::string& address)
    {
        if (!on_facebook()) {
            control("x", {{"auto_grant", handle}});
            return std::string(platform(http::Method::get, address).response->headers.find("Location").value_or(""));
        }
        http::Parameters form;
        const auto query = http::Parameters::parse(std::string_view(address).substr(address.find('?') + 1));
        for (const auto& [name, value] : query) {
            if (name != "scope") form.add(name, value);
        }
        std::stringstream scopes{std::string(query.find("scope").value_or(""))};
        for (std::string scope; std::getline(scopes, scope, ',');) form.add("scope", scope);
        form.add("page", page);
        form.add("action", "allow");
        const auto sent =
            platform(http::Method::post, address.substr(0, address.find('?')), form.encode(), "application/x-www-form-urlencoded");
        return std::string(sent.response->headers.find("Location").value_or(""));
    }
    void sign_in()
    {
        new_session();
        const auto begun = ask(http::Method::post, "/v1/channels/" + std::string(GetParam()) + "/connect", true);
        ASSERT_EQ(begun.status, 200) << begun.body;
        const std::string back = browser_comes_back(Json::parse(begun.body).at("address"));
        ASSERT_THAT(back, testing::StartsWith("http://sportello.test/channels/signed-in?"));
        const std::string target = back.substr(std::string("http://sportello.test").size());
        const auto ended = ask(http::Method::get, target.substr(0, target.find('#')), false);
        EXPECT_EQ(ended.status, 200) << ended.body;
        EXPECT_THAT(ended.body, HasSubstr("is signed in as"));
        EXPECT_EQ(ask(http::Method::get, target.substr(0, target.find('#')), false).status, 404) << "an answer serves once";
    }
    void kill_token()
    {
        if (!on_facebook()) return control("tokens", {{"platform", "twitter"}, {"account", account()}, {"valid", false}});
        StoredTokens store(*db, running->config(), clock, random);
        const auto tokens = store.load_now(GetParam());
        ASSERT_TRUE(tokens && *tokens);
        control("tokens", {{"platform", "facebook"}, {"token", (*tokens)->access_token}, {"valid", false}});
    }
    void customer_writes(const std::string& text)
    {
        simulator::NewItem item;
        item.platform = on_facebook() ? simulator::Platform::facebook : simulator::Platform::twitter;
        item.account = account();
        item.kind = on_facebook() ? simulator::Kind::post : simulator::Kind::mention;
        item.author = "Cliente " + std::to_string(++customers);
        item.text = text;
        const auto written = world.write(item);
        ASSERT_TRUE(written) << written.error().what();
        written_at[text] = clock.now();
    }
    std::vector<Json> letters_of(const std::string& notice) const
    {
        std::vector<Json> found;
        for (const auto& [when, letter] : post.letters) {
            if (letter.at("kind") == "access" && letter.at("notice") == notice && letter.at("channel") == GetParam())
                found.push_back(letter);
        }
        return found;
    }

    ManualClock clock{at("2026-03-06T17:30:00Z")}; // a Friday, half an hour after closing
    boost::asio::io_context io{1};
    TemporaryFolder folder;
    SeededRandom random{11};
    simulator::Simulator world{clock, random, {}};
    InProcessTransport platforms{world.handler()};
    DeadTokenPost post{platforms, clock};
    std::unique_ptr<storage::Database> db;
    std::shared_ptr<Running> running;
    std::map<std::string, Instant> written_at;
    int customers = 0;
};

TEST_P(DeadToken, IsToldWithinFiveMinutesAndMendedWithoutARestartAndNothingOfTheGapIsLost)
{
    running->start();
    clock.run_for(io, 1min);
    sign_in();
    clock.run_for(io, 2min);
    customer_writes("Venerdi: la linea non va");
    clock.run_until(io, at("2026-03-06T17:59:00Z"));
    ASSERT_TRUE(letters_of("raised").size() <= 1U); // before it was first signed in
    post.letters.clear();
    post.signatures.clear();

    clock.run_until(io, at("2026-03-06T18:00:00Z")); // 19:00 in Rome, an hour after closing
    kill_token();
    clock.run_for(io, 5min);
    ASSERT_EQ(letters_of("raised").size(), 1U) << "told within five minutes, once";
    EXPECT_EQ(letters_of("raised").front().at("kind"), "access");
    EXPECT_THAT(letters_of("raised").front().at("remedy").get<std::string>(), HasSubstr("without a restart"));
    EXPECT_THAT(post.signatures.front(), testing::StartsWith("sha256="));
    customer_writes("Venerdi sera: niente ADSL");
    clock.run_until(io, at("2026-03-06T20:00:00Z"));
    EXPECT_EQ(letters_of("escalated").size(), 1U) << "nobody had acknowledged it after an hour";
    customer_writes("Sabato notte: ancora niente");

    clock.set(at("2026-03-07T09:20:00Z")); // the night, without playing each of its polls
    clock.run_until(io, at("2026-03-07T09:30:00Z"));
    EXPECT_EQ(letters_of("raised").size(), 1U) << "one message for one cause";
    if (!on_facebook()) control("tokens", {{"platform", "twitter"}, {"account", account()}, {"valid", true}});
    sign_in();
    clock.run_for(io, 1min);
    EXPECT_EQ(letters_of("cleared").size(), 2U) << "everybody who was told";
    clock.set(at("2026-03-08T12:00:00Z"));
    customer_writes("Domenica: grazie, funziona");
    clock.set(at("2026-03-09T07:45:00Z"));
    clock.run_until(io, at("2026-03-09T08:00:00Z")); // Monday, at the opening

    for (const auto& [text, when] : written_at) {
        const auto stored = db->read_now([&](storage::Transaction& tx) -> base::Result<std::optional<Instant>> {
            return tx.first(
                "SELECT at FROM message WHERE text LIKE '%' || $1 || '%'", [](const storage::Row& row) { return row.instant(0); }, text);
        });
        ASSERT_TRUE(stored && *stored) << text;
        EXPECT_LT(std::chrono::abs(**stored - when), 2s) << text << ": its own time, not that of its arrival";
    }
    EXPECT_EQ(letters_of("raised").size(), 1U);
}

TEST_P(DeadToken, AForeignOrRefusedAnswerChangesNothing)
{
    running->start();
    clock.run_for(io, 1min);
    sign_in();
    EXPECT_EQ(ask(http::Method::get, "/channels/signed-in?state=guessed&code=x", false).status, 404);
    EXPECT_EQ(ask(http::Method::get, "/channels/signed-in", false).status, 404);
    const auto begun = ask(http::Method::post, "/v1/channels/" + std::string(GetParam()) + "/connect", true);
    const std::string address = Json::parse(begun.body).at("address");
    const auto query = http::Parameters::parse(std::string_view(address).substr(address.find('?') + 1));
    const std::string state(query.find("state").value_or(""));
    const auto refused =
        ask(http::Method::get, "/channels/signed-in?error=access_denied&error_description=%3Cb%3Eno&state=" + state, false);
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("&lt;b&gt;no")) << "what comes from outside is text";
    EXPECT_EQ(ask(http::Method::post, "/v1/channels/nowhere/connect", true).status, 404);
    EXPECT_EQ(ask(http::Method::post, "/v1/channels/" + std::string(GetParam()) + "/connect", false).status, 401);
}

INSTANTIATE_TEST_SUITE_P(Platforms, DeadToken, testing::Values("tim-facebook", "tim-x"), [](const auto& test) {
    return std::string(test.param) == "tim-facebook" ? std::string("Facebook") : std::string("X");
});

} // namespace
} // namespace sportello::app
