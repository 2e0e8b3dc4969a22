#include "platforms.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace sportello::test {
namespace {

class Kept : public testing::Test {
protected:
    Kept() : directory(std::filesystem::temp_directory_path() / ("sportello-simulator-" + std::to_string(::getpid())))
    {
        std::filesystem::remove_all(directory);
        options.data_dir = directory;
    }
    ~Kept() override { std::filesystem::remove_all(directory); }
    std::filesystem::path directory;
    simulator::SimulatorOptions options;
    ManualClock clock;
    SeededRandom random{1};
};

TEST_F(Kept, AWorldReadAgainIsTheSameWorld)
{
    std::string tweet, edited;
    {
        simulator::Simulator first(clock, random, options);
        ASSERT_TRUE(first.open());
        simulator::NewItem item;
        item.platform = Platform::twitter;
        item.account = handle;
        item.kind = Kind::mention;
        item.author = "mario";
        item.text = "uno\nè";
        tweet = *first.write(item);
        edited = *first.world().edit(tweet, "due", clock.now());
    }
    std::ofstream(directory / "world.ndjson", std::ios::app) << R"({"do":"item","pla)"; // cut off by a crash
    simulator::Simulator second(clock, random, options);
    ASSERT_TRUE(second.open());
    EXPECT_EQ(second.world().accounts().size(), 6U);
    const auto* item = second.world().find(Platform::twitter, edited);
    ASSERT_NE(item, nullptr);
    EXPECT_EQ(item->id, tweet);
    EXPECT_EQ(item->versions.front().text, "uno\nè");
    EXPECT_TRUE(second.world().erase(tweet, clock.now()));
}

TEST_F(Kept, WhatBecameOfItemsAndTheClockIsKept)
{
    using http::Method;
    const auto ask = [&](simulator::Simulator& simulator, Method method, const std::string& path, const json& body = json()) {
        InProcessTransport way(simulator.handler());
        http::ClientRequest request;
        request.method = method;
        request.url = "http://simulator.test" + path;
        request.headers.set("Content-Type", "application/json");
        if (!body.is_null()) request.body = body.dump();
        std::optional<http::Exchange> got;
        boost::asio::io_context io;
        boost::asio::co_spawn(io, way.send(request),
                              [&](const std::exception_ptr&, http::Exchange exchange) { got = std::move(exchange); });
        clock.run_for(io, 0s);
        return got.value().response.value().body;
    };
    std::string truth, now;
    {
        simulator::Simulator first(clock, random, options);
        ASSERT_TRUE(first.open());
        simulator::NewItem item;
        item.account = page;
        item.author = "Anna";
        item.text = "uno";
        item.media = {{"image", "https://scontent.example/1.jpg", "1.jpg"}, {"link", "https://example.org/", ""}};
        const auto post = *first.write(item);
        item.kind = Kind::comment;
        item.in_reply_to = post;
        const auto comment = *first.write(item);
        ASSERT_TRUE(first.world().mark(comment, simulator::World::Mark::hidden, true));
        ASSERT_TRUE(first.world().mark(post, simulator::World::Mark::liked, true));
        ASSERT_TRUE(first.world().edit(comment, "due", clock.now(), false));
        ASSERT_TRUE(first.world().withhold(page, {"pages_messaging"}));
        ask(first, Method::post, "/control/clock", {{"advance_s", 7200}});
        truth = ask(first, Method::get, "/control/truth");
        now = ask(first, Method::get, "/control/clock");
    }
    simulator::Simulator second(clock, random, options);
    ASSERT_TRUE(second.open());
    EXPECT_EQ(ask(second, Method::get, "/control/truth"), truth);
    EXPECT_EQ(ask(second, Method::get, "/control/clock"), now);
    EXPECT_EQ(second.world().accounts()[1].withheld, std::set<std::string>{"pages_messaging"});
}

TEST_F(Kept, ADirectoryInUseOrDamagedIsToldApart)
{
    simulator::Simulator first(clock, random, options);
    ASSERT_TRUE(first.open());
    simulator::Simulator second(clock, random, options);
    const auto opened = second.open();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().what().find("in use"), std::string::npos);
}

TEST_F(Kept, APlayGoesOnWhereItStopped)
{
    std::vector<simulator::PlayRow> rows(3);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].after = i * 1min;
        rows[i].item.platform = Platform::facebook;
        rows[i].item.account = page;
        rows[i].item.author = "Anna";
        rows[i].item.text = "messaggio " + std::to_string(i);
    }
    const auto play_for = [&](base::Duration time) {
        boost::asio::io_context io;
        simulator::Simulator simulator(clock, random, options);
        EXPECT_TRUE(simulator.open());
        simulator.load("day", rows);
        boost::asio::co_spawn(io, simulator.play("day", 1), [](const std::exception_ptr&) {});
        clock.run_for(io, time);
        EXPECT_EQ(simulator.progress().played, simulator.world().items().size());
        return simulator.progress().played;
    };
    EXPECT_EQ(play_for(1min + 30s), 2U);
    EXPECT_EQ(play_for(0s), 3U) << "the row it stopped at comes first";
    EXPECT_EQ(play_for(10min), 3U);
}

} // namespace
} // namespace sportello::test
