#pragma once

#include "load_client.hpp"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace sportello::bench {

/// What a bare server does for each request before it answers. @param target  of the request
using BareWork = std::function<void(std::string_view target)>;

/// A server of Beast alone in a process of its own, one thread: it reads a request, does its work, and sends the same answer
/// again and again, header fields and body as `answer` has them.
class BareServer {
public:
    /// @param make_work  called once in the server's own process; empty: there is no work
    explicit BareServer(const RawAnswer& answer, const std::function<BareWork()>& make_work = {});
    ~BareServer();
    BareServer(const BareServer&) = delete;
    BareServer& operator=(const BareServer&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

/// A WebSocket server of Beast alone in a process of its own, one thread: each text that a client says goes out to all
/// that are connected.
class BareFanOut {
public:
    BareFanOut();
    ~BareFanOut();
    BareFanOut(const BareFanOut&) = delete;
    BareFanOut& operator=(const BareFanOut&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

} // namespace sportello::bench
