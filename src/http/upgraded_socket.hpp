#pragma once

#include <sportello/http/message.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>

namespace sportello::http {

/// The server's side of a WebSocket, from the handshake to the end of its last operation.
class UpgradedSocket : public WebSocket {
public:
    /// Answers 101 with `headers` added. @return false when the peer is gone or its request is no proper upgrade.
    virtual boost::asio::awaitable<bool> accept(const Request& request, const Headers& headers) = 0;
    /// Closes, if still open, and waits until nothing is under way any more (a few seconds at most).
    virtual boost::asio::awaitable<void> finish() = 0;
    /// How long a peer may take nothing of what waits for it; 30 s unless told.
    virtual void set_patience(std::chrono::milliseconds patience) = 0;
    /// Drops the connection at once.
    virtual void abort() = 0;
};

[[nodiscard]] std::shared_ptr<UpgradedSocket> make_upgraded_socket(boost::asio::ip::tcp::socket socket);
[[nodiscard]] std::shared_ptr<UpgradedSocket> make_upgraded_socket(boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream);

/// Whether the request asks for a WebSocket (RFC 6455, 4.2.1).
[[nodiscard]] bool is_websocket_upgrade(const Request& request);

} // namespace sportello::http
