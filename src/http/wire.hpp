#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <array>
#include <memory>
#include <string>

namespace sportello::http {

class UpgradedSocket;

/// One TCP connection, plain or under TLS. The same for server and client; errors are values, and an operation that is
/// ended by close() or cancel() reports operation_aborted.
class Wire {
public:
    using Error = boost::system::error_code;
    /// What goes out in one piece: head, body, end of a chunk. Unused ones are empty.
    using Pieces = std::array<boost::asio::const_buffer, 3>;

    virtual ~Wire() = default;

    /// The TLS handshake; nothing on a plain connection.
    virtual boost::asio::awaitable<void> shake_hands(Error& error) = 0;
    virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into, Error& error) = 0;
    /// Writes all of `pieces`. @return how many bytes were taken, also on error.
    virtual boost::asio::awaitable<std::size_t> write(Pieces pieces, Error& error) = 0;
    /// Says that nothing more will be written (close_notify under TLS).
    virtual boost::asio::awaitable<void> finish_writing(Error& error) = 0;
    [[nodiscard]] virtual bool secure() const = 0;
    /// Gives the connection to the WebSocket protocol; the wire is then empty.
    [[nodiscard]] virtual std::shared_ptr<UpgradedSocket> upgrade() = 0;

    [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() = 0;
    void cancel();
    void close();
};

[[nodiscard]] std::unique_ptr<Wire> make_plain_wire(boost::asio::ip::tcp::socket socket);
/// The server's end of a TLS connection.
[[nodiscard]] std::unique_ptr<Wire> make_tls_server_wire(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context);
/// The client's end; the peer must prove to be `host` (name or address).
/// @throws boost::system::system_error when `host` cannot be a server name.
[[nodiscard]] std::unique_ptr<Wire> make_tls_client_wire(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context,
                                                         const std::string& host);

} // namespace sportello::http
