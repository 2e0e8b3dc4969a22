#pragma once

#include "load_client.hpp"

#include <sys/types.h>

#include <cstdint>

namespace sportello::bench {

/// A server of Beast alone in a process of its own, one thread: it reads a request and sends the same answer again and
/// again, header fields and body as `answer` has them.
class BareServer {
public:
    explicit BareServer(const RawAnswer& answer);
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
