#include "process.hpp"

#include <sportello/http/client.hpp>
#include <sportello/http/server.hpp>
#include <sportello/storage/audit.hpp>

#include <database.hpp>
#include <token_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <gmock/gmock.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

// `sportello channel …` as an operator runs it, against a platform made of one function.
namespace sportello::app {
namespace {

using namespace sportello::test;
using namespace std::chrono_literals;
using connectors::Tokens;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

/// A platform on a free port, answered by a function on a thread of its own.
class Platform {
public:
    Platform()
        : server_(io_.get_executor(), {}, [this](http::Request& request) { return take(request); }), port_(server_.start().value()),
          thread_([this] { io_.run(); })
    {
    }
    ~Platform()
    {
        io_.stop();
        thread_.join();
    }
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;

    [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] bool only_read()
    {
        const std::lock_guard lock(mutex_);
        return std::all_of(methods_.begin(), methods_.end(), [](http::Method m) { return m == http::Method::get; });
    }
    [[nodiscard]] std::size_t calls()
    {
        const std::lock_guard lock(mutex_);
        return methods_.size();
    }
    void forget_calls()
    {
        const std::lock_guard lock(mutex_);
        methods_.clear();
    }

    std::function<http::Response(const http::Request&)> script; ///< set before the program is started

private:
    boost::asio::awaitable<http::Response> take(http::Request& request)
    {
        {
            const std::lock_guard lock(mutex_);
            methods_.push_back(request.method);
        }
        co_return script(request);
    }

    boost::asio::io_context io_{1};
    std::mutex mutex_;
    std::vector<http::Method> methods_;
    http::Server server_;
    std::uint16_t port_;
    std::thread thread_;
};

std::uint16_t free_port()
{
    boost::asio::io_context io;
    http::Server server(io.get_executor(), {},
                        [](http::Request&) -> boost::asio::awaitable<http::Response> { co_return http::Response(); });
    return server.start().value();
}

/// What a browser does with a redirect.
int browse(const std::string& url)
{
    boost::asio::io_context io;
    http::Client client(io.get_executor(), {});
    int status = 0;
    http::ClientRequest request;
    request.url = url;
    boost::asio::co_spawn(io, client.send(request), [&](const std::exception_ptr&, const http::Exchange& exchange) {
        status = exchange.response ? exchange.response->status : -1;
        io.stop();
    });
    io.run();
    return status;
}

http::Response json(const Json& body)
{
    return http::Response::json(200, body.dump());
}

class Channel : public testing::Test {
protected:
    Channel()
    {
        platform.script = [this](const http::Request& request) { return serve(request); };
        write_file(config, "[storage]\nurl = \"sqlite:" + database.string() + "\"\n[platform.twitter]\napi = \"" + platform.address() +
                               "\"\n[platform.facebook]\napi = \"" + platform.address() +
                               "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n"
                               "[[channel]]\nid = \"tim-x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = \"TIM\"\n"
                               "client_id = \"our-client\"\nconsumer_key = \"env:KEY\"\nconsumer_secret = \"env:SECRET\"\n"
                               "[[channel]]\nid = \"tim-facebook\"\nbrand = \"tim\"\nplatform = \"facebook\"\naccount = \"104\"\n"
                               "app_id = \"4711\"\napp_secret = \"env:SECRET\"\n"
                               "[[channel]]\nid = \"other-x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = \"TIM\"\n"
                               "credentials = \"env:TOKEN\"\n");
    }

    virtual http::Response serve(const http::Request& request)
    {
        const std::string bearer(request.headers.find("Authorization").value_or(""));
        if (request.path == "/2/oauth2/token") {
            const auto form = http::Parameters::parse(request.body);
            if (form.find("code") != "the-code") return http::Response::json(400, R"({"error":"invalid_request"})");
            return json({{"access_token", "access-token-of-this-test"},
                         {"refresh_token", "refresh-token-of-this-test"},
                         {"expires_in", 7200},
                         {"scope", "tweet.read tweet.write tweet.moderate.write users.read dm.read dm.write media.write offline.access"}});
        }
        if (request.path == "/2/users/me") return json({{"data", {{"id", "1"}, {"name", "TIM"}, {"username", handle}}}});
        if (request.path == "/oauth/request_token") {
            return http::Response::text(200, "oauth_token=request&oauth_token_secret=request-secret&oauth_callback_confirmed=true");
        }
        if (request.path == "/oauth/access_token") {
            return http::Response::text(200,
                                        "oauth_token=1-oauth1-token&oauth_token_secret=oauth1-secret-of-this-test&screen_name=" + handle);
        }
        if (request.path == "/v25.0/me") {
            if (bearer == "Bearer page-token-of-this-test") return json({{"id", "104"}, {"name", "TIM"}});
            return json({{"id", "7"}, {"name", "Sistema"}});
        }
        if (request.path == "/v25.0/me/accounts") {
            return json({{"data", {{{"id", "104"}, {"name", "TIM"}, {"access_token", "page-token-of-this-test"}}}}});
        }
        if (request.path == "/v25.0/debug_token")
            return json({{"data", {{"is_valid", valid}, {"type", "PAGE"}, {"app_id", "4711"}, {"expires_at", 0}}}});
        if (request.path.starts_with("/v25.0/")) return json({{"data", Json::array()}});
        return json({{"meta", {{"result_count", 0}}}});
    }

