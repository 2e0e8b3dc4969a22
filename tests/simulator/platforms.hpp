#pragma once

#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include <sportello/simulator/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sportello::test {

using namespace std::chrono_literals;
using nlohmann::json;
using simulator::Kind;
using simulator::Platform;

inline constexpr const char* page = "104000000000002";
inline constexpr const char* page_token = "sim-facebook-104000000000002";
inline constexpr const char* handle = "TIM_Sportello";
inline constexpr const char* user = "3001000002";
inline constexpr const char* bearer = "sim-twitter-TIM_Sportello";

/// The simulator under a clock that the test turns, and short ways to call it as its clients do.
class Platforms : public testing::Test {
protected:
    Platforms() : Platforms(simulator::SimulatorOptions{}) {}
    explicit Platforms(simulator::SimulatorOptions options) : simulator(clock, random, std::move(options)), transport(simulator.handler())
    {
    }

    http::Exchange send(http::ClientRequest request, base::Duration at_most = 2min)
    {
        std::optional<http::Exchange> got;
        boost::asio::co_spawn(io, transport.send(std::move(request)), [&](const std::exception_ptr& error, http::Exchange exchange) {
            if (error) std::rethrow_exception(error);
            got = std::move(exchange);
        });
        const auto end = clock.now() + at_most;
        clock.run_for(io, 0s);
        while (!got && clock.now() < end) clock.run_for(io, 1s);
        if (!got) throw std::runtime_error("no answer within the time of the test");
        return std::move(*got);
    }
    http::Response call(http::ClientRequest request)
    {
        auto exchange = send(std::move(request));
        if (!exchange.response) throw std::runtime_error("no answer: " + exchange.failure);
        return std::move(*exchange.response);
    }
    http::Response get(const std::string& url, const std::string& token)
    {
        http::ClientRequest request;
        request.url = url.starts_with("http") ? url : "http://simulator.test" + url;
        if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
        return call(std::move(request));
    }
    http::ClientRequest with_body(http::Method method, const std::string& path, const json& body, const std::string& token)
    {
        http::ClientRequest request;
        request.method = method;
        request.url = "http://simulator.test" + path;
        request.headers.set("Content-Type", "application/json");
        if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
        request.body = body.dump();
        return request;
    }
    http::Response post(const std::string& path, const json& body, const std::string& token = "")
    {
        return call(with_body(http::Method::post, path, body, token));
    }
    json graph(const std::string& path) { return json::parse(get("/graph/v25.0" + path, page_token).body); }
    json x(const std::string& path) { return json::parse(get("/x/2" + path, bearer).body); }

    std::string writes(Platform platform, Kind kind, const std::string& author, const std::string& text,
                       const std::string& in_reply_to = "")
    {
        simulator::NewItem item;
        item.platform = platform;
        item.account = platform == Platform::facebook ? page : handle;
        item.kind = kind;
        item.author = author;
        item.text = text;
        item.in_reply_to = in_reply_to;
        clock.set(clock.now() + 1s); // people do not write at the same moment
        const auto id = simulator.write(item);
        EXPECT_TRUE(id) << (id ? "" : id.error().what());
        return id ? *id : "";
    }
    std::string visitor_posts(const std::string& text, const std::string& author = "Mario Rossi")
    {
        return writes(Platform::facebook, Kind::post, author, text);
    }
    std::string mentions(const std::string& text, const std::string& author = "mario", const std::string& in_reply_to = "")
    {
        return writes(Platform::twitter, Kind::mention, author, text, in_reply_to);
    }

    boost::asio::io_context io;
    ManualClock clock;
    SeededRandom random{7};
    simulator::Simulator simulator;
    InProcessTransport transport;
};

/// The ids of the rows under `data`.
inline std::vector<std::string> ids(const json& body)
{
    std::vector<std::string> all;
    for (const auto& row : body.value("data", json::array())) all.push_back(row.at("id").get<std::string>());
    return all;
}

} // namespace sportello::test
