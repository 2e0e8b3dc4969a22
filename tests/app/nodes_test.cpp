#include "event_stream.hpp"
#include "server_process.hpp"
#include "support/postgres_cluster.hpp"
#include "support/test_database.hpp"

#include <sportello/base/digest.hpp>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>

#include <cstdlib>

// Several servers on one PostgreSQL, as an operator runs them. What may go wrong with them is in crash_loop_test.cpp.
namespace sportello::test {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using testing::HasSubstr;

LiveHouseOptions nodes_on(std::string postgresql, std::size_t nodes)
{
    LiveHouseOptions options;
    options.nodes = nodes;
    options.postgresql = std::move(postgresql);
    return options;
}

void start_all(LiveHouse& house, std::size_t nodes)
{
    house.start_simulator();
    for (std::size_t node = 0; node < nodes; ++node) (void)house.run(house.server_up(node));
    house.set_password(LiveHouse::agent);
    house.log_in();
}

/// The node that reads a channel; nothing while it is none of these.
std::optional<std::size_t> reader_of(LiveHouse& house, const std::string& channel, std::size_t nodes)
{
    const auto pid = house.count("SELECT coalesce(max(split_part(holder, '/', 2)), '') FROM lease WHERE name = 'channel:" + channel + "'");
    for (std::size_t node = 0; node < nodes; ++node) {
        if (house.server_pid(node) == pid) return node;
    }
    return std::nullopt;
}

/// A customer writes, gets an answer, writes again, and the matter is solved; each step asked of another node.
void life_of_a_ticket(LiveHouse& house, const std::string& author)
{
    const auto first = house.customer_writes("facebook", "104000000000002", "post", author, "La fibra è giù, sono " + author);
    const std::string mine = "/v1/tickets";
    json ticket;
    ASSERT_TRUE(house.eventually("the ticket with its agent", [&] {
        for (const json& each : house.list(mine)) {
            if (each.dump().find(author) != std::string::npos) ticket = each;
        }
        return !ticket.is_null() && ticket.at("assignee").is_object();
    }));
    const std::string path = "/v1/tickets/" + ticket.at("id").dump();
    const Answer accepted =
        house.post(path + "/replies", {{"text", "Verifichiamo subito."}, {"visibility", "public"}, {"last_seen", first}});
    ASSERT_EQ(accepted.status, 202) << accepted.text;
    const std::string reply = "/v1/replies/" + accepted.body.at("id").dump();
    ASSERT_TRUE(house.eventually("published", [&] { return house.get(reply).body.at("delivery").at("state") == "published"; }));
    const auto second = house.customer_writes("facebook", "104000000000002", "comment", author, "Adesso va, grazie", first);
    ASSERT_TRUE(house.eventually("what the customer wrote then",
                                 [&] { return house.get(path + "/timeline").text.find(second) != std::string::npos; }));
    const Answer solved = house.run(house.call(http::Method::patch, path, {{"status", "solved"}}));
    ASSERT_EQ(solved.status, 200) << solved.text;
    EXPECT_EQ(house.get(path).body.at("status"), "solved");
    const Answer found = house.get("/v1/search?q=fibra");
    EXPECT_EQ(found.status, 200) << found.text;
}

TEST(Nodes, AWebhookAtOneWakesTheReaderOfItsChannel)
{
    std::string why;
    const std::string url = fresh_postgresql(why);
    if (url.empty()) GTEST_SKIP() << why;
    LiveHouseOptions options = nodes_on(url, 2);
    options.polling = "10m";
    const TemporaryFolder folder;
    std::string demo = read_file(options.base);
    const std::string channel = "id = \"tim-facebook\"\n";
    ASSERT_NE(demo.find(channel), std::string::npos);
    demo.insert(demo.find(channel), "webhook_secret = \"env:HOOK_OF_TESTS\"\n");
    write_file(options.base = folder / "demo.toml", demo);
    setenv("HOOK_OF_TESTS", "a secret of the app", 1); // for the servers, which inherit it
    LiveHouse house(options);
    start_all(house, 2);
    std::optional<std::size_t> reader;
    ASSERT_TRUE(house.eventually("duties are shared and the channel was read", [&] {
        reader = reader_of(house, "tim-facebook", 2);
        return reader && house.count("SELECT count(DISTINCT holder) FROM lease WHERE name NOT LIKE 'node:%' AND holder <> ''") == 2 &&
               house.count("SELECT count(*) FROM channel_state WHERE channel = 'tim-facebook' AND last_poll_at IS NOT NULL") == 1;
    }));
    const auto id = house.customer_writes("facebook", "104000000000002", "post", "Marta Neri", "La fibra è giù");

    http::ClientRequest hook;
    hook.method = http::Method::post;
    hook.url = house.server_url(1 - *reader) + "/hooks/facebook/tim-facebook";
    const json change{{"field", "feed"},
                      {"value", {{"item", "status"}, {"verb", "add"}, {"post_id", id}, {"from", {{"id", "1"}, {"name", "Marta Neri"}}}}}};
    const json entry{{"id", "104000000000002"}, {"time", 1}, {"changes", json::array({change})}};
    hook.body = json{{"object", "page"}, {"entry", json::array({entry})}}.dump();
    hook.headers.add("Content-Type", "application/json");
    hook.headers.add("X-Hub-Signature-256", "sha256=" + base::hmac_sha256_hex("a secret of the app", hook.body));
    http::Client client(house.io.get_executor(), {});
    const http::Exchange delivered = house.run(client.send(std::move(hook)));
    ASSERT_TRUE(delivered.response) << delivered.failure;
    ASSERT_EQ(delivered.response->status, 200) << delivered.response->body;
    EXPECT_TRUE(house.eventually("the message", [&] { return house.count("SELECT count(*) FROM message") == 1; }));
}

/// Whether the servers have a way past the pooler to hear of each other.
class BehindPgBouncer : public testing::TestWithParam<bool> {};

TEST_P(BehindPgBouncer, ATicketLivesItsWholeLife)
{
    constexpr std::size_t nodes = 2;
    std::string why;
    const std::string direct = fresh_postgresql(why);
    if (direct.empty()) GTEST_SKIP() << why;
    const auto bouncer = PgBouncer::start(direct, why);
    if (!bouncer) GTEST_SKIP() << why;
    LiveHouseOptions options = nodes_on(bouncer->url(), nodes);
    options.storage = "pooled = true\n";
    if (GetParam()) options.storage += "listen_url = \"" + direct + "\"\n";
    LiveHouse house(options);
    start_all(house, nodes);
    std::size_t calls = 0;
    house.next_node = [&] { return ++calls % nodes; };
    std::vector<std::int64_t> seen{house.count("SELECT coalesce(max(seq), 0) FROM event")};
    bool goes_on = true;
    asio::co_spawn(house.io, follow_events(house.io, house.server_port(1), house.cookie(), seen, goes_on),
                   [](const std::exception_ptr&) {});
    life_of_a_ticket(house, "Marta Neri");
    life_of_a_ticket(house, "Ugo Bassi");
    const auto newest = house.count("SELECT max(seq) FROM event");
    EXPECT_TRUE(house.eventually("the stream has it all", [&] {
        house.run(house.pause(std::chrono::milliseconds(50)));
        return seen.back() >= newest;
    }));
    goes_on = false;
    // A writer and two readers of each server share what the pooler has; each server's ear is its own.
    const auto sessions =
        house.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'");
    EXPECT_LE(sessions, PgBouncer::sessions + static_cast<int>(GetParam() ? nodes : 0));
    for (std::size_t node = 0; node < nodes; ++node) {
        EXPECT_EQ(house.stop_server(node), 0);
        EXPECT_THAT(house.server_log(node), testing::Not(HasSubstr("[error]")));
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, BehindPgBouncer, testing::Bool(),
                         [](const auto& way) { return way.param ? "HearingOfEachOther" : "LookingForEachOther"; });

/// The next version is this one with one more step of the schema: what tells the two apart is what each knows of the schema.
class RollingUpgrade : public testing::Test {
protected:
    static constexpr std::size_t old_node = 0, new_node = 1;

    static std::size_t steps()
    {
        const std::filesystem::directory_iterator all(std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations/postgresql");
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    /// The schema's steps as a later version brings them, each text one more.
    static std::filesystem::path version(const LiveHouse& house, const std::string& name, const std::vector<std::string>& more)
    {
        const auto folder = house.folder() / name;
        std::filesystem::create_directories(folder);
        std::filesystem::copy(std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations/postgresql", folder / "postgresql");
        std::size_t step = steps();
        for (const std::string& sql : more) {
            const std::string number = std::to_string(++step);
            write_file(folder / "postgresql" / (std::string(4 - number.size(), '0') + number + "_later.sql"), sql);
        }
        return folder;
    }
    static void install(const LiveHouse& house, std::size_t node, const std::filesystem::path& migrations)
    {
        write_file(house.own_config(node), "include = [\"sportello.toml\"]\n[storage]\nmigrations = \"" + migrations.string() + "\"\n");
    }
    static Answer readiness(LiveHouse& house, std::size_t node)
    {
        const auto others = std::exchange(house.next_node, [node] { return node; });
        Answer answer = house.get("/readyz");
        house.next_node = others;
        return answer;
    }
};

TEST_F(RollingUpgrade, OldAndNewWorkSideBySideOnOneSchema)
{
    std::string why;
    const std::string url = fresh_postgresql(why);
    if (url.empty()) GTEST_SKIP() << why;
    LiveHouse house(nodes_on(url, 2));
    start_all(house, 1);
    EXPECT_EQ(readiness(house, old_node).body.at("schema"), json({{"database", steps()}, {"program", steps()}}));
    life_of_a_ticket(house, "Marta Neri");

    const std::string adds = "-- programs from " + std::to_string(steps()) + " go on\n" +
                             "ALTER TABLE ticket ADD COLUMN IF NOT EXISTS idea_of_later BIGINT NOT NULL DEFAULT 7;\n"
                             "CREATE TABLE IF NOT EXISTS idea_of_later (id BIGINT PRIMARY KEY, ticket BIGINT REFERENCES ticket (id));\n";
    install(house, new_node, version(house, "next", {adds}));
    (void)house.run(house.server_up(new_node));
    const json both{{"database", steps() + 1}, {"program", steps()}}, next{{"database", steps() + 1}, {"program", steps() + 1}};
    EXPECT_EQ(readiness(house, old_node).body.at("schema"), both);
    EXPECT_EQ(readiness(house, new_node).body.at("schema"), next);
    std::size_t calls = 0;
    house.next_node = [&] { return ++calls % 2; };
    life_of_a_ticket(house, "Ugo Bassi");

    house.kill_server(old_node); // one that dies in the midst of it comes back as it was
    (void)house.run(house.server_up(old_node));
    EXPECT_EQ(readiness(house, old_node).body.at("schema"), both);
    life_of_a_ticket(house, "Ada Verdi");
    EXPECT_EQ(house.stop_server(old_node), 0);
    install(house, old_node, house.folder() / "next");
    (void)house.run(house.server_up(old_node));
    EXPECT_EQ(readiness(house, old_node).body.at("schema"), next);
    life_of_a_ticket(house, "Lia Rossi");
    EXPECT_EQ(house.count("SELECT count(*) FROM ticket WHERE idea_of_later = 7"), house.count("SELECT count(*) FROM ticket"));
}

TEST_F(RollingUpgrade, AStepThatTheOldCannotWorkWithEndsItsReadiness)
{
    std::string why;
    const std::string url = fresh_postgresql(why);
    if (url.empty()) GTEST_SKIP() << why;
    LiveHouse house(nodes_on(url, 2));
    start_all(house, 1);
    install(house, new_node, version(house, "other", {"CREATE TABLE IF NOT EXISTS idea_of_another_kind (id BIGINT PRIMARY KEY);\n"}));
    (void)house.run(house.server_up(new_node));
    const Answer refused = readiness(house, old_node);
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.text, HasSubstr("install it here too"));
    EXPECT_EQ(readiness(house, new_node).status, 200);
    EXPECT_EQ(house.stop_server(old_node), 0);
    const Finished again = run_program({program("sportello"), "migrate", "--config", house.config()}, house.credentials());
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.error, HasSubstr("newer version"));
}

} // namespace
} // namespace sportello::test
