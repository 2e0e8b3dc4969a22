#pragma once

#include <sportello/base/error.hpp>
#include <sportello/http/message.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::http {

/// A request to another server. The client never retries and never follows redirects by itself.
struct ClientRequest {
    Method method = Method::get;
    std::string url; ///< absolute, http or https, with query
    Headers headers;
    std::string body;
    std::chrono::milliseconds deadline{10'000}; ///< for everything: resolve, connect, TLS, write, read
    bool fresh_connection = false;              ///< for sends whose failure must not be ambiguous (reliability 2.5)
    std::size_t response_limit_bytes = 0;       ///< of the answer's body; 0: the client's own
};

/// How an exchange ended. Exactly one of `response` and `failure` is there.
struct Exchange {
    std::optional<Response> response;
    std::string failure;             ///< what went wrong, without URL or headers (they may hold secrets)
    bool request_bytes_left = false; ///< on failure: false only if provably no byte of the request left this machine
    std::chrono::milliseconds took{0};
};

/// The way to other servers; tests and the simulated house put their own here.
class Transport {
public:
    virtual ~Transport() = default;
    /// `request` by value: the exchange may outlive the caller's expression.
    virtual boost::asio::awaitable<Exchange> send(ClientRequest request) = 0;
};

/// The numeric addresses of a host; throws nothing, answers none when there are none.
using LookUp = std::function<boost::asio::awaitable<std::vector<std::string>>(std::string host)>;
/// Whether a connection to `address` (numeric), which is what `host` of the URL was found to mean, may be opened.
using ConnectRule = std::function<bool(std::string_view host, std::uint16_t port, std::string_view address)>;

struct ClientOptions {
    std::size_t response_limit_bytes = 8 * 1024 * 1024;
    std::size_t idle_connections_per_host = 4;
    std::string ca_file; ///< extra trust anchors (PEM), for an on-premises proxy or tests
    std::string user_agent = "Sportello";
    ConnectRule may_connect{}; ///< empty: anywhere
    LookUp look_up{};          ///< instead of the system's
};

/// HTTP/1.1 client over TCP or TLS (SNI, peer and host name verified), with a small pool of kept-alive connections.
/// Dead kept-alive connections are noticed before use where possible; a GET that fails on a reused connection before
/// any answer byte is tried once on a fresh one; nothing else is ever sent twice.
class Client final : public Transport {
public:
    Client(boost::asio::any_io_executor executor, ClientOptions options);
    ~Client() override;
    boost::asio::awaitable<Exchange> send(ClientRequest request) override;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace sportello::http
