#include "platforms.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace sportello::test {
namespace {

const std::string corpus_file = std::string(SPORTELLO_SOURCE_DIR) + "/../shared/data/support-conversations.ndjson";

class Player : public Platforms {
protected:
    Player()
        : Platforms([] {
              simulator::SimulatorOptions options;
              options.rate_limit_scale = 0;
              return options;
          }())
    {
    }
    void start(const std::string& name, std::vector<simulator::PlayRow> rows, double speed)
    {
        simulator.load(name, std::move(rows));
        boost::asio::co_spawn(io, simulator.play(name, speed), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
        });
        clock.run_for(io, 0s);
    }
};

TEST_F(Player, TheScenarioArrivesMessageByMessage)
{
    const auto rows = simulator::read_scenario(std::string(SPORTELLO_SOURCE_DIR) + "/config/scenario-demo.ndjson");
    ASSERT_TRUE(rows) << rows.error().what();
    ASSERT_GE(rows->size(), 50U);
    start("scenario", *rows, 2);
    const auto at_once = simulator.progress().played;
    EXPECT_GT(at_once, 3U);
    EXPECT_LT(at_once, 12U);
    clock.run_for(io, 10s);
    EXPECT_EQ(simulator.progress().played, at_once + 1) << "twenty seconds of the scenario at double speed";
    clock.run_for(io, 1h);
    EXPECT_EQ(simulator.progress().played, rows->size());
    EXPECT_EQ(simulator.world().items().size(), rows->size()) << "every row could be written";
}

class Corpus : public Player {
protected:
    void SetUp() override
    {
        if (!std::filesystem::exists(corpus_file)) GTEST_SKIP() << corpus_file << " is not here";
        auto corpus = simulator::read_corpus(corpus_file);
        ASSERT_TRUE(corpus) << corpus.error().what();
        accounts = corpus->accounts;
        for (const auto& account : accounts) simulator.world().add_account(account);
        start("corpus", std::move(corpus->rows), 0);
    }
    /// Every row of a paged X list, read as a client does.
    std::map<std::string, json> read_all(const simulator::Account& account, const std::string& list)
    {
        std::map<std::string, json> rows;
        std::string token;
        do {
            const auto path = "/2/users/" + account.id + "/" + list +
                              "?max_results=100&tweet.fields=author_id,created_at,note_tweet,entities,referenced_"
                              "tweets,conversation_id" +
                              (token.empty() ? "" : "&pagination_token=" + token);
            const auto body = json::parse(get(path, simulator::access_token(account)).body);
            for (const auto& row : body.value("data", json::array())) rows[row["id"].get<std::string>()] = row;
            token = body["meta"].value("next_token", "");
        } while (!token.empty());
        return rows;
    }
    std::vector<simulator::Account> accounts;
};

std::string plain_text(const json& row)
{
    const auto& from = row.contains("note_tweet") ? row["note_tweet"] : row;
    auto text = from["text"].get<std::string>();
    for (const auto& url : from.value("entities", json::object()).value("urls", json::array())) {
        const auto link = url["url"].get<std::string>();
        text.replace(text.find(link), link.size(), url["expanded_url"].get<std::string>());
    }
    for (const auto& [escaped, plain] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
        for (auto at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1))
            text.replace(at, std::string(escaped).size(), plain);
    }
    return text;
}

TEST_F(Corpus, EveryPostIsServedOnceWithTheFilesIdTimeAndText)
{
    EXPECT_EQ(simulator.progress().played, 1205U);
    EXPECT_EQ(simulator.progress().total, 1205U);
    EXPECT_EQ(accounts.size(), 24U);
    std::map<std::string, json> customers, companies;
    std::size_t rows = 0;
    for (const auto& account : accounts) {
        for (auto& [id, row] : read_all(account, "mentions")) ++rows, customers[id] = row;
        for (auto& [id, row] : read_all(account, "tweets")) ++rows, companies[id] = row;
    }
    EXPECT_EQ(customers.size(), 603U);
    EXPECT_EQ(companies.size(), 602U);
    EXPECT_EQ(rows, 1205U) << "no post reaches two accounts";

    std::ifstream file(corpus_file);
    std::set<std::string> roots;
    for (std::string line; std::getline(file, line);) {
        const auto wanted = json::parse(line);
        const auto id = wanted["id"].get<std::string>();
        const auto& list = wanted["inbound"].get<bool>() ? customers : companies;
        ASSERT_TRUE(list.contains(id)) << id;
        const auto& row = list.at(id);
        EXPECT_EQ(plain_text(row), wanted["text"].get<std::string>()) << id;
        EXPECT_EQ(row["created_at"], wanted["at"]);
        if (!wanted["in_reply_to"].is_null()) { EXPECT_EQ(row["referenced_tweets"][0]["id"], wanted["in_reply_to"]); }
        roots.insert(row["conversation_id"].get<std::string>());
    }
    EXPECT_EQ(roots.size(), 523U);
}

TEST_F(Corpus, AgesDoNotMatter)
{
    const auto& account = accounts.front();
    const auto root = read_all(account, "mentions").begin()->first;
    const auto reply =
        post("/2/tweets", {{"text", "We are on it"}, {"reply", {{"in_reply_to_tweet_id", root}}}}, simulator::access_token(account));
    EXPECT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(get("/2/tweets/search/recent?query=conversation_id:" + root, simulator::access_token(account)).status, 200);
}

} // namespace
} // namespace sportello::test
