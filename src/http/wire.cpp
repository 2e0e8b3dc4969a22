#include "wire.hpp"

#include "upgraded_socket.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace sportello::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class PlainWire final : public Wire {
public:
    explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}

    asio::awaitable<void> shake_hands(Error& error) override
    {
        error = {};
        co_return;
    }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into, Error& error) override
    {
        return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    }
    asio::awaitable<std::size_t> write(Pieces pieces, Error& error) override
    {
        return asio::async_write(socket_, pieces, asio::redirect_error(asio::use_awaitable, error));
    }
    asio::awaitable<void> finish_writing(Error& error) override
    {
        socket_.shutdown(tcp::socket::shutdown_send, error);
        co_return;
    }
    bool secure() const override { return false; }
    std::shared_ptr<UpgradedSocket> upgrade() override { return make_upgraded_socket(std::move(socket_)); }
    tcp::socket& socket() override { return socket_; }

private:
    tcp::socket socket_;
};

class TlsWire final : public Wire {
public:
    TlsWire(tcp::socket socket, asio::ssl::context& context, asio::ssl::stream_base::handshake_type role)
        : stream_(std::move(socket), context), role_(role)
    {
    }

    void expect_peer(const std::string& host)
    {
        // A name in SNI must be a name: RFC 6066 has no place for addresses.
        Error no_address;
        asio::ip::make_address(host, no_address);
        if (no_address && SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1) {
            throw boost::system::system_error(asio::error::invalid_argument, "server name");
        }
        stream_.set_verify_mode(asio::ssl::verify_peer);
        stream_.set_verify_callback(asio::ssl::host_name_verification(host));
    }

    asio::awaitable<void> shake_hands(Error& error) override
    {
        return stream_.async_handshake(role_, asio::redirect_error(asio::use_awaitable, error));
    }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into, Error& error) override
    {
        return stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    }
    asio::awaitable<std::size_t> write(Pieces pieces, Error& error) override
    {
        return asio::async_write(stream_, pieces, asio::redirect_error(asio::use_awaitable, error));
    }
    asio::awaitable<void> finish_writing(Error& error) override
    {
        return stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    }
    bool secure() const override { return true; }
    std::shared_ptr<UpgradedSocket> upgrade() override { return make_upgraded_socket(std::move(stream_)); }
    tcp::socket& socket() override { return stream_.next_layer(); }

private:
    asio::ssl::stream<tcp::socket> stream_;
    asio::ssl::stream_base::handshake_type role_;
};

} // namespace

void Wire::cancel()
{
    Error ignored_when_closed;
    socket().cancel(ignored_when_closed);
}

void Wire::close()
{
    Error ignored_when_closed;
    socket().close(ignored_when_closed);
}

std::unique_ptr<Wire> make_plain_wire(tcp::socket socket)
{
    return std::make_unique<PlainWire>(std::move(socket));
}

std::unique_ptr<Wire> make_tls_server_wire(tcp::socket socket, asio::ssl::context& context)
{
    return std::make_unique<TlsWire>(std::move(socket), context, asio::ssl::stream_base::server);
}

std::unique_ptr<Wire> make_tls_client_wire(tcp::socket socket, asio::ssl::context& context, const std::string& host)
{
    auto wire = std::make_unique<TlsWire>(std::move(socket), context, asio::ssl::stream_base::client);
    wire->expect_peer(host);
    return wire;
}

} // namespace sportello::http
