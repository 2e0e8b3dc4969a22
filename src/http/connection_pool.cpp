#include "connection_pool.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace sportello::http {
namespace {

/// Servers commonly close after 60 s or more; a connection younger than this is unlikely to end under our hands.
constexpr auto longest_idle = std::chrono::seconds(30);

/// A peer has nothing to say on an idle connection: what can be read is its end (or nonsense).
bool is_quiet(Wire& wire)
{
    char byte = 0;
    const auto size = ::recv(wire.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

} // namespace

std::unique_ptr<Wire> ConnectionPool::take(const std::string& server)
{
    drop_old();
    const auto found = idle_.find(server);
    if (found == idle_.end()) return nullptr;
    auto& connections = found->second;
    while (!connections.empty()) {
        std::unique_ptr<Wire> wire = std::move(connections.back().wire);
        connections.pop_back();
        if (is_quiet(*wire)) return wire;
    }
    return nullptr;
}

void ConnectionPool::put(const std::string& server, std::unique_ptr<Wire> wire)
{
    drop_old();
    auto& connections = idle_[server];
    if (connections.size() < limit_per_server_) connections.push_back({std::move(wire), std::chrono::steady_clock::now()});
}

void ConnectionPool::drop_old()
{
    const auto oldest = std::chrono::steady_clock::now() - longest_idle;
    for (auto& [server, connections] : idle_) {
        std::erase_if(connections, [oldest](const Idle& idle) { return idle.since < oldest; });
    }
    std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

} // namespace sportello::http
