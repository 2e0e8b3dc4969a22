#include <sportello/http/server.hpp>

#include "session.hpp"
#include "tls_context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

namespace sportello::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

namespace {

/// Deadlines are whole seconds; looking five times a second is near enough and costs no timer per request.
constexpr auto deadline_check_interval = std::chrono::milliseconds(200);
/// Without free descriptors there is nothing to do but wait until some connection ends.
constexpr auto accept_retry_interval = std::chrono::milliseconds(100);
/// So many beyond the limit are told why; what comes on top of them is just closed.
constexpr std::size_t turned_away_limit = 64;

auto no_throw(Error& error)
{
    return asio::redirect_error(asio::use_awaitable, error);
}

base::Error cannot_listen(const ServerOptions& options, const Error& error)
{
    std::string advice = "check the address in the configuration";
    if (error == asio::error::address_in_use) {
        advice = "another program listens there: stop it or choose another port";
    } else if (error == asio::error::access_denied) {
        advice = "ports below 1024 need a privilege: choose another port or grant CAP_NET_BIND_SERVICE";
    }
    return base::Error(base::ErrorKind::unavailable, "cannot listen on " + options.address + " port " + std::to_string(options.port) +
                                                         ": " + error.message() + "; " + advice);
}

} // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(asio::any_io_executor executor, ServerOptions options, Handler handler)
        : state(std::make_shared<ServerState>(executor, std::move(options), std::move(handler))), acceptor(executor),
          accept_retry(executor), deadline_check(executor)
    {
    }

    Error listen()
    {
        Error error;
        const auto address = asio::ip::make_address(state->options.address, error);
        if (error) return error;
        const tcp::endpoint endpoint(address, state->options.port);
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
        return error;
    }

    static asio::awaitable<void> accept_all(std::shared_ptr<Impl> self)
    {
        bool told = false;
        while (self->acceptor.is_open()) {
            Error error;
            tcp::socket socket = co_await self->acceptor.async_accept(no_throw(error));
            if (!error) {
                self->welcome(std::move(socket));
                told = false;
            } else if (self->acceptor.is_open() && error != asio::error::connection_aborted) {
                if (!std::exchange(told, true)) spdlog::warn("http: cannot accept connections: {}; waiting", error.message());
                self->accept_retry.expires_after(accept_retry_interval);
                Error ignored_when_stopped;
                co_await self->accept_retry.async_wait(no_throw(ignored_when_stopped));
            }
        }
    }

    void welcome(tcp::socket socket)
    {
        Error gone;
        const auto peer = socket.remote_endpoint(gone);
        if (gone) return;
        Error ignored_as_it_only_saves_time;
        socket.set_option(tcp::no_delay(true), ignored_as_it_only_saves_time);
        const std::size_t open = state->sessions.size();
        const std::size_t limit = state->options.connection_limit;
        if (open >= limit + turned_away_limit) return;

        auto wire = state->tls ? make_tls_server_wire(std::move(socket), *state->tls) : make_plain_wire(std::move(socket));
        auto session = std::make_shared<Session>(state, std::move(wire), peer.address().to_string());
        asio::co_spawn(state->executor, open < limit ? Session::run(session) : Session::turn_away(session), asio::detached);
        if (!std::exchange(checking, true)) { asio::co_spawn(state->executor, check_deadlines(shared_from_this()), asio::detached); }
    }

    /// Runs while there are connections.
    static asio::awaitable<void> check_deadlines(std::shared_ptr<Impl> self)
    {
        while (!self->state->sessions.empty()) {
            self->deadline_check.expires_after(deadline_check_interval);
            Error ignored_when_cancelled;
            co_await self->deadline_check.async_wait(no_throw(ignored_when_cancelled));
            const auto now = std::chrono::steady_clock::now();
            for (Session* session : self->state->sessions) session->enforce_deadline(now);
        }
        self->checking = false;
    }

    void stop_accepting()
    {
        Error ignored_when_closed;
        acceptor.close(ignored_when_closed);
        accept_retry.cancel();
        state->stopping = true;
    }

    asio::awaitable<void> wait_until_empty(std::chrono::milliseconds limit)
    {
        if (state->sessions.empty()) co_return;
        state->all_gone.expires_after(limit);
        Error ignored_when_empty;
        co_await state->all_gone.async_wait(no_throw(ignored_when_empty));
    }

    std::shared_ptr<ServerState> state;
    tcp::acceptor acceptor;
    asio::steady_timer accept_retry;
    asio::steady_timer deadline_check;
    bool checking = false;
};

Server::Server(asio::any_io_executor executor, ServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(handler)))
{
}

Server::~Server()
{
    impl_->stop_accepting();
    for (Session* session : impl_->state->sessions) session->abort();
}

base::Result<std::uint16_t> Server::start()
{
    const ServerOptions& options = impl_->state->options;
    if (!options.certificate_file.empty() || !options.key_file.empty()) {
        auto context = make_server_context(options.certificate_file, options.key_file);
        if (!context) return context.error();
        impl_->state->tls.emplace(std::move(*context));
    }
    if (const Error error = impl_->listen()) return cannot_listen(options, error);
    asio::co_spawn(impl_->state->executor, Impl::accept_all(impl_), asio::detached);
    return impl_->acceptor.local_endpoint().port();
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds grace)
{
    const std::shared_ptr<Impl> impl = impl_;
    impl->stop_accepting();
    for (Session* session : impl->state->sessions) session->stop();
    co_await impl->wait_until_empty(grace);
    for (Session* session : impl->state->sessions) session->abort();
    // What was aborted unwinds in the next turns; a handler that waits for something else may still take its time.
    co_await impl->wait_until_empty(std::chrono::milliseconds(200));
}

base::Result<void> Server::use_certificate(const std::string& certificate_file, const std::string& key_file)
{
    if (!impl_->state->tls) return base::Error(base::ErrorKind::invalid_input, "the server was started without TLS");
    auto context = make_server_context(certificate_file, key_file);
    if (!context) return context.error();
    *impl_->state->tls = std::move(*context); // connections hold their own share of the old one
    return {};
}

std::size_t Server::connections() const
{
    return impl_->state->sessions.size();
}

} // namespace sportello::http
