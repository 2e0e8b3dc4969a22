#include "event_stream.hpp"
#include "server_process.hpp"
#include "support/postgres_cluster.hpp"
#include "support/test_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <future>
#include <map>
#include <random>
#include <set>

namespace sportello::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using nlohmann::json;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise)
{
    const char* given = std::getenv(name);
    return given && *given ? std::strtoull(given, nullptr, 10) : otherwise;
}

struct Account {
    const char* platform;
    const char* name;
    friend auto operator<=>(const Account&, const Account&) = default;
};
constexpr Account accounts[] = {{"facebook", "104000000000001"}, {"facebook", "104000000000002"}, {"facebook", "104000000000003"},
                                {"twitter", "TelecomItalia"},    {"twitter", "TIM_Sportello"},    {"twitter", "ImpresaSemplice"}};

/// A reply that an agent wrote; sent again with its key until the server says that it has it.
struct Written {
    std::int64_t ticket = 0;
    json body;
    std::string mark;    ///< a text that no other reply holds
    std::int64_t id = 0; ///< 0: not accepted yet
};

/// Customers write, agents answer, platforms lose answers, and the server is killed at random moments.
/// SPORTELLO_CRASH_KILLS and SPORTELLO_SEED make it longer and other.
class CrashLoop : public testing::Test {
public:
    CrashLoop() : CrashLoop(LiveHouseOptions{}) {}

protected:
    explicit CrashLoop(LiveHouseOptions options) : house(std::move(options)) {}

    const std::uint64_t kills = number_from_environment("SPORTELLO_CRASH_KILLS", 12);
    const std::uint64_t seed = number_from_environment("SPORTELLO_SEED", 20);
    std::mt19937_64 random{seed};
    LiveHouse house;
    bool killing = true;
    std::chrono::milliseconds between_messages = 60ms;        ///< at most
    std::map<Account, std::vector<std::string>> public_posts; ///< roots under which others may write
    std::set<std::string> customers_wrote;                    ///< ids on the platforms
    std::map<std::string, std::string> what_they_wrote;       ///< by id
    std::map<std::int64_t, std::string> answered;             ///< ticket: the last message that was answered
    std::vector<Written> replies;

    std::uint64_t below(std::uint64_t bound) { return random() % bound; }

    void make_platforms_unreliable()
    {
        for (const char* platform : {"facebook", "twitter"}) {
            for (const char* endpoint : {"comment", "direct_message"}) {
                for (const auto& [kind, share] :
                     {std::pair{"cut_after", 0.08}, std::pair{"lost_answer", 0.03}, std::pair{"cut_before", 0.02}}) {
                    add_fault({{"platform", platform}, {"endpoint", endpoint}, {"kind", kind}, {"share", share}});
                }
            }
            add_fault({{"platform", platform}, {"endpoint", "read"}, {"kind", "5xx"}, {"share", 0.02}});
        }
    }
    void add_fault(json fault)
    {
        const Answer added = house.run(house.control(http::Method::post, "/control/faults", std::move(fault)));
        ASSERT_EQ(added.status, 201) << added.text;
    }

    json next_post()
    {
        const Account account = accounts[below(std::size(accounts))];
        const bool facebook = std::string_view(account.platform) == "facebook";
        const auto& roots = public_posts[account];
        json post{{"platform", account.platform}, {"account", account.name}, {"author", "Cliente " + std::to_string(below(40))}};
        const std::string text = "Messaggio " + std::to_string(customers_wrote.size());
        if (below(5) == 0) {
            post.update({{"kind", "direct_message"}, {"text", text}});
        } else if (!facebook) {
            post.update({{"kind", "mention"}, {"text", "@" + std::string(account.name) + " " + text}});
        } else if (roots.empty() || below(2) == 0) {
            post.update({{"kind", "post"}, {"text", text}});
        } else {
            post.update({{"kind", "comment"}, {"text", text}, {"in_reply_to", roots[below(roots.size())]}});
        }
        return post;
    }

