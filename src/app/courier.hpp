#pragma once

#include <sportello/engine/courier.hpp>
#include <sportello/http/outbound.hpp>

namespace sportello::app {

/// Notices over the one guarded client.
class HttpCourier final : public engine::Courier {
public:
    explicit HttpCourier(http::OutboundClient& client) : client_(client) {}
    boost::asio::awaitable<base::Result<engine::CourierAnswer>>
    post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body) override;
    [[nodiscard]] std::string obstacle(const std::string& url) const override { return client_.obstacle(url); }

private:
    http::OutboundClient& client_;
};

} // namespace sportello::app
