#include "tenures.hpp"

#include "support/manual_clock.hpp"
#include "support/test_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A node's way to the database, which can be cut.
class Wire final : public storage::Database {
public:
    explicit Wire(storage::Database& inner) : inner_(inner) {}
    void on_commit(std::function<void()> callback) override { inner_.on_commit(std::move(callback)); }
    bool cut = false;

protected:
    asio::awaitable<void> perform_work(Work& work, bool writes) override
    {
        if (cut) work.fail(base::Error(base::ErrorKind::unavailable, "cut off"));
        else co_await perform_on(inner_, work, writes);
    }
    void run_now(Work& work, bool writes) override { run_now_on(inner_, work, writes); }

private:
    storage::Database& inner_;
};

/// One node with three duties; what it does is who it is.
struct Node {
    Node(asio::io_context& io, storage::Database& db, base::Clock& clock, const std::string& name)
        : wire(db), tenures(io.get_executor(), wire, clock, name, duties())
    {
        asio::co_spawn(io, tenures.run(), asio::detached);
    }
    std::vector<Duty> duties()
    {
        std::vector<Duty> all;
        for (const std::string duty : {"channel:a", "channel:b", "outbox"}) {
            all.push_back({.name = duty,
                           .begin =
                               [this, duty](std::shared_ptr<storage::Database> fenced) {
                                   doing.insert(duty);
                                   databases[duty] = std::move(fenced);
                               },
                           .end = [this, duty]() -> asio::awaitable<void> {
                               doing.erase(duty);
                               co_return;
                           }});
        }
        return all;
    }

    Wire wire;
    std::set<std::string> doing;
    std::map<std::string, std::shared_ptr<storage::Database>> databases;
    Tenures tenures;
};

class TenuresTest : public testing::Test {
protected:
    TenuresTest() { db = sportello::test::open_database(":memory:", clock); }
    ~TenuresTest() override
    {
        for (const auto& node : nodes) asio::co_spawn(io, node->tenures.stop(), asio::detached);
        clock.run_for(io, 1min);
    }

    Node& start(const std::string& name) { return *nodes.emplace_back(std::make_unique<Node>(io, *db, clock, name)); }
    /// Turns the clock second by second; never do two nodes the same.
    void run_for(std::chrono::seconds time)
    {
        for (std::chrono::seconds passed{0}; passed < time; ++passed) {
            clock.run_for(io, 1s);
            std::multiset<std::string> done;
            for (const auto& node : nodes) done.insert(node->doing.begin(), node->doing.end());
            for (const std::string& duty : done) ASSERT_EQ(done.count(duty), 1u) << duty;
        }
    }
    [[nodiscard]] std::size_t all_done() const
    {
        std::size_t done = 0;
        for (const auto& node : nodes) done += node->doing.size();
        return done;
    }

    test::ManualClock clock;
    asio::io_context io;
    std::unique_ptr<storage::Database> db;
    std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(TenuresTest, OneNodeDoesEverything)
{
    const Node& only = start("a");
    run_for(10s);
    EXPECT_EQ(only.doing.size(), 3u);
}

TEST_F(TenuresTest, ASecondNodeGetsItsShare)
{
    start("a");
    run_for(10s);
    start("b");
    run_for(30s);
    EXPECT_EQ(nodes[0]->doing.size(), 2u);
    EXPECT_EQ(nodes[1]->doing.size(), 1u);
}

TEST_F(TenuresTest, WhatANodeGivesBackIsTakenAtOnce)
{
    Node& first = start("a");
    start("b");
    run_for(30s);
    asio::co_spawn(io, first.tenures.stop(), asio::detached);
    run_for(8s);
    EXPECT_EQ(first.doing.size(), 0u);
    run_for(20s); // until it is known that there is nobody else to share with
    EXPECT_EQ(nodes[1]->doing.size(), 3u);
}

TEST_F(TenuresTest, ANodeThatIsCutOffStopsBeforeAnotherBegins)
{
    Node& first = start("a");
    run_for(10s);
    start("b");
    start("c");
    run_for(40s);
    EXPECT_EQ(all_done(), 3u);
    const auto had = first.doing;
    ASSERT_FALSE(had.empty());
    first.wire.cut = true;
    run_for(60s);
    EXPECT_TRUE(first.doing.empty());
    EXPECT_EQ(all_done(), 3u);
    first.wire.cut = false;
    run_for(60s);
    EXPECT_EQ(all_done(), 3u);
    EXPECT_EQ(first.doing.size(), 1u) << "it takes part again";
}

/// A process that stands still knows nothing of it until it wakes; then its units must fail.
TEST_F(TenuresTest, ANodeThatStoodStillDoesNoHarmWhenItWakes)
{
    const Node& sleeper = start("a");
    run_for(10s);
    const auto of_before = sleeper.databases.at("outbox");
    nodes[0]->wire.cut = true; // stands for a process that renews nothing
    start("b");
    run_for(60s);
    EXPECT_EQ(nodes[1]->doing.size(), 3u);
    nodes[0]->wire.cut = false;
    auto write = [](storage::Transaction& tx) -> base::Result<int> {
        tx.run("INSERT INTO customer (name, created_at) VALUES ('x', 1)");
        return 1;
    };
    EXPECT_FALSE(of_before->write_now(write));
    EXPECT_TRUE(nodes[1]->databases.at("outbox")->write_now(write));
}

} // namespace
} // namespace sportello::engine
