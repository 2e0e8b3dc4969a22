#pragma once

#include "connection_pool.hpp"
#include "response_parser.hpp"
#include "wire.hpp"

#include <sportello/http/client.hpp>
#include <sportello/http/url.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::http {

/// What the exchanges of one client share.
struct ClientState {
    ClientState(boost::asio::any_io_executor its_executor, ClientOptions its_options)
        : executor(std::move(its_executor)), options(std::move(its_options)), pool(options.idle_connections_per_host)
    {
    }

    boost::asio::any_io_executor executor;
    ClientOptions options;
    ConnectionPool pool;
    std::optional<boost::asio::ssl::context> tls; ///< made at the first https request: reading all authorities takes time
};

/// One request and its answer. Its timer ends whatever is under way when the deadline passes.
class ClientExchange final : public std::enable_shared_from_this<ClientExchange> {
public:
    ClientExchange(std::shared_ptr<ClientState> client, ClientRequest request);
    static boost::asio::awaitable<Exchange> run(std::shared_ptr<ClientExchange> self);

private:
    using tcp = boost::asio::ip::tcp;

    boost::asio::awaitable<void> attempt();
    boost::asio::awaitable<void> open();
    boost::asio::awaitable<std::vector<tcp::endpoint>> resolve();
    std::vector<tcp::endpoint> endpoints_of(const std::vector<std::string>& addresses);
    void keep_allowed(std::vector<tcp::endpoint>& endpoints);
    boost::asio::awaitable<bool> connect(std::vector<tcp::endpoint> endpoints);
    boost::asio::awaitable<bool> write_request();
    boost::asio::awaitable<void> read_answer();
    boost::asio::awaitable<bool> read_more();

    void set_timer(std::chrono::steady_clock::time_point when);
    bool prepare();
    std::string request_head() const;
    void fail(std::string_view doing, const Wire::Error& error);
    void forget_attempt();
    void keep_connection();

    std::shared_ptr<ClientState> client_;
    ClientRequest request_;
    Url url_;
    std::string server_; ///< key of the pool
    std::chrono::steady_clock::time_point deadline_;
    boost::asio::steady_timer timer_;
    boost::asio::ip::tcp::socket connecting_;
    std::unique_ptr<Wire> wire_;
    std::optional<ResponseParser> parser_;
    boost::beast::flat_buffer input_;
    bool reused_ = false;
    bool request_bytes_left_ = false;
    bool answer_began_ = false;
    bool out_of_time_ = false;
    std::string failure_;
};

} // namespace sportello::http
