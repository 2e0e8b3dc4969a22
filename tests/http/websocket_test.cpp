#include "support.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <gtest/gtest.h>

#include <future>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

Handler upgrading(std::function<asio::awaitable<void>(std::shared_ptr<WebSocket>)> run)
{
    return [run](Request&) -> asio::awaitable<Response> {
        Response response;
        response.headers.add("X-Greeting", "ciao");
        response.websocket = run;
        co_return response;
    };
}

/// Sends back what it hears until the peer closes.
asio::awaitable<void> echo(std::shared_ptr<WebSocket> socket)
{
    for (bool open = true; open;) {
        const std::optional<std::string> text = co_await socket->receive();
        open = text && socket->send("echo: " + *text);
    }
}

/// A browser's side, blocking.
class Browser {
public:
    explicit Browser(std::uint16_t port) : socket_(io_)
    {
        socket_.next_layer().connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
        socket_.handshake(answer_, "127.0.0.1", "/v1/live");
    }

    std::string read()
    {
        beast::flat_buffer buffer;
        socket_.read(buffer, error_);
        return beast::buffers_to_string(buffer.data());
    }

    websocket::stream<tcp::socket>& socket() { return socket_; }
    const websocket::response_type& answer() const { return answer_; }
    boost::system::error_code error() const { return error_; }

private:
    asio::io_context io_;
    websocket::stream<tcp::socket> socket_;
    websocket::response_type answer_;
    boost::system::error_code error_;
};

TEST(WebSocket, CarriesTextBothWays)
{
    RunningServer server(upgrading(echo));
    Browser browser(server.port());
    EXPECT_EQ(browser.answer()["X-Greeting"], "ciao");
    EXPECT_EQ(browser.answer()["Server"], "Sportello") << "no version";
    for (const std::string text : {"buongiorno", "", "a\xc3\xa8"}) {
        browser.socket().write(asio::buffer(text));
        EXPECT_EQ(browser.read(), "echo: " + text);
        EXPECT_TRUE(browser.socket().got_text());
    }
    browser.socket().close(websocket::close_code::normal);
}

TEST(WebSocket, AnswersPingsWhileNobodyReceives)
{
    RunningServer server(upgrading([](std::shared_ptr<WebSocket> socket) -> asio::awaitable<void> {
        socket->send("ready");
        co_await socket->receive();
    }));
    Browser browser(server.port());
    EXPECT_EQ(browser.read(), "ready");
    std::string pong;
    browser.socket().control_callback([&](websocket::frame_type kind, beast::string_view text) {
        if (kind == websocket::frame_type::pong) pong.assign(text.data(), text.size());
    });
    browser.socket().ping("are you there");
    browser.socket().write(asio::buffer(std::string_view("go")));
    browser.read();
    EXPECT_EQ(pong, "are you there");
    EXPECT_EQ(browser.error(), websocket::error::closed);
}

TEST(WebSocket, ClosesWithTheCodeTheHandlerGives)
{
    RunningServer server(upgrading([](std::shared_ptr<WebSocket> socket) -> asio::awaitable<void> {
        socket->send("last words");
        socket->close(4001);
        co_return;
    }));
    Browser browser(server.port());
    EXPECT_EQ(browser.read(), "last words") << "what was sent before the close arrives";
    browser.read();
    EXPECT_EQ(browser.error(), websocket::error::closed);
    EXPECT_EQ(browser.socket().reason().code, 4001);
}

TEST(WebSocket, TellsTheHandlerThatThePeerClosed)
{
    std::promise<bool> told;
    RunningServer server(upgrading([&told](std::shared_ptr<WebSocket> socket) -> asio::awaitable<void> {
        const auto text = co_await socket->receive();
        told.set_value(!text && !socket->send("too late"));
    }));
    Browser browser(server.port());
    browser.socket().close(websocket::close_code::normal);
    EXPECT_TRUE(told.get_future().get());
}

