#include "file_source.hpp"

#include <algorithm>

namespace sportello::app {
namespace {

constexpr int most_hops = 3;
constexpr std::chrono::milliseconds deadline{60'000};

} // namespace

boost::asio::awaitable<base::Result<engine::FileSource::Fetched>> HttpFileSource::fetch(std::string url, std::vector<std::string> hosts,
                                                                                        std::size_t most_bytes)
{
    http::ClientRequest request;
    request.url = std::move(url);
    request.deadline = deadline;
    request.response_limit_bytes = most_bytes;
    const auto is_platforms = [hosts = std::move(hosts)](const http::Url& place) {
        return std::ranges::any_of(
            hosts, [&](const std::string& host) { return place.host == host || (host.starts_with('.') && place.host.ends_with(host)); });
    };
    auto exchange = co_await client_.fetch(std::move(request), most_hops, is_platforms);
    if (!exchange.response) co_return base::Error(base::ErrorKind::unavailable, exchange.failure);
    Fetched fetched;
    fetched.status = exchange.response->status;
    fetched.bytes = std::move(exchange.response->body);
    co_return fetched;
}

} // namespace sportello::app
