#pragma once

#include "wire.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sportello::http {

/// Connections that are kept for the next request to the same server.
class ConnectionPool {
public:
    explicit ConnectionPool(std::size_t limit_per_server) : limit_per_server_(limit_per_server) {}

    /// A connection on which the peer has said nothing since, the last used first; null when there is none.
    [[nodiscard]] std::unique_ptr<Wire> take(const std::string& server);
    void put(const std::string& server, std::unique_ptr<Wire> wire);

private:
    struct Idle {
        std::unique_ptr<Wire> wire;
        std::chrono::steady_clock::time_point since;
    };
    void drop_old();

    std::size_t limit_per_server_;
    std::map<std::string, std::vector<Idle>> idle_;
};

} // namespace sportello::http