    asio::awaitable<void> customers()
    {
        while (killing) {
            const json post = next_post();
            auto writing = house.control(http::Method::post, "/control/posts", post);
            const Answer written = co_await std::move(writing);
            if (written.status != 201) {
                ADD_FAILURE() << "the simulator: " << written.text << written.failure;
                co_return;
            }
            const auto id = written.body.at("id").get<std::string>();
            customers_wrote.insert(id);
            what_they_wrote[id] = post.dump();
            for (const Account& account : accounts) {
                if (post.at("account") == account.name && post.at("kind") == "post") public_posts[account].push_back(id);
            }
            co_await house.pause(std::chrono::milliseconds(5 + below(static_cast<std::uint64_t>(between_messages.count()))));
        }
    }

    /// Answers what customers wrote last, and sends again what no 202 came for.
    asio::awaitable<void> agents()
    {
        while (killing) {
            auto listing = house.call(http::Method::get, "/v1/tickets?limit=30");
            const Answer page = co_await std::move(listing);
            if (page.status == 200) {
                for (const json& ticket : page.body.at("items")) write_reply(ticket);
            }
            co_await send_what_is_not_accepted();
            co_await house.pause(20ms);
        }
    }

    void write_reply(const json& ticket)
    {
        const auto id = ticket.at("id").get<std::int64_t>();
        const auto last = ticket.at("last_inbound_at").get<std::string>();
        if (std::exchange(answered[id], last) == last) return;
        Written reply;
        reply.ticket = id;
        reply.mark = "[" + std::to_string(replies.size()) + "]";
        reply.body = {{"text", "Buongiorno, ce ne occupiamo " + reply.mark}, {"visibility", ticket.at("visibility")}};
        replies.push_back(std::move(reply));
    }

    asio::awaitable<void> send_what_is_not_accepted()
    {
        for (std::size_t i = 0; i < replies.size(); ++i) {
            if (replies[i].id != 0) continue;
            auto sending = house.call(http::Method::post, "/v1/tickets/" + std::to_string(replies[i].ticket) + "/replies", replies[i].body,
                                      "key " + replies[i].mark);
            const Answer answer = co_await std::move(sending);
            if (answer.status == 202) replies[i].id = answer.body.at("id").get<std::int64_t>();
            else if (answer.status == 409 && answer.text.find("Idempotency-Key") != std::string::npos)
                continue; // the first try is at work still
            else if (answer.status != 0 && answer.status != 503) ADD_FAILURE() << "reply " << replies[i].mark << ": " << answer.text;
            if (answer.status == 0) co_return; // the server is down
        }
    }

    asio::awaitable<void> killer()
    {
        for (std::uint64_t kill = 0; kill < kills; ++kill) {
            co_await house.pause(std::chrono::milliseconds(below(900)));
            house.kill_server();
            auto starting = house.server_up();
            (void)co_await std::move(starting);
        }
        killing = false;
    }

    /// However slow the machine is, first everything works once.
    asio::awaitable<void> until_replies_are_accepted()
    {
        const auto latest = std::chrono::steady_clock::now() + 30s;
        const auto accepted = [this] {
            return std::count_if(replies.begin(), replies.end(), [](const Written& reply) { return reply.id != 0; });
        };
        while (accepted() < 5 && std::chrono::steady_clock::now() < latest) co_await house.pause(20ms);
    }

    /// What it is that goes wrong meanwhile.
    virtual asio::awaitable<void> mischief() { return killer(); }
    /// Somebody else who is there.
    virtual asio::awaitable<void> onlooker() { co_return; }

    void play()
    {
        std::exception_ptr failure;
        int running = 4;
        const auto ended = [&](const std::exception_ptr& error) {
            if (error) failure = error;
            if (error) killing = false;
            --running;
        };
        asio::co_spawn(house.io, customers(), ended);
        asio::co_spawn(house.io, agents(), ended);
        asio::co_spawn(house.io, onlooker(), ended);
        asio::co_spawn(house.io, mischief(), ended);
        house.io.restart();
        while (running > 0) house.io.run_one();
        if (failure) std::rethrow_exception(failure);
    }

    void everything_is_taken_in()
    {
        ASSERT_EQ(house.run(house.control(http::Method::del, "/control/faults")).status, 204);
        ASSERT_TRUE(house.eventually("every reply is accepted", [&] {
            house.run(sent_again());
            return std::all_of(replies.begin(), replies.end(), [](const Written& reply) { return reply.id != 0; });
        }));
        ASSERT_TRUE(house.eventually(
            "every message is threaded",
            [&] {
                return house.count("SELECT count(*) FROM message WHERE direction = 'inbound' AND ticket_id IS NOT NULL") >=
                       static_cast<std::int64_t>(customers_wrote.size());
            },
            180));
    }

