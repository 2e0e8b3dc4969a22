#include "courier.hpp"

namespace sportello::app {

boost::asio::awaitable<base::Result<int>> HttpCourier::post(std::string url, std::vector<std::pair<std::string, std::string>> headers,
                                                            std::string body)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = std::move(url);
    request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.body = std::move(body);
    const auto exchange = co_await transport_.send(std::move(request));
    if (!exchange.response) co_return base::Error(base::ErrorKind::unavailable, exchange.failure);
    co_return exchange.response->status;
}

} // namespace sportello::app
