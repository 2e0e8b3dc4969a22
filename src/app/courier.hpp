#pragma once

#include <sportello/engine/courier.hpp>
#include <sportello/http/client.hpp>

namespace sportello::app {

/// Notices over the program's own HTTP client.
class HttpCourier final : public engine::Courier {
public:
    explicit HttpCourier(http::Transport& transport) : transport_(transport) {}
    boost::asio::awaitable<base::Result<int>> post(std::string url, std::vector<std::pair<std::string, std::string>> headers,
                                                   std::string body) override;

private:
    http::Transport& transport_;
};

} // namespace sportello::app
