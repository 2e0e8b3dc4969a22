#include "event_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>

namespace sportello::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
constexpr auto plainly = asio::as_tuple(asio::use_awaitable);

/// What is inside of a chunked body, as far as it came.
class Chunks {
public:
    void feed(std::string_view raw)
    {
        raw_ += raw;
        if (!past_head_) {
            const auto end = raw_.find("\r\n\r\n");
            if (end == std::string::npos) return;
            raw_.erase(0, end + 4);
            past_head_ = true;
        }
        for (;;) {
            const auto line = raw_.find("\r\n");
            if (line == std::string::npos) return;
            const std::size_t size = std::strtoull(raw_.c_str(), nullptr, 16);
            if (raw_.size() < line + 2 + size + 2) return;
            body += raw_.substr(line + 2, size);
            raw_.erase(0, line + 2 + size + 2);
        }
    }
    std::string body;

private:
    std::string raw_;
    bool past_head_ = false;
};

/// An event counts once its block has come to its end.
void take_events(std::string& body, std::vector<std::int64_t>& seen)
{
    for (auto end = body.find("\n\n"); end != std::string::npos; end = body.find("\n\n")) {
        const auto id = body.find("id:");
        if (id < end && body.find("data:") < end) seen.push_back(std::atoll(body.c_str() + id + 3));
        body.erase(0, end + 2);
    }
}

} // namespace

asio::awaitable<void> follow_events(asio::io_context& io, std::uint16_t port, std::string cookie, std::vector<std::int64_t>& seen,
                                    const bool& goes_on)
{
    const auto socket = std::make_shared<tcp::socket>(io);
    asio::steady_timer silence(io);
    const auto listen_on = [&] {
        silence.expires_after(2s);
        silence.async_wait([socket](const boost::system::error_code& cancelled) {
            boost::system::error_code ignored;
            if (!cancelled) socket->close(ignored);
        });
    };
    listen_on();
    const auto [refused] = co_await socket->async_connect({asio::ip::address_v4::loopback(), port}, plainly);
    if (refused) co_return;
    const std::string request = "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                                "\r\nAccept: text/event-stream\r\nCookie: " + cookie + "\r\nLast-Event-ID: " + std::to_string(seen.back()) +
                                "\r\n\r\n";
    const auto [unsent, written] = co_await asio::async_write(*socket, asio::buffer(request), plainly);
    if (unsent) co_return;
    Chunks chunks;
    std::array<char, 16'384> part{};
    for (;;) {
        const auto [ended, size] = co_await socket->async_read_some(asio::buffer(part), plainly);
        if (ended || !goes_on) co_return;
        listen_on();
        chunks.feed({part.data(), size});
        take_events(chunks.body, seen);
    }
}

} // namespace sportello::test
