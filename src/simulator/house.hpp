#pragma once

#include <sportello/simulator/simulator.hpp>

#include <functional>

namespace sportello::simulator {

/// What every part of the simulator stands on.
struct House {
    base::Clock& clock;
    base::Random& random;
    SimulatorOptions options;
    World world{random};
    Faults faults{random};
};

/// Runs one API call the way the fault that hits it, if any, wants.
/// @param refuse  renders the platform's own answer for too_many, unauthorized and server_error
boost::asio::awaitable<http::Response> run_with_faults(House& house, Platform platform, std::string account, Endpoint endpoint,
                                                       std::function<http::Response(const Fault&)> refuse,
                                                       std::function<http::Response()> act);

} // namespace sportello::simulator
