#include "graph.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>

namespace sportello::connectors::facebook {
namespace {

/// Where the path begins in an absolute address; npos when there is no path.
std::size_t path_start(std::string_view url)
{
    const auto scheme = url.find("://");
    return url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
}

} // namespace

Graph::Graph(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock)
    : base_url_(settings.api_base), origin_(settings.api_base.substr(0, path_start(settings.api_base))),
      token_(settings.credentials.access_token), transport_(transport), clock_(clock)
{
    if (settings.credentials.app_secret.empty()) return;
    proof_ = base::hmac_sha256_hex(settings.credentials.app_secret, token_);
    base::hide_in_logs(proof_);
}

void Graph::add_proof(http::Parameters& parameters) const
{
    if (!proof_.empty()) parameters.add("appsecret_proof", proof_);
}

boost::asio::awaitable<Answer> Graph::send(http::ClientRequest request)
{
    request.headers.set("Authorization", "Bearer " + token_);
    request.headers.set("Accept", "application/json");
    http::Exchange exchange = co_await transport_.send(std::move(request));
    co_return read_answer(std::move(exchange));
}

boost::asio::awaitable<Answer> Graph::get(std::string path, http::Parameters query)
{
    add_proof(query);
    http::ClientRequest request;
    request.url = base_url_ + path;
    if (!query.empty()) request.url += "?" + query.encode();
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::follow(std::string link)
{
    const auto path = path_start(link);
    const auto question = link.find('?');
    http::Parameters query;
    if (question != std::string::npos) {
        const http::Parameters given = http::Parameters::parse(std::string_view(link).substr(question + 1));
        for (const auto& [name, value] : given) {
            if (name != "access_token" && name != "appsecret_proof") query.add(name, value);
        }
    }
    add_proof(query);
    http::ClientRequest request;
    request.url =
        origin_ + (path == std::string::npos ? "/" : link.substr(path, question == std::string::npos ? question : question - path));
    if (!query.empty()) request.url += "?" + query.encode();
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::post(std::string path, http::Parameters form, std::chrono::milliseconds deadline)
{
    add_proof(form);
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = base_url_ + path;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = form.encode();
    request.deadline = deadline;
    request.fresh_connection = true;
    co_return co_await send(std::move(request));
}

std::string next_link(const Json& edge)
{
    return text_of(member(member(edge, "paging"), "next"));
}

} // namespace sportello::connectors::facebook
