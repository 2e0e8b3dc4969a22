#pragma once

#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include <sportello/simulator/simulator.hpp>

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
    explicit Platforms(simulator::SimulatorOptions options);

    http::Exchange send(http::ClientRequest request, base::Duration at_most = 2min);
    http::Response call(http::ClientRequest request);
    http::Response get(const std::string& url, const std::string& token);
    http::ClientRequest with_body(http::Method method, const std::string& path, const json& body, const std::string& token);
    http::Response post(const std::string& path, const json& body, const std::string& token = "");
    json graph(const std::string& path) { return json::parse(get("/graph/v25.0" + path, page_token).body); }
    json x(const std::string& path) { return json::parse(get("/x/2" + path, bearer).body); }

    std::string writes(Platform platform, Kind kind, const std::string& author, const std::string& text,
                       const std::string& in_reply_to = "");
    std::string visitor_posts(const std::string& text, const std::string& author = "Mario Rossi");
    std::string mentions(const std::string& text, const std::string& author = "mario", const std::string& in_reply_to = "");

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