    void let_it_settle()
    {
        everything_is_taken_in();
        // Sent, or held back by one of the same conversation whose outcome is unknown although it was looked for twice.
        ASSERT_TRUE(house.eventually(
            "the outbox comes to rest",
            [&] {
                return house.count("SELECT count(*) FROM reply_part p WHERE state IN ('reserved', 'sending') OR (state = 'unknown' AND "
                                   "reads < 2) OR "
                                   "(state = 'queued' AND NOT EXISTS (SELECT 1 FROM reply_part u WHERE u.channel = p.channel AND "
                                   "u.conversation = p.conversation AND u.state IN ('unknown', 'needs_decision')))") == 0;
            },
            90));
    }
    asio::awaitable<bool> sent_again()
    {
        co_await send_what_is_not_accepted();
        co_return true;
    }

    void expect_every_message_once()
    {
        // A ticket that changes while the pages are turned is listed again, by right.
        std::set<std::string> tickets;
        for (const json& ticket : house.list("/v1/tickets")) tickets.insert(ticket.at("id").dump());
        std::map<std::string, int> seen;
        for (const std::string& ticket : tickets) {
            for (const json& item : house.list("/v1/tickets/" + ticket + "/timeline")) {
                if (item.at("kind") == "message" && item.at("direction") == "inbound") ++seen[item.at("platform_id").get<std::string>()];
            }
        }
        for (const std::string& id : customers_wrote) EXPECT_EQ(seen[id], 1) << id << " " << what_they_wrote[id];
        EXPECT_EQ(seen.size(), customers_wrote.size());
    }

    /// @param looked_for  whether the platform was read back since
    void expect_every_reply_once_or_in_plain_sight(bool looked_for = true)
    {
        // First what is shown, then what is there: the outbox may be at work still, and what it publishes meanwhile is there later.
        std::vector<Answer> shown_of;
        for (const Written& reply : replies) {
            shown_of.push_back(reply.id == 0 ? Answer() : house.get("/v1/replies/" + std::to_string(reply.id)));
        }
        std::map<std::string, std::vector<std::string>> copies; // of each mark, by id
        for (const Account& account : accounts) {
            for (const json& item : house.truth(account.platform, account.name)) {
                const auto text = item.at("text").get<std::string>();
                if (item.at("own") == true) copies[text.substr(text.rfind('['))].push_back(item.at("id"));
            }
        }
        std::map<std::string, int> ends;
        for (std::size_t i = 0; i < replies.size(); ++i) {
            const Written& reply = replies[i];
            if (reply.id == 0) continue; // never accepted, which has been told
            const Answer& shown = shown_of[i];
            ASSERT_EQ(shown.status, 200) << "accepted, and gone: " << reply.mark;
            const auto state = shown.body.at("delivery").at("state").get<std::string>();
            const auto& there = copies[reply.mark];
            ++ends[state];
            EXPECT_LE(there.size(), 1u) << reply.mark << " stands on the platform more than once";
            if (state == "published") {
                ASSERT_EQ(there.size(), 1u) << reply.mark << " is shown as published";
                EXPECT_EQ(shown.body.at("delivery").at("platform_id"), there.front());
            } else if (looked_for) {
                // Looked for twice, it would have been found.
                EXPECT_TRUE(there.empty()) << reply.mark << " stands on the platform, and is shown as " << state;
                EXPECT_TRUE(state == "unknown" || state == "needs_decision" || state == "queued") << reply.mark << ": " << shown.text;
            }
            copies.erase(reply.mark);
        }
        for (const auto& [mark, ids] : copies) EXPECT_TRUE(ids.empty()) << "nobody wrote " << mark;
        for (const auto& [state, number] : ends) std::cout << number << " replies " << state << "\n";
        EXPECT_GT(ends["published"], 0);
    }
};

TEST_F(CrashLoop, NoMessageIsLostOrDoubleAndEachReplyIsThereOnceOrShownAsUnknown)
{
    std::cout << "SPORTELLO_SEED=" << seed << " SPORTELLO_CRASH_KILLS=" << kills << "\n";
    house.start_simulator();
    house.start_server();
    house.set_password(LiveHouse::agent);
    house.log_in();
    make_platforms_unreliable();
    play();
    let_it_settle();
    std::cout << kills << " kills, " << customers_wrote.size() << " messages, " << replies.size() << " replies\n";
    expect_every_message_once();
    expect_every_reply_once_or_in_plain_sight();
    EXPECT_EQ(house.stop_server(), 0);
}

