#include "bare_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

namespace sportello::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Response = http::response<http::string_body>;

Response make_response(const RawAnswer& answer)
{
    Response response;
    response.result(static_cast<unsigned>(answer.status));
    std::istringstream lines(answer.head);
    std::string line;
    std::getline(lines, line); // the status line
    while (std::getline(lines, line) && line != "\r") {
        const std::size_t colon = line.find(':');
        response.insert(line.substr(0, colon), line.substr(colon + 2, line.size() - colon - 3));
    }
    response.body() = answer.body;
    response.prepare_payload();
    return response;
}

asio::awaitable<void> converse(tcp::socket socket, const Response& response)
{
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        co_await http::async_write(socket, response, asio::use_awaitable);
    }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, const Response& response)
{
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), converse(std::move(socket), response), asio::detached);
    }
}

[[noreturn]] void serve(const RawAnswer& answer, int tell_port)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = acceptor.local_endpoint().port();
    if (write(tell_port, &port, sizeof port) != sizeof port) _exit(1);
    const Response response = make_response(answer);
    asio::co_spawn(io, listen(acceptor, response), asio::detached);
    io.run();
    _exit(0);
}

} // namespace

BareServer::BareServer(const RawAnswer& answer)
{
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) serve(answer, ends[1]);
    close(ends[1]);
    const bool told = read(ends[0], &port_, sizeof port_) == sizeof port_;
    close(ends[0]);
    if (!told) throw std::runtime_error("the bare server did not start");
}

BareServer::~BareServer()
{
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

} // namespace sportello::bench
