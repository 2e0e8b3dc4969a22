#include "bare_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <list>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace sportello::bench {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using Response = beast_http::response<beast_http::string_body>;

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

asio::awaitable<void> converse(tcp::socket socket, const Response& response, const BareWork& work)
{
    boost::beast::flat_buffer buffer;
    for (;;) {
        beast_http::request<beast_http::string_body> request;
        co_await beast_http::async_read(socket, buffer, request, asio::use_awaitable);
        if (work) work({request.target().data(), request.target().size()});
        co_await beast_http::async_write(socket, response, asio::use_awaitable);
    }
}

asio::awaitable<void> answer_all(tcp::acceptor& acceptor, const Response& response, const BareWork& work)
{
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), converse(std::move(socket), response, work), asio::detached);
    }
}

namespace websocket = boost::beast::websocket;

/// Everybody who is connected.
struct Hall {
    struct Seat {
        explicit Seat(tcp::socket socket) : stream(std::move(socket)) {}
        websocket::stream<tcp::socket, false> stream;
        std::deque<std::shared_ptr<const std::string>> waiting;
        bool writing = false;
    };
    std::list<std::shared_ptr<Seat>> seats;
};

asio::awaitable<void> write_all(std::shared_ptr<Hall::Seat> seat)
{
    seat->writing = true;
    while (!seat->waiting.empty()) {
        const auto text = seat->waiting.front();
        seat->waiting.pop_front();
        co_await seat->stream.async_write(asio::buffer(*text), asio::use_awaitable);
    }
    seat->writing = false;
}

asio::awaitable<void> attend(Hall& hall, tcp::socket socket)
{
    const auto seat = std::make_shared<Hall::Seat>(std::move(socket));
    const auto executor = co_await asio::this_coro::executor;
    co_await seat->stream.async_accept(asio::use_awaitable);
    seat->stream.text(true);
    hall.seats.push_back(seat);
    for (;;) {
        boost::beast::flat_buffer buffer;
        co_await seat->stream.async_read(buffer, asio::use_awaitable);
        const auto text = std::make_shared<const std::string>(boost::beast::buffers_to_string(buffer.data()));
        for (const auto& other : hall.seats) {
            other->waiting.push_back(text);
            if (!other->writing) asio::co_spawn(executor, write_all(other), asio::detached);
        }
    }
}

asio::awaitable<void> welcome(tcp::acceptor& acceptor, Hall& hall)
{
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), attend(hall, std::move(socket)), asio::detached);
    }
}

[[noreturn]] void fan_out(int tell_port)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = acceptor.local_endpoint().port();
    if (write(tell_port, &port, sizeof port) != sizeof port) _exit(1);
    Hall hall;
    asio::co_spawn(io, welcome(acceptor, hall), asio::detached);
    io.run();
    _exit(0);
}

[[noreturn]] void serve_bare(const RawAnswer& answer, const std::function<BareWork()>& make_work, int tell_port)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = acceptor.local_endpoint().port();
    if (write(tell_port, &port, sizeof port) != sizeof port) _exit(1);
    const Response response = make_response(answer);
    const BareWork work = make_work ? make_work() : BareWork();
    asio::co_spawn(io, answer_all(acceptor, response, work), asio::detached);
    io.run();
    _exit(0);
}

/// Runs `serve` in a process of its own. @return its process and the port that it told.
template <class Serve> std::pair<pid_t, std::uint16_t> begin_process(Serve serve_on)
{
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    const pid_t pid = fork();
    if (pid == 0) serve_on(ends[1]);
    close(ends[1]);
    std::uint16_t port = 0;
    const bool told = read(ends[0], &port, sizeof port) == sizeof port;
    close(ends[0]);
    if (!told) throw std::runtime_error("the bare server did not start");
    return {pid, port};
}

void end_process(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
}

} // namespace

BareServer::BareServer(const RawAnswer& answer, const std::function<BareWork()>& make_work)
{
    std::tie(pid_, port_) = begin_process([&](int tell_port) { serve_bare(answer, make_work, tell_port); });
}

BareServer::~BareServer()
{
    end_process(pid_);
}

BareFanOut::BareFanOut()
{
    std::tie(pid_, port_) = begin_process([](int tell_port) { fan_out(tell_port); });
}

BareFanOut::~BareFanOut()
{
    end_process(pid_);
}

} // namespace sportello::bench
