#include "support.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;

constexpr std::string_view get = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";

Handler streaming(std::function<asio::awaitable<void>(BodyStream&)> stream)
{
    return [stream](Request&) -> asio::awaitable<Response> {
        Response response;
        response.headers.add("Content-Type", "text/event-stream");
        response.stream = stream;
        co_return response;
    };
}

/// Waits until the stream is closed, as a live view does between two events.
asio::awaitable<void> wait_for_close(BodyStream& body)
{
    asio::steady_timer wake(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    body.on_close([&wake] { wake.cancel(); });
    boost::system::error_code ignored_when_woken;
    co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored_when_woken));
}

TEST(Stream, ComesInChunks)
{
    RunningServer server(streaming([](BodyStream& body) -> asio::awaitable<void> {
        co_await body.write("data: 1\n\n");
        co_await body.write("");
        co_await body.write("data: 22222222\n\n");
    }));
    RawPeer peer(server.port());
    peer.send(get);
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "chunked");
    EXPECT_EQ(header_of(answer, "Content-Length"), "");
    EXPECT_EQ(body_of(answer), "9\r\ndata: 1\n\n\r\n10\r\ndata: 22222222\n\n\r\n0\r\n\r\n");
}

TEST(Stream, ComesAsItIsToHttp10)
{
    RunningServer server(streaming([](BodyStream& body) -> asio::awaitable<void> { co_await body.write("abc"); }));
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "");
    EXPECT_EQ(body_of(answer), "abc");
}

TEST(Stream, ThatBreaksOffDoesNotLookComplete)
{
    RunningServer server(streaming([](BodyStream& body) -> asio::awaitable<void> {
        co_await body.write("abc");
        throw std::runtime_error("lost");
    }));
    RawPeer peer(server.port());
    peer.send(get);
    EXPECT_EQ(body_of(peer.read_to_end()), "3\r\nabc\r\n");
}

TEST(Stream, HearsThatThePeerIsGone)
{
    std::promise<bool> closed;
    RunningServer server(streaming([&closed](BodyStream& body) -> asio::awaitable<void> {
        co_await body.write("data: 1\n\n");
        co_await wait_for_close(body);
        const bool sent = co_await body.write("data: 2\n\n");
        closed.set_value(body.closed() && !sent);
    }));
    RawPeer peer(server.port());
    peer.send(get);
    peer.read_until("data: 1\n\n");
    peer.reset();
    EXPECT_TRUE(closed.get_future().get());
}

TEST(Stream, HearsThatTheServerStops)
{
    std::promise<void> waiting;
    std::promise<bool> closed;
    RunningServer server(streaming([&](BodyStream& body) -> asio::awaitable<void> {
        co_await body.write("data: 1\n\n");
        waiting.set_value();
        co_await wait_for_close(body);
        closed.set_value(body.closed());
    }));
    RawPeer peer(server.port());
    peer.send(get);
    waiting.get_future().get();
    auto stopped = server.begin_stop();
    EXPECT_TRUE(closed.get_future().get());
    EXPECT_TRUE(body_of(peer.read_to_end()).ends_with("0\r\n\r\n")) << "it was no failure";
    stopped.get();
}

TEST(Stream, EndsForAPeerThatDoesNotRead)
{
    ServerOptions options;
    options.write_timeout = std::chrono::seconds(1);
    std::promise<int> written;
    RunningServer server(options, streaming([&written](BodyStream& body) -> asio::awaitable<void> {
                             const std::string chunk(1024 * 1024, 'x');
                             int chunks = 0;
                             for (bool open = true; open; ++chunks) open = co_await body.write(chunk);
                             written.set_value(chunks);
                         }));
    RawPeer peer(server.port());
    peer.send(get);
    EXPECT_LT(written.get_future().get(), 100);
}

TEST(Stream, TellsOneWhoAsksLateThatItIsClosed)
{
    std::promise<void> called;
    RunningServer server(streaming([&called](BodyStream& body) -> asio::awaitable<void> {
        co_await wait_for_close(body);
        asio::steady_timer wake(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        body.on_close([&] {
            called.set_value();
            wake.cancel();
        });
        boost::system::error_code ignored_when_woken;
        co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored_when_woken));
    }));
    RawPeer peer(server.port());
    peer.send(get);
    peer.read_until("\r\n\r\n");
    peer.reset();
    called.get_future().get();
}

} // namespace
} // namespace sportello::http::test
