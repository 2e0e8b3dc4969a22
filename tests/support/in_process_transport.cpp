#include "support/in_process_transport.hpp"

namespace sportello::test {

boost::asio::awaitable<http::Exchange> InProcessTransport::send(http::ClientRequest sent)
{
    ++requests_;
    http::Exchange exchange;
    if (unreachable) {
        exchange.failure = "connection refused";
        co_return exchange;
    }
    auto request = to_server_side(sent);
    auto response = co_await handler_(request);
    if (response.cut) {
        exchange.failure = "connection closed before an answer came";
        exchange.request_bytes_left = true;
    } else {
        refusals_ += response.status == 429;
        exchange.response = std::move(response);
    }
    co_return exchange;
}

http::Request InProcessTransport::to_server_side(const http::ClientRequest& sent)
{
    const auto host_at = sent.url.find("://") + 3;
    const auto path_at = std::min(sent.url.find('/', host_at), sent.url.size());
    http::Request request;
    request.method = sent.method;
    request.target = path_at == sent.url.size() ? "/" : sent.url.substr(path_at);
    const auto query_at = request.target.find('?');
    request.path = decoded(request.target.substr(0, query_at));
    if (query_at != std::string::npos) request.query = http::Parameters::parse(request.target.substr(query_at + 1));
    request.headers = sent.headers;
    if (!request.headers.has("Host")) request.headers.set("Host", sent.url.substr(host_at, path_at - host_at));
    request.body = sent.body;
    request.remote_address = "127.0.0.1";
    request.secure = sent.url.starts_with("https://");
    return request;
}

std::string InProcessTransport::decoded(const std::string& path)
{
    const auto parsed = http::Parameters::parse("path=" + path);
    return std::string(parsed.find("path").value_or("/"));
}

} // namespace sportello::test