// Read three times a second, X's own limits are used up within two minutes: 300 readings, and 15 of private messages, a quarter
// of an hour. A connector keeps to them until its platform tells of others.
constexpr int wide_limits = 500;

/// Three servers on one PostgreSQL: one after the other is killed at random, or stands still for longer than its lease and wakes.
/// SPORTELLO_NODES_SECONDS makes it longer.
class NodesLoop : public CrashLoop {
public:
    NodesLoop() : CrashLoop(three_nodes()) { between_messages = 200ms; }

protected:
    inline static std::string why;
    inline static bool there = false;
    static constexpr std::size_t nodes = 3;
    const std::uint64_t seconds = number_from_environment("SPORTELLO_NODES_SECONDS", 20);
    std::set<std::size_t> usable{0, 1, 2};
    std::array<std::vector<std::int64_t>, nodes> streams; ///< what each has seen
    int kills_done = 0;
    int stops_done = 0;

    static LiveHouseOptions three_nodes()
    {
        LiveHouseOptions options;
        options.nodes = nodes;
        options.rate_limits = wide_limits;
        options.postgresql = fresh_postgresql(why);
        there = !options.postgresql.empty();
        return options;
    }
    void SetUp() override
    {
        if (!there) GTEST_SKIP() << why;
        house.next_node = [this] { return usable.empty() ? 0 : *std::next(usable.begin(), static_cast<long>(below(usable.size()))); };
    }

    asio::awaitable<void> mischief() override
    {
        co_await until_replies_are_accepted();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
        for (bool sleep = true; std::chrono::steady_clock::now() < until; sleep = !sleep) {
            co_await house.pause(std::chrono::milliseconds(2500 + below(2500)));
            const std::size_t victim = below(nodes);
            if (sleep) co_await stop_for_a_while(victim);
            else co_await kill_and_restart(victim);
        }
        co_await house.pause(500ms);
        killing = false;
    }
    /// Longer than its lease; another one is killed meanwhile.
    asio::awaitable<void> stop_for_a_while(std::size_t sleeper)
    {
        usable.erase(sleeper);
        kill(house.server_pid(sleeper), SIGSTOP);
        ++stops_done;
        const auto wakes = std::chrono::steady_clock::now() + 3s;
        co_await house.pause(std::chrono::milliseconds(below(1000)));
        auto killed = kill_and_restart((sleeper + 1 + below(nodes - 1)) % nodes);
        co_await std::move(killed);
        while (std::chrono::steady_clock::now() < wakes) co_await house.pause(10ms);
        kill(house.server_pid(sleeper), SIGCONT);
        usable.insert(sleeper);
    }
    asio::awaitable<void> kill_and_restart(std::size_t node)
    {
        usable.erase(node);
        house.kill_server(node);
        ++kills_done;
        auto starting = house.server_up(node);
        (void)co_await std::move(starting);
        usable.insert(node);
    }

    /// Live streams, each resumed on any node where it broke off.
    asio::awaitable<void> onlooker() override
    {
        std::size_t following = streams.size();
        for (auto& seen : streams) {
            asio::co_spawn(house.io, follow(seen), [&following](const std::exception_ptr& failure) {
                --following;
                if (failure) std::rethrow_exception(failure);
            });
        }
        while (following > 0) co_await house.pause(50ms);
    }
    asio::awaitable<void> follow(std::vector<std::int64_t>& seen)
    {
        while (killing) {
            auto following = follow_events(house.io, house.server_port(house.next_node()), house.cookie(), seen, killing);
            co_await std::move(following);
            co_await house.pause(20ms);
        }
    }

