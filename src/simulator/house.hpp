#pragma once

#include "file_store.hpp"
#include "graph_book.hpp"
#include "graph_quirks.hpp"
#include "shifted_clock.hpp"
#include "webhooks.hpp"
#include "x_settings.hpp"
#include <sportello/simulator/simulator.hpp>

#include <functional>
#include <map>

namespace sportello::simulator {

/// Where the world keeps how far the clock was put forward, in microseconds.
inline constexpr const char* clock_key = "clock.shift";

/// What every part of the simulator stands on.
struct House {
    ShiftedClock& clock;
    base::Random& random;
    SimulatorOptions options;
    World world{random};
    Faults faults{random};
    std::map<std::size_t, GraphQuirks> quirks{}; ///< by the Page's place among the accounts
    Webhooks webhooks{clock};
    GraphBook book{world, clock, random};
    FileStore files{};
    XSettings x{};
};

/// Runs one API call the way the fault that hits it, if any, wants.
/// @param refuse  renders the platform's own answer for too_many, unauthorized, server_error and error
boost::asio::awaitable<http::Response> run_with_faults(House& house, Platform platform, std::string account, Endpoint endpoint,
                                                       std::function<http::Response(const Fault&)> refuse,
                                                       std::function<http::Response()> act);

} // namespace sportello::simulator
