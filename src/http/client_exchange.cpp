#include "client_exchange.hpp"

#include "ascii.hpp"
#include "tls_context.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>

namespace sportello::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Error = boost::system::error_code;

// GCC 12 destroys the awaitable of `if (!co_await f(x)) co_return false;` twice: results get a name first.

namespace {

constexpr std::size_t read_size_bytes = 16 * 1024;
constexpr int interim_answer_limit = 8;

auto no_throw(Error& error)
{
    return asio::redirect_error(asio::use_awaitable, error);
}

bool is_ours(std::string_view name)
{
    constexpr std::array<std::string_view, 4> ours{"Host", "Content-Length", "Transfer-Encoding", "Connection"};
    return std::any_of(ours.begin(), ours.end(), [name](std::string_view own) { return equal_no_case(name, own); });
}

bool breaks_the_line(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool carries_body(Method method)
{
    return method == Method::post || method == Method::put || method == Method::patch;
}

/// A look-up that may be given up: getaddrinfo itself cannot be interrupted, so its result finds its own way here.
struct PendingLookUp {
    explicit PendingLookUp(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
    tcp::resolver resolver;
    asio::steady_timer done;
    Error error = asio::error::timed_out;
    std::vector<tcp::endpoint> endpoints;
};

} // namespace

ClientExchange::ClientExchange(std::shared_ptr<ClientState> client, ClientRequest request)
    : client_(std::move(client)), request_(std::move(request)), timer_(client_->executor), connecting_(client_->executor)
{
}

asio::awaitable<Exchange> ClientExchange::run(std::shared_ptr<ClientExchange> self)
{
    const auto start = Clock::now();
    self->deadline_ = start + self->request_.deadline;
    const bool prepared = self->prepare();
    if (prepared) {
        co_await self->attempt();
        // A kept connection may have ended just now. Asking again is harmless for a GET that nobody began to answer.
        const bool may_try_again =
            !self->failure_.empty() && self->reused_ && !self->answer_began_ && !self->out_of_time_ && self->request_.method == Method::get;
        if (may_try_again) {
            self->forget_attempt();
            self->request_.fresh_connection = true;
            co_await self->attempt();
        }
    }
    self->timer_.cancel();

    Exchange exchange;
    exchange.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    exchange.request_bytes_left = self->request_bytes_left_;
    if (self->failure_.empty()) {
        exchange.response = std::move(self->parser_->response());
        self->keep_connection();
    } else {
        exchange.failure = self->out_of_time_ ? "the deadline passed: " + self->failure_ : self->failure_;
    }
    co_return exchange;
}

/// What can go wrong before anything is opened.
bool ClientExchange::prepare()
{
    auto url = parse_url(request_.url);
    if (!url) {
        failure_ = url.error().what();
        return false;
    }
    url_ = std::move(*url);
    server_ = url_.scheme + " " + host_header(url_);
    for (const auto& [name, value] : request_.headers) {
        if (name.empty() || breaks_the_line(name) || breaks_the_line(value)) {
            failure_ = "a request header holds a line break";
            return false;
        }
    }
    if (url_.scheme == "https" && !client_->tls) {
        try {
            client_->tls = make_client_context(client_->options.ca_file);
        } catch (const boost::system::system_error& e) {
            failure_ = "the file of trusted authorities '" + client_->options.ca_file + "' cannot be read: " + e.code().message();
            return false;
        }
    }
    return true;
}

asio::awaitable<void> ClientExchange::attempt()
{
    set_timer(deadline_);
    if (!request_.fresh_connection) wire_ = client_->pool.take(server_);
    reused_ = wire_ != nullptr;
    if (!wire_) co_await open();
    if (!failure_.empty()) co_return;
    const bool written = co_await write_request();
    if (written) co_await read_answer();
}

/// A new connection, up to the end of the TLS handshake.
asio::awaitable<void> ClientExchange::open()
{
    std::vector<tcp::endpoint> endpoints = co_await resolve();
    if (endpoints.empty()) co_return;
    keep_allowed(endpoints);
    if (endpoints.empty()) co_return;
    const bool connected = co_await connect(endpoints);
    set_timer(deadline_);
    if (!connected) co_return;

    Error error;
    connecting_.set_option(tcp::no_delay(true), error);
    if (url_.scheme == "http") {
        wire_ = make_plain_wire(std::move(connecting_));
        co_return;
    }
    try {
        wire_ = make_tls_client_wire(std::move(connecting_), *client_->tls, url_.host);
    } catch (const boost::system::system_error& e) {
        fail("prepare TLS", e.code());
        co_return;
    }
    co_await wire_->shake_hands(error);
    if (error) fail("shake hands by TLS", error);
}

asio::awaitable<std::vector<tcp::endpoint>> ClientExchange::resolve()
{
    Error no_address;
    const auto address = asio::ip::make_address(url_.host, no_address);
    if (!no_address) co_return std::vector<tcp::endpoint>(1, tcp::endpoint(address, url_.port));

    if (client_->options.look_up) {
        const std::vector<std::string> found = co_await client_->options.look_up(url_.host);
        co_return endpoints_of(found);
    }

    const auto look_up = std::make_shared<PendingLookUp>(client_->executor);
    look_up->done.expires_at(deadline_);
    look_up->resolver.async_resolve(url_.host, std::to_string(url_.port), tcp::resolver::numeric_service,
                                    [look_up](const Error& error, const tcp::resolver::results_type& results) {
                                        look_up->error = error;
                                        for (const auto& entry : results) look_up->endpoints.push_back(entry.endpoint());
                                        look_up->done.cancel();
                                    });
    Error ignored_when_done;
    co_await look_up->done.async_wait(no_throw(ignored_when_done));
    if (look_up->error || look_up->endpoints.empty()) {
        out_of_time_ = out_of_time_ || look_up->error == asio::error::timed_out;
        fail("look up the host", look_up->error ? look_up->error : Error(asio::error::host_not_found));
        look_up->endpoints.clear();
    }
    co_return look_up->endpoints;
}

std::vector<tcp::endpoint> ClientExchange::endpoints_of(const std::vector<std::string>& addresses)
{
    std::vector<tcp::endpoint> endpoints;
    for (const std::string& address : addresses) {
        Error wrong;
        const auto read = asio::ip::make_address(address, wrong);
        if (!wrong) endpoints.emplace_back(read, url_.port);
    }
    if (endpoints.empty()) fail("look up the host", asio::error::host_not_found);
    return endpoints;
}

/// Drops the addresses that the client may not connect to. Those that are left are connected to by number, so that it
/// does not matter what the name means a moment later.
void ClientExchange::keep_allowed(std::vector<tcp::endpoint>& endpoints)
{
    const ConnectRule& rule = client_->options.may_connect;
    if (!rule) return;
    std::erase_if(endpoints, [&](const tcp::endpoint& endpoint) { return !rule(url_.host, url_.port, endpoint.address().to_string()); });
    if (endpoints.empty()) failure_ = "the host is at no address that may be gone to";
}

/// Tries the addresses in their order; one that does not answer gets its share of the time, not all of it.
asio::awaitable<bool> ClientExchange::connect(std::vector<tcp::endpoint> endpoints)
{
    Error error = asio::error::host_not_found;
    for (std::size_t i = 0; i < endpoints.size() && Clock::now() < deadline_; ++i) {
        const auto share = (deadline_ - Clock::now()) / static_cast<int>(endpoints.size() - i);
        set_timer(Clock::now() + share);
        Error ignored_when_closed;
        connecting_.close(ignored_when_closed);
        co_await connecting_.async_connect(endpoints[i], no_throw(error));
        if (!error) co_return true;
    }
    out_of_time_ = Clock::now() >= deadline_;
    fail("connect", error);
    co_return false;
}

asio::awaitable<bool> ClientExchange::write_request()
{
    const std::string head = request_head();
    const Wire::Pieces pieces{asio::buffer(head), asio::buffer(request_.body), asio::const_buffer()};
    Error error;
    // Under TLS a failed write may have sent part of a record that it does not count.
    if (wire_->secure()) request_bytes_left_ = true;
    const std::size_t taken = co_await wire_->write(pieces, error);
    if (taken > 0) request_bytes_left_ = true;
    if (error) fail("send the request", error);
    co_return !error;
}

asio::awaitable<void> ClientExchange::read_answer()
{
    for (int i = 0; i < interim_answer_limit; ++i) {
        const std::size_t limit = request_.response_limit_bytes > 0 ? request_.response_limit_bytes : client_->options.response_limit_bytes;
        parser_.emplace(limit, request_.method == Method::head);
        for (bool go_on = true; go_on && failure_.empty() && !parser_->is_done();) {
            const auto bytes = input_.data();
            const std::size_t taken = parser_->take(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()), failure_);
            input_.consume(taken);
            if (failure_.empty() && !parser_->is_done()) go_on = co_await read_more();
        }
        if (!failure_.empty()) co_return;
        const int status = parser_->response().status;
        if (status == 101) failure_ = "the server switches to a protocol that nobody asked for";
        if (status >= 200 || !failure_.empty()) co_return;
    }
    failure_ = "the server sends interim answers only";
}

/// @return false when nothing more will come; sets `failure_` unless the answer is complete by that.
asio::awaitable<bool> ClientExchange::read_more()
{
    const asio::mutable_buffer free = input_.prepare(read_size_bytes);
    Error error;
    const std::size_t size = co_await wire_->read_some(free, error);
    input_.commit(size);
    if (size > 0) answer_began_ = true;
    if (!error) co_return true;
    // Under TLS only a proper close_notify is an end: without it anybody could have cut the answer short.
    if (error == asio::error::eof) {
        parser_->take_end(failure_);
    } else {
        fail("read the answer", error);
    }
    co_return false;
}

void ClientExchange::set_timer(Clock::time_point when)
{
    timer_.expires_at(when);
    timer_.async_wait([weak = weak_from_this()](const Error& cancelled) {
        const auto self = weak.lock();
        // A call that was already on its way when the timer was set anew comes without an error.
        if (cancelled || !self || Clock::now() < self->timer_.expiry()) return;
        if (Clock::now() >= self->deadline_) self->out_of_time_ = true;
        Error ignored_when_closed;
        self->connecting_.close(ignored_when_closed);
        if (self->wire_) self->wire_->close();
    });
}

std::string ClientExchange::request_head() const
{
    std::string head;
    head.reserve(512);
    head.append(to_string(request_.method)).append(" ").append(url_.target).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(host_header(url_)).append("\r\n");
    if (!request_.headers.has("User-Agent")) head.append("User-Agent: ").append(client_->options.user_agent).append("\r\n");
    for (const auto& [name, value] : request_.headers) {
        if (!is_ours(name)) head.append(name).append(": ").append(value).append("\r\n");
    }
    if (!request_.body.empty() || carries_body(request_.method)) {
        head.append("Content-Length: ").append(std::to_string(request_.body.size())).append("\r\n");
    }
    if (request_.fresh_connection) head.append("Connection: close\r\n");
    head.append("\r\n");
    return head;
}

void ClientExchange::fail(std::string_view doing, const Error& error)
{
    failure_ = "cannot " + std::string(doing) + ": " + error.message();
}

void ClientExchange::forget_attempt()
{
    wire_.reset();
    parser_.reset();
    input_.clear();
    failure_.clear();
}

void ClientExchange::keep_connection()
{
    if (!request_.fresh_connection && parser_->keep_alive() && !parser_->need_eof() && input_.size() == 0) {
        client_->pool.put(server_, std::move(wire_));
    }
}

} // namespace sportello::http