    [[nodiscard]] std::vector<std::string> words(std::vector<std::string> given) const
    {
        given.insert(given.begin(), program("sportello").string());
        given.insert(given.end(), {"--config", config.string()});
        return given;
    }
    Finished sportello(std::vector<std::string> given, const std::string& input = "")
    {
        return run_program(words(std::move(given)), environment, input);
    }
    /// Everything that the database's files hold.
    [[nodiscard]] std::string stored_bytes() const
    {
        std::string bytes;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            if (entry.path().filename().string().starts_with("counter.db")) bytes += read_file(entry.path());
        }
        return bytes;
    }
    [[nodiscard]] Config as_config() const
    {
        return load_config(config, [](const std::string& name) { return std::optional("value-of-" + name); }).config.value();
    }
    std::vector<storage::AuditEntry> console_sign_ins() const
    {
        base::SystemClock clock;
        const auto db = open_database(as_config(), clock, true);
        const auto entries = db->read_now([](storage::Transaction& tx) -> base::Result<std::vector<storage::AuditEntry>> {
            storage::AuditFilter filter;
            filter.action = "channel.signed_in";
            return storage::audit_entries(tx, filter, 0, 100);
        });
        return entries.value();
    }
    std::optional<Tokens> tokens_of(const std::string& channel) const
    {
        const Config loaded = as_config();
        base::SystemClock clock;
        base::SystemRandom random;
        const auto db = open_database(loaded, clock, true);
        return StoredTokens(*db, loaded, clock, random).load_now(channel).value();
    }

