#pragma once

#include <sportello/http/client.hpp>
#include <sportello/http/message.hpp>

#include <functional>
#include <string>
#include <utility>

namespace sportello::test {

/// A way to a server that lives in the same process: each request goes straight into its handler. What a handler cuts
/// off fails as a connection does that closed after the request had left.
class InProcessTransport final : public http::Transport {
public:
    explicit InProcessTransport(http::Handler handler) : handler_(std::move(handler)) {}

    boost::asio::awaitable<http::Exchange> send(http::ClientRequest sent) override;

    [[nodiscard]] int requests() const { return requests_; }
    /// Answers "too many requests".
    [[nodiscard]] int refusals() const { return refusals_; }
    bool unreachable = false; ///< true: every request fails before a byte of it left

private:
    static http::Request to_server_side(const http::ClientRequest& sent);

    static std::string decoded(const std::string& path);

    http::Handler handler_;
    int requests_ = 0;
    int refusals_ = 0;
};

} // namespace sportello::test
