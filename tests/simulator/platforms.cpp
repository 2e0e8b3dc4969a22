#include "platforms.hpp"

#include <boost/asio/co_spawn.hpp>

namespace sportello::test {

http::Exchange Platforms::send(http::ClientRequest request, base::Duration at_most)
{
    std::optional<http::Exchange> got;
    boost::asio::co_spawn(io, transport.send(std::move(request)), [&](const std::exception_ptr& error, http::Exchange exchange) {
        if (error) std::rethrow_exception(error);
        got = std::move(exchange);
    });
    const auto end = clock.now() + at_most;
    clock.run_for(io, 0s);
    while (!got && clock.now() < end) clock.run_for(io, 1s);
    if (!got) throw std::runtime_error("no answer within the time of the test");
    return std::move(*got);
}

Platforms::Platforms(simulator::SimulatorOptions options) : simulator(clock, random, std::move(options)), transport(simulator.handler()) {}

http::Response Platforms::call(http::ClientRequest request)
{
    auto exchange = send(std::move(request));
    if (!exchange.response) throw std::runtime_error("no answer: " + exchange.failure);
    return std::move(*exchange.response);
}

http::Response Platforms::get(const std::string& url, const std::string& token)
{
    http::ClientRequest request;
    request.url = url.starts_with("http") ? url : "http://simulator.test" + url;
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    return call(std::move(request));
}

http::ClientRequest Platforms::with_body(http::Method method, const std::string& path, const json& body, const std::string& token)
{
    http::ClientRequest request;
    request.method = method;
    request.url = "http://simulator.test" + path;
    request.headers.set("Content-Type", "application/json");
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    request.body = body.dump();
    return request;
}

http::Response Platforms::post(const std::string& path, const json& body, const std::string& token)
{
    return call(with_body(http::Method::post, path, body, token));
}

std::string Platforms::writes(Platform platform, Kind kind, const std::string& author, const std::string& text,
                              const std::string& in_reply_to)
{
    simulator::NewItem item;
    item.platform = platform;
    item.account = platform == Platform::facebook ? page : handle;
    item.kind = kind;
    item.author = author;
    item.text = text;
    item.in_reply_to = in_reply_to;
    clock.set(clock.now() + 1s); // people do not write at the same moment
    const auto id = simulator.write(item);
    EXPECT_TRUE(id) << (id ? "" : id.error().what());
    return id ? *id : "";
}

std::string Platforms::visitor_posts(const std::string& text, const std::string& author)
{
    return writes(Platform::facebook, Kind::post, author, text);
}

std::string Platforms::mentions(const std::string& text, const std::string& author, const std::string& in_reply_to)
{
    return writes(Platform::twitter, Kind::mention, author, text, in_reply_to);
}

} // namespace sportello::test
