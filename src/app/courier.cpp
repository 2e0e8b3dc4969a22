#include "courier.hpp"

#include <sportello/base/text.hpp>

namespace sportello::app {
namespace {

constexpr std::size_t excerpt_bytes = 1024;

} // namespace

boost::asio::awaitable<base::Result<engine::CourierAnswer>>
HttpCourier::post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = std::move(url);
    request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.body = std::move(body);
    const auto exchange = co_await client_.send(std::move(request));
    if (!exchange.response) co_return base::Error(base::ErrorKind::unavailable, exchange.failure);
    engine::CourierAnswer answer;
    answer.status = exchange.response->status;
    answer.body = base::clean_utf8(exchange.response->body.substr(0, excerpt_bytes));
    co_return answer;
}

} // namespace sportello::app
