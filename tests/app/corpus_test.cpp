#include "server_process.hpp"

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Post {
    std::string brand, root;
    bool inbound = false;
};

/// The posts of the file, each once, by id.
std::map<std::string, Post> read_posts(const std::filesystem::path& file)
{
    std::map<std::string, Post> posts;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const json row = json::parse(line);
        const auto id = row.at("id").get<std::string>();
        const auto& parent = row.at("in_reply_to");
        const auto before = parent.is_null() ? posts.end() : posts.find(parent.get<std::string>()); // the file is in time order
        posts.emplace(id, Post{row.at("brand"), before == posts.end() ? id : before->second.root, row.at("inbound")});
    }
    return posts;
}

/// 525 real public conversations, played through both programs. Data for tests that is not part of the project: without
/// it there is nothing to play.
class Corpus : public testing::Test {
protected:
    void SetUp() override
    {
        if (!std::filesystem::exists(file)) GTEST_SKIP() << "the recorded conversations (" << file << ") are not here";
        posts = read_posts(file);
        ASSERT_EQ(posts.size(), 1205u);
        LiveHouseOptions options;
        options.corpus = file;
        house = std::make_unique<LiveHouse>(options);
        house->start_simulator();
    }

    void log_in()
    {
        house->set_password(LiveHouse::agent);
        house->log_in();
    }
    std::int64_t stored() { return house->count("SELECT count(*) FROM message"); }
    void wait_until_all_is_in()
    {
        ASSERT_TRUE(house->eventually(
            "1,205 posts are stored and threaded",
            [&] { return stored() >= 1205 && house->count("SELECT count(*) FROM message WHERE intake = 'new'") == 0; }, 60));
    }
    /// Another poll of every account has ended since now.
    void wait_for_another_round()
    {
        const std::int64_t before = house->count("SELECT coalesce(max(last_poll_at), 0) FROM channel_state WHERE channel LIKE '%-x'");
        ASSERT_TRUE(house->eventually(
            "every account is polled again",
            [&] { return house->count("SELECT min(coalesce(last_poll_at, 0)) FROM channel_state WHERE channel LIKE '%-x'") > before; },
            60));
    }

    /// All that the issue promises about the corpus, asked of the API.
    void expect_every_post_in_its_ticket()
    {
        EXPECT_EQ(stored(), 1205);
        EXPECT_EQ(house->count("SELECT count(DISTINCT platform_id) FROM message WHERE direction = 'inbound'"), 603);
        EXPECT_EQ(house->count("SELECT count(*) FROM message WHERE direction = 'inbound'"), 603);
        std::map<std::string, std::set<std::int64_t>> tickets_of_root;
        std::map<std::string, int> seen;
        std::vector<json> all = house->list("/v1/tickets");
        for (const char* aside : {"noise", "spam"}) { // what asks nobody anything stands apart, and is there all the same
            for (const json& ticket : house->list(std::string("/v1/tickets?aside=") + aside)) all.push_back(ticket);
        }
        for (const json& ticket : all) {
            const auto id = ticket.at("id").get<std::int64_t>();
            bool opened = false;
            for (const json& item : house->list("/v1/tickets/" + std::to_string(id) + "/timeline")) {
                if (item.at("kind") != "message") continue;
                const auto post = posts.find(item.at("platform_id").get<std::string>());
                ASSERT_NE(post, posts.end()) << item;
                EXPECT_EQ(item.at("direction"), post->second.inbound ? "inbound" : "outbound");
                opened = opened || post->second.inbound;
                ++seen[post->first];
                tickets_of_root[post->second.root].insert(id);
            }
            EXPECT_TRUE(opened) << "ticket " << id << " was opened by no customer";
        }
        EXPECT_EQ(seen.size(), posts.size());
        for (const auto& [id, times] : seen) EXPECT_EQ(times, 1) << id;
        EXPECT_EQ(tickets_of_root.size(), 523u);
        for (const auto& [root, tickets] : tickets_of_root) EXPECT_EQ(tickets.size(), 1u) << "the posts under " << root << " lie apart";
    }

    const std::filesystem::path file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/data/support-conversations.ndjson";
    std::map<std::string, Post> posts;
    std::unique_ptr<LiveHouse> house;
};

TEST_F(Corpus, EveryPostIsStoredOnceInItsTicketAndPlayingAgainChangesNothing)
{
    house->start_server();
    log_in();
    wait_until_all_is_in();
    expect_every_post_in_its_ticket();
    const std::int64_t tickets = house->count("SELECT count(*) FROM ticket");

    EXPECT_EQ(house->stop_server(), 0);
    house->restart_simulator(true); // the same posts, written once more on platforms that remember nothing
    house->start_server();
    wait_for_another_round();
    EXPECT_EQ(house->count("SELECT count(*) FROM ticket"), tickets);
    expect_every_post_in_its_ticket();
}

TEST_F(Corpus, KilledAtAnyMomentItGoesOn)
{
    const char* given = std::getenv("SPORTELLO_SEED");
    std::mt19937_64 random(given ? std::strtoull(given, nullptr, 10) : 7);
    for (int kills = 0; kills < 6; ++kills) {
        house->start_server();
        // Somewhere within the next hundred posts, and then a moment later.
        const std::int64_t until = std::min<std::int64_t>(1200, stored() + static_cast<std::int64_t>(random() % 200));
        ASSERT_TRUE(house->eventually(
            "some posts more", [&] { return stored() >= until; }, 60));
        boost::asio::steady_timer(house->io, std::chrono::milliseconds(random() % 40)).wait();
        house->kill_server();
    }
    house->start_server();
    log_in();
    wait_until_all_is_in();
    wait_for_another_round();
    expect_every_post_in_its_ticket();
}

} // namespace
} // namespace sportello::test