    TemporaryFolder folder;
    const std::filesystem::path database = folder / "counter.db";
    const std::filesystem::path key_file = folder / "counter.db.key";
    const std::filesystem::path config = folder / "sportello.toml";
    const std::vector<std::string> environment{"KEY=value-of-KEY", "SECRET=value-of-SECRET", "TOKEN=value-of-TOKEN"};
    std::string handle = "TIM";
    bool valid = true;
    Platform platform;
};

TEST_F(Channel, ConnectWaitsForTheBrowserAndStoresTheTokensSealed)
{
    const std::uint16_t port = free_port();
    const auto output = folder / "output";
    Process connecting({.words = words({"channel", "connect", "tim-x", "--port", std::to_string(port)}),
                        .environment = environment,
                        .output = output,
                        .error = {},
                        .input = ""});
    std::string address;
    for (int i = 0; i < 1000 && address.empty(); ++i) {
        const std::string text = read_file(output);
        const auto at = text.find(platform.address() + "/i/oauth2/authorize?");
        if (at != std::string::npos && text.find("Waiting") != std::string::npos) address = text.substr(at, text.find('\n', at) - at);
        else std::this_thread::sleep_for(10ms);
    }
    ASSERT_FALSE(address.empty()) << read_file(output);
    const auto query = http::Parameters::parse(address.substr(address.find('?') + 1));
    EXPECT_EQ(query.find("redirect_uri"), "http://127.0.0.1:" + std::to_string(port) + "/callback");
    EXPECT_EQ(browse("http://127.0.0.1:" + std::to_string(port) + "/favicon.ico"), 404);
    EXPECT_EQ(browse(std::string(*query.find("redirect_uri")) + "?code=the-code&state=" + std::string(*query.find("state"))), 200);
    EXPECT_EQ(connecting.wait(), 0) << read_file(output);
    EXPECT_THAT(read_file(output), HasSubstr("connected as @TIM"));

    EXPECT_THAT(stored_bytes(), AllOf(Not(HasSubstr("token-of-this-test")), HasSubstr("x_oauth2")));
    struct stat status {};
    ASSERT_EQ(stat(key_file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(tokens_of("tim-x")->refresh_token, "refresh-token-of-this-test");
    const Finished listed = sportello({"channel", "list"});
    EXPECT_EQ(listed.status, 0);
    EXPECT_THAT(listed.out,
                AllOf(HasSubstr("tim-x"), HasSubstr("tokens stored since"), HasSubstr("not connected"), HasSubstr("tokens configured")));
}

TEST_F(Channel, ConnectTakesWhatIsPasted)
{
    const Finished code = sportello({"channel", "connect", "tim-x", "--paste"}, "the-code\n");
    EXPECT_EQ(code.status, 0) << code.error;
    EXPECT_EQ(tokens_of("tim-x")->kind, Tokens::Kind::x_oauth2);
    const Finished pin = sportello({"channel", "connect", "tim-x", "--paste", "--oauth1"}, "1234567\n");
    EXPECT_EQ(pin.status, 0) << pin.error;
    EXPECT_THAT(pin.out, HasSubstr("/oauth/authorize?oauth_token=request"));
    EXPECT_EQ(tokens_of("tim-x")->token_secret, "oauth1-secret-of-this-test");
    EXPECT_THAT(stored_bytes(), Not(HasSubstr("of-this-test")));
    const Finished forged =
        sportello({"channel", "connect", "tim-x", "--paste"}, "http://127.0.0.1:8765/callback?code=the-code&state=another\n");
    EXPECT_EQ(forged.status, 1);
    EXPECT_THAT(forged.error, HasSubstr("another sign-in"));
    EXPECT_EQ(sportello({"channel", "connect", "tim-x", "--paste"}, "\n").status, 1);
    const auto told = console_sign_ins();
    ASSERT_EQ(told.size(), 2U) << "those that were kept, no more";
    for (const auto& entry : told) {
        EXPECT_EQ(entry.object_id, "tim-x");
        EXPECT_EQ(entry.brand, "tim");
        EXPECT_FALSE(entry.actor);
        EXPECT_THAT(entry.after, AllOf(HasSubstr("account"), Not(HasSubstr("of-this-test"))));
    }
}

TEST_F(Channel, ConnectTakesASystemUsersTokenToThePages)
{
    const Finished done = sportello({"channel", "connect", "tim-facebook", "--token-stdin"}, "system-user-token\n");
    EXPECT_EQ(done.status, 0) << done.error;
    EXPECT_THAT(done.out, HasSubstr("connected as TIM (104)"));
    EXPECT_EQ(tokens_of("tim-facebook")->access_token, "page-token-of-this-test");
}

TEST_F(Channel, AnotherAccountIsNotStored)
{
    handle = "Somebody";
    const Finished refused = sportello({"channel", "connect", "tim-x", "--paste"}, "the-code\n");
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.error, HasSubstr("you logged in as @Somebody, channel tim-x is @TIM"));
    EXPECT_FALSE(tokens_of("tim-x"));
}

TEST_F(Channel, CheckReadsOnlyAndAnswersByItsStatus)
{
    ASSERT_EQ(sportello({"channel", "connect", "tim-facebook", "--token-stdin"}, "system-user-token\n").status, 0);
    platform.forget_calls();
    const Finished good = sportello({"channel", "check", "tim-facebook", "--json"});
    EXPECT_EQ(good.status, 0) << good.out << good.error;
    EXPECT_GT(platform.calls(), 2U);
    EXPECT_TRUE(platform.only_read());
    const Json said = Json::parse(good.out);
    EXPECT_EQ(said.at("channel"), "tim-facebook");
    EXPECT_EQ(said.at("ok"), true);
    EXPECT_GT(said.at("findings").size(), 4U);
    EXPECT_THAT(good.out, Not(HasSubstr("of-this-test")));
    valid = false;
    const Finished bad = sportello({"channel", "check", "tim-facebook"});
    EXPECT_EQ(bad.status, 1);
    EXPECT_THAT(bad.out, AllOf(HasSubstr("problem"), HasSubstr("sportello channel connect tim-facebook"), HasSubstr("cannot work")));
    EXPECT_EQ(sportello({"channel", "check", "tim-x"}).status, 1) << "not connected";
    platform.forget_calls();
    EXPECT_EQ(sportello({"channel", "check", "other-x"}).status, 0);
    EXPECT_TRUE(platform.only_read());
}

TEST_F(Channel, SenselessCommandsAreRefusedInWords)
{
    const auto refused = [&](std::vector<std::string> given, const std::string& words) {
        given.insert(given.begin(), "channel");
        const Finished finished = sportello(given);
        EXPECT_EQ(finished.status, 2) << given.back();
        EXPECT_THAT(finished.error, HasSubstr(words));
    };
    refused({"connect", "nobody"}, "it has tim-x tim-facebook other-x");
    refused({"connect"}, "sportello channel connect ID");
    refused({"conect", "tim-x"}, "sportello channel connect ID");
    refused({"connect", "other-x"}, "credentials = \"stored\"");
    refused({"connect", "tim-x", "--token-stdin"}, "for Facebook");
    refused({"connect", "tim-facebook", "--oauth1"}, "for X");
    refused({"connect", "tim-x", "--redirect", "https://example.com/"}, "--paste");
    const Finished help = run_program({program("sportello").string(), "channel", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, AllOf(HasSubstr("--paste"), HasSubstr("--redirect"), HasSubstr("Exit status")));
}

/// The store by itself.
class Stored : public testing::Test {
protected:
    StoredTokens store(std::optional<base::SealingKey> key = std::nullopt, std::vector<base::SealingKey> old_keys = {})
    {
        config.database_url = "sqlite:" + (folder / "counter.db").string();
        config.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
        config.sealing_key = std::move(key);
        config.old_sealing_keys = std::move(old_keys);
        if (!db) db = open_database(config, clock, true);
        return StoredTokens(*db, config, clock, random);
    }
    static Tokens token(const std::string& text)
    {
        Tokens tokens;
        tokens.access_token = text;
        return tokens;
    }

    TemporaryFolder folder;
    Config config;
    base::SystemClock clock;
    base::SystemRandom random;
    std::unique_ptr<storage::Database> db;
};

TEST_F(Stored, KeysAreChangedWithoutSigningInAgain)
{
    const auto first = base::SealingKey::fresh(random), second = base::SealingKey::fresh(random);
    ASSERT_TRUE(store(first).keep_now("a", token("one")));
    ASSERT_TRUE(store(first).keep_now("b", token("two")));
    EXPECT_FALSE(store(second).load_now("a")) << "another key opens nothing";
    EXPECT_EQ(store(second, {first}).load_now("a").value()->access_token, "one");
    EXPECT_EQ(store(second, {first}).reseal_now().value(), 2U);
    EXPECT_EQ(store(second, {first}).reseal_now().value(), 0U);
    EXPECT_EQ(store(second).load_now("b").value()->access_token, "two") << "the old key can go";
    EXPECT_FALSE(store(first).load_now("b"));
}

TEST_F(Stored, TheKeyFileIsMadeOnceAndForItsOwner)
{
    const auto key_file = folder / "counter.db.key";
    EXPECT_FALSE(store().load_now("a").value()) << "nothing stored, nothing needed";
    EXPECT_FALSE(std::filesystem::exists(key_file));
    ASSERT_TRUE(store().keep_now("a", token("one")));
    const std::string key = read_file(key_file);
    ASSERT_TRUE(store().keep_now("b", token("two")));
    EXPECT_EQ(read_file(key_file), key);
    EXPECT_EQ(store().load_now("a").value()->access_token, "one");

    std::filesystem::permissions(key_file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
    EXPECT_THAT(store().load_now("a").error().what(), HasSubstr("chmod 600"));
    std::filesystem::rename(key_file, folder / "away");
    const auto missing = store().load_now("a");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().what(), AllOf(HasSubstr("put it back"), HasSubstr("sportello channel connect")));
    EXPECT_FALSE(std::filesystem::exists(key_file)) << "a new key would open nothing";
    write_file(key_file, "nonsense");
    std::filesystem::permissions(key_file, std::filesystem::perms::owner_read);
    EXPECT_FALSE(store().load_now("a"));
}

TEST_F(Stored, ARowOfAnotherChannelDoesNotOpen)
{
    ASSERT_TRUE(store().keep_now("a", token("one")));
    auto move = [](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE credential SET channel = 'b'");
        return {};
    };
    ASSERT_TRUE(db->write_now(move));
    EXPECT_FALSE(store().load_now("b"));
}

} // namespace
} // namespace sportello::app
