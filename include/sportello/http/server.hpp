#pragma once

#include <sportello/base/error.hpp>
#include <sportello/http/message.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sportello::http {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;       ///< 0: a free one
    std::string certificate_file; ///< PEM chain; with `key_file`: TLS
    std::string key_file;
    std::size_t header_limit_bytes = 16 * 1024;
    std::size_t body_limit_bytes = 1024 * 1024;
    /// Of bodies sent to paths that end in "/uploads"; 0: as all others. A few at a time, since each is held in memory.
    std::size_t upload_limit_bytes = 0;
    std::size_t uploads_at_once = 8;
    std::size_t connection_limit = 2048;
    std::chrono::seconds header_timeout{15}; ///< from the first byte of a request to the end of its head
    std::chrono::seconds body_timeout{30};
    std::chrono::seconds idle_timeout{75}; ///< between requests of one connection
    std::chrono::seconds write_timeout{30};
    std::vector<std::string> trusted_proxies; ///< addresses whose X-Forwarded-For / -Proto are believed
};

/// HTTP/1.1 server: keep-alive, limits, deadlines, request guard, streaming and WebSocket upgrades.
/// Every handler runs on `executor` (one thread); an exception out of a handler becomes a plain 500 and one log line.
class Server {
public:
    Server(boost::asio::any_io_executor executor, ServerOptions options, Handler handler);
    ~Server();

    /// Binds and begins to accept. @return the port; `unavailable` with what, where and what to do when the address is
    /// in use or not permitted; `invalid_input` when the certificate or key cannot be read.
    base::Result<std::uint16_t> start();
    /// Stops accepting, lets running requests end (at most `grace`), closes streams and idle connections.
    boost::asio::awaitable<void> stop(std::chrono::milliseconds grace = std::chrono::seconds(5));
    /// New connections get this certificate; those that are there keep theirs. invalid_input when it cannot be read or the
    /// server speaks no TLS; then nothing is changed.
    base::Result<void> use_certificate(const std::string& certificate_file, const std::string& key_file);
    [[nodiscard]] std::size_t connections() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace sportello::http