    void expect_without_gap(std::vector<std::int64_t> seen_events)
    {
        const std::int64_t first = seen_events.front();
        std::vector<std::int64_t> all;
        for (std::int64_t since = first; all.empty() || since < seen_events.back();) {
            const Answer page = house.get("/v1/events?limit=200&since=" + std::to_string(since));
            ASSERT_EQ(page.status, 200) << page.text << page.failure;
            ASSERT_FALSE(page.body.at("items").empty());
            for (const json& event : page.body.at("items")) all.push_back(event.at("seq").get<std::int64_t>());
            since = all.back();
        }
        std::erase_if(all, [&](std::int64_t seq) { return seq > seen_events.back(); });
        seen_events.erase(seen_events.begin());
        EXPECT_EQ(seen_events, all);
        EXPECT_GT(seen_events.size(), 10u);
    }
};

/// Two servers on a PostgreSQL with a synchronous standby; the primary is lost, the standby promoted, and another one set up.
/// SPORTELLO_FAILOVERS makes it longer.
class FailoverLoop : public CrashLoop {
public:
    FailoverLoop() : CrashLoop(two_nodes()) {}

protected:
    inline static std::string why;
    inline static std::unique_ptr<PostgresPair> pair;
    asio::thread_pool beside{1}; ///< servers end with the thread that started them
    const std::uint64_t failovers = number_from_environment("SPORTELLO_FAILOVERS", 1);

    static LiveHouseOptions two_nodes()
    {
        pair = PostgresPair::start(why);
        LiveHouseOptions options;
        options.nodes = 2;
        options.rate_limits = wide_limits;
        options.postgresql = pair ? pair->url() : "postgresql:///none";
        return options;
    }
    ~FailoverLoop() override { pair.reset(); }
    void SetUp() override
    {
        if (!pair) GTEST_SKIP() << why;
        house.next_node = [this] { return below(2); };
    }

    asio::awaitable<void> mischief() override
    {
        co_await until_replies_are_accepted();
        for (std::uint64_t done = 0; done < failovers && killing; ++done) {
            co_await house.pause(std::chrono::milliseconds(700 + below(900)));
            std::packaged_task<std::string()> task([] { return pair->fail_over(); });
            auto failing_over = task.get_future();
            asio::post(beside, std::move(task));
            while (failing_over.wait_for(0s) != std::future_status::ready) co_await house.pause(10ms);
            const std::string failed = failing_over.get();
            EXPECT_EQ(failed, "");
            if (!failed.empty()) break;
            co_await house.pause(500ms);
        }
        killing = false;
    }
};

TEST_F(FailoverLoop, NothingAcknowledgedIsLostWithThePrimary)
{
    std::cout << "SPORTELLO_SEED=" << seed << " SPORTELLO_FAILOVERS=" << failovers << "\n";
    house.start_simulator();
    for (std::size_t node = 0; node < 2; ++node) (void)house.run(house.server_up(node));
    house.set_password(LiveHouse::agent);
    house.log_in();
    play();
    everything_is_taken_in();
    std::cout << failovers << " fail-overs, " << customers_wrote.size() << " messages, " << replies.size() << " replies\n";
    expect_every_message_once();
    expect_every_reply_once_or_in_plain_sight(false);
    EXPECT_GE(house.count("SELECT count(*) FROM event WHERE type = 'outbox.quarantined'"), static_cast<std::int64_t>(failovers));
    EXPECT_EQ(house.server_log().find("no synchronous standby"), std::string::npos);
}

TEST_F(NodesLoop, AnyNodeMayDieOrStandStill)
{
    std::cout << "SPORTELLO_SEED=" << seed << " SPORTELLO_NODES_SECONDS=" << seconds << "\n";
    house.start_simulator();
    for (std::size_t node = 0; node < nodes; ++node) (void)house.run(house.server_up(node));
    house.set_password(LiveHouse::agent);
    house.log_in();
    const std::int64_t newest = house.count("SELECT coalesce(max(seq), 0) FROM event");
    for (auto& seen : streams) seen.push_back(newest);
    make_platforms_unreliable();
    play();
    EXPECT_NE(house.server_log().find("no synchronous standby"), std::string::npos);
    const bool to_the_end = seconds > 30;
    if (to_the_end) let_it_settle();
    else everything_is_taken_in();
    std::cout << kills_done << " kills, " << stops_done << " nodes stood still, " << customers_wrote.size() << " messages, "
              << replies.size() << " replies, " << streams.front().size() << " events on each of " << streams.size() << " streams\n";
    expect_every_message_once();
    expect_every_reply_once_or_in_plain_sight(to_the_end);
    for (const auto& seen : streams) expect_without_gap(seen);
}

} // namespace
} // namespace sportello::test
