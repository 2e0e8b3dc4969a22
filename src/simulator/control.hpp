#pragma once

#include "house.hpp"

#include <functional>

namespace sportello::simulator {

/// The control API, by which tests and demonstrations act as customers, turn the clock, give the platforms bad habits and
/// read the truth. Not a platform's: no tokens. Its calls are listed in README.md beside this file.
class Control {
public:
    Control(House& house, std::function<Simulator::Progress()> progress) : house_(house), progress_(std::move(progress)) {}
    http::Response serve(const http::Request& request);

private:
    http::Response add_post(const http::Request& request);
    http::Response change_post(const http::Request& request, const std::string& id);
    http::Response truth(const http::Request& request) const;
    http::Response add_fault(const http::Request& request);
    http::Response set_token(const http::Request& request);
    http::Response set_permissions(const http::Request& request);
    http::Response set_quirks(const http::Request& request);
    http::Response set_x(const http::Request& request);
    http::Response turn_clock(const http::Request& request);
    http::Response webhooks(const http::Request& request);
    http::Response list_accounts() const;

    House& house_;
    std::function<Simulator::Progress()> progress_;
};

} // namespace sportello::simulator