TEST(WebSocket, TakesNoBinaryFrames)
{
    RunningServer server(upgrading(echo));
    Browser browser(server.port());
    browser.socket().binary(true);
    browser.socket().write(asio::buffer(std::string_view("\x01\x02")));
    browser.read();
    EXPECT_EQ(browser.error(), websocket::error::closed);
    EXPECT_EQ(browser.socket().reason().code, websocket::close_code::unknown_data);
}

TEST(WebSocket, TakesNoHugeFrames)
{
    RunningServer server(upgrading(echo));
    Browser browser(server.port());
    browser.socket().write(asio::buffer(std::string(64 * 1024, 'x')));
    EXPECT_EQ(browser.read().size(), 64U * 1024 + 6);
    boost::system::error_code ignored_when_refused;
    browser.socket().write(asio::buffer(std::string(64 * 1024 + 1, 'x')), ignored_when_refused);
    browser.read();
    EXPECT_TRUE(browser.error());
}

TEST(WebSocket, DropsAPeerThatDoesNotRead)
{
    std::promise<int> sent;
    RunningServer server(upgrading([&sent](std::shared_ptr<WebSocket> socket) -> asio::awaitable<void> {
        const std::string text(32 * 1024, 'x');
        int count = 0;
        while (socket->send(text)) ++count;
        sent.set_value(count);
        const auto nothing = co_await socket->receive();
        EXPECT_FALSE(nothing);
    }));
    Browser browser(server.port());
    const int count = sent.get_future().get();
    EXPECT_GT(count, 0);
    EXPECT_LT(count, 1000);
}

/// Says much, as fast as the peer takes it; what waits for it stays small.
TEST(WebSocket, WaitsForASlowPeerAndCutsItAloneWhenItTakesNothing)
{
    constexpr int frames = 1000;
    std::promise<int> to_slow;
    std::promise<int> to_quick;
    std::promise<int>* next = &to_slow;
    ServerOptions options;
    options.write_timeout = std::chrono::seconds(1);
    RunningServer server(options, upgrading([&next, &to_quick](std::shared_ptr<WebSocket> socket) -> asio::awaitable<void> {
                             auto* told = next;
                             next = &to_quick;
                             const std::string text(16 * 1024, 'x');
                             int count = 0;
                             for (bool open = true; open && count < frames;) {
                                 open = co_await socket->ready();
                                 if (open) open = socket->send(text);
                                 if (open) ++count;
                             }
                             told->set_value(count);
                             co_await socket->receive();
                         }));
    Browser slow(server.port());
    Browser quick(server.port());
    int heard = 0;
    while (heard < frames && quick.read().size() == 16 * 1024) ++heard;
    EXPECT_EQ(heard, frames);
    EXPECT_EQ(to_quick.get_future().get(), frames);
    EXPECT_LT(to_slow.get_future().get(), frames) << "cut after a second in which it took nothing";
    while (!slow.error()) slow.read();
    EXPECT_NE(slow.error(), websocket::error::closed) << "reset: what it did not take is not kept for it";
}

TEST(WebSocket, ClosesWhenTheServerStops)
{
    RunningServer server(upgrading(echo));
    Browser browser(server.port());
    auto stopped = server.begin_stop();
    browser.read();
    EXPECT_EQ(browser.error(), websocket::error::closed);
    EXPECT_EQ(browser.socket().reason().code, websocket::close_code::going_away);
    stopped.get();
}

TEST(WebSocket, AnOrdinaryRequestIsToldToUpgrade)
{
    RunningServer server(upgrading(echo));
    RawPeer peer(server.port());
    peer.send("GET /v1/live HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(status_of(answer), 426);
    EXPECT_EQ(header_of(answer, "Upgrade"), "websocket");
}

TEST(WebSocket, NothingMayBeSmuggledBehindTheUpgrade)
{
    RunningServer server(upgrading(echo));
    RawPeer peer(server.port());
    peer.send("GET /v1/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET / HTTP/1.1\r\n");
    EXPECT_EQ(status_of(peer.read_to_end()), 400);
}

} // namespace
} // namespace sportello::http::test
