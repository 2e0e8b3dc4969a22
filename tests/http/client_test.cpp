#include "support.hpp"

#include <sportello/http/client.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ClientTest : public testing::Test {
protected:
    Exchange send(ClientRequest request)
    {
        const auto work = [&]() -> asio::awaitable<Exchange> {
            Exchange exchange = co_await client->send(request);
            co_return exchange;
        };
        return engine.run(work);
    }
    Exchange get(const std::string& url)
    {
        ClientRequest request;
        request.url = url;
        return send(request);
    }
    Exchange post(const std::string& url, std::chrono::milliseconds deadline = std::chrono::seconds(10))
    {
        ClientRequest request;
        request.method = Method::post;
        request.url = url;
        request.body = "text=hello";
        request.deadline = deadline;
        return send(request);
    }

    Engine engine;
    std::unique_ptr<Client> client = std::make_unique<Client>(engine.executor(), ClientOptions());
};

TEST_F(ClientTest, SaysWhatItIsAskedToSay)
{
    std::string seen;
    {
        ScriptedServer server({[&seen](RawPeer& peer) {
            seen = peer.read_until("hello");
            peer.send(ok);
        }});
        ClientRequest request;
        request.method = Method::post;
        request.url = server.url("/v19.0/1_2/comments?a=b%20c");
        request.headers.add("Content-Type", "text/plain");
        request.headers.add("Content-Length", "99");
        request.body = "hello";
        const Exchange exchange = send(request);
        ASSERT_TRUE(exchange.response) << exchange.failure;
        EXPECT_EQ(exchange.response->body, "ok");
        EXPECT_EQ(header_of(seen, "Host"), "127.0.0.1:" + std::to_string(server.port()));
    }
    EXPECT_TRUE(seen.starts_with("POST /v19.0/1_2/comments?a=b%20c HTTP/1.1\r\n"));
    EXPECT_EQ(header_of(seen, "Content-Type"), "text/plain");
    EXPECT_EQ(header_of(seen, "Content-Length"), "5");
    EXPECT_EQ(header_of(seen, "User-Agent"), "Sportello");
    EXPECT_EQ(header_of(seen, "Accept-Encoding"), "");
}

struct Answer {
    const char* name;
    std::string bytes;
    std::string body;    ///< when it is a good one
    std::string failure; ///< else a piece of what is said
    friend void PrintTo(const Answer& c, std::ostream* out) { *out << c.name; }
};

class AnswerTest : public ClientTest, public testing::WithParamInterface<Answer> {};

TEST_P(AnswerTest, IsReadOrRefused)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send(GetParam().bytes);
    }});
    ClientOptions options;
    options.response_limit_bytes = 1000;
    client = std::make_unique<Client>(engine.executor(), options);
    const Exchange exchange = get(server.url());
    EXPECT_TRUE(exchange.request_bytes_left);
    if (GetParam().failure.empty()) {
        ASSERT_TRUE(exchange.response) << exchange.failure;
        EXPECT_EQ(exchange.response->body, GetParam().body);
        EXPECT_FALSE(exchange.response->headers.has("Authorization"));
    } else {
        EXPECT_FALSE(exchange.response);
        EXPECT_NE(exchange.failure.find(GetParam().failure), std::string::npos) << exchange.failure;
    }
}

const std::string head = "HTTP/1.1 200 OK\r\n";

INSTANTIATE_TEST_SUITE_P(
    Table, AnswerTest,
    testing::Values(Answer{"Length", ok, "ok", ""},
                    Answer{"Chunks", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\nAuthorization: x\r\n\r\n", "abcd",
                           ""},
                    Answer{"UpToTheEnd", head + "\r\nall of it", "all of it", ""},
                    Answer{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", "", ""},
                    Answer{"AfterAnInterimOne", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + ok, "ok", ""},
                    Answer{"AServerError", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", "busy", ""},
                    Answer{"None", "", "", "before an answer came"},
                    Answer{"CutHead", "HTTP/1.1 200 OK\r\nContent-Le", "", "before the answer was complete"},
                    Answer{"CutBody", head + "Content-Length: 10\r\n\r\nabc", "", "before the answer was complete"},
                    Answer{"CutChunks", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "", "before the answer was complete"},
                    Answer{"Nonsense", "220 mail.example.org ESMTP\r\n\r\n", "", "not HTTP"},
                    Answer{"TooLong", head + "Content-Length: 1001\r\n\r\n", "", "larger than allowed"},
                    Answer{"TooLongInChunks", head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", "", "larger than allowed"},
                    Answer{"TooLongUpToTheEnd", head + "\r\n" + std::string(1001, 'x'), "", "larger than allowed"},
                    Answer{"LengthAndChunked", head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", "not HTTP"},
                    Answer{"EndlessHead", head + "X: " + std::string(100'000, 'x'), "", "not HTTP"},
                    Answer{"Switching", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "", "protocol"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(ClientTest, ReadsNoBodyAfterHead)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        peer.read_until("\r\n\r\n");
        peer.send(ok);
    }});
    ClientRequest request;
    request.method = Method::head;
    request.url = server.url();
    const Exchange exchange = send(request);
    ASSERT_TRUE(exchange.response) << exchange.failure;
    EXPECT_EQ(exchange.response->headers.find("Content-Length"), "10");
    EXPECT_EQ(get(server.url()).response.value().body, "ok") << "on the same connection";
}

TEST_F(ClientTest, KnowsThatNothingLeftWhenNobodyListens)
{
    std::uint16_t port = 0;
    {
        asio::io_context io;
        port = tcp::acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)).local_endpoint().port();
    }
    const Exchange exchange = post("http://127.0.0.1:" + std::to_string(port) + "/secret");
    EXPECT_FALSE(exchange.response);
    EXPECT_FALSE(exchange.request_bytes_left);
    EXPECT_NE(exchange.failure.find("cannot connect"), std::string::npos) << exchange.failure;
    EXPECT_EQ(exchange.failure.find("secret"), std::string::npos);
}

TEST_F(ClientTest, KnowsThatNothingLeftForAHostThatDoesNotExist)
{
    const Exchange exchange = post("http://sportello.invalid/");
    EXPECT_FALSE(exchange.response);
    EXPECT_FALSE(exchange.request_bytes_left);
    EXPECT_FALSE(exchange.failure.empty());
}

TEST_F(ClientTest, KnowsThatNothingLeftForARequestThatCannotBeWritten)
{
    EXPECT_FALSE(post("nonsense").request_bytes_left);
    ScriptedServer server({});
    ClientRequest request;
    request.url = server.url();
    request.headers.add("X-A", "b\r\nX-B: c");
    const Exchange exchange = send(request);
    EXPECT_NE(exchange.failure.find("line break"), std::string::npos);
    EXPECT_FALSE(exchange.request_bytes_left);
}

TEST_F(ClientTest, KnowsThatTheRequestLeftWhenTheAnswerIsLost)
{
    ScriptedServer server({[](RawPeer& peer) { peer.read_until("hello"); },
                           [](RawPeer& peer) {
                               peer.read_until("hello");
                               peer.reset();
                           }});
    for (const char* way : {"ended", "reset"}) {
        const Exchange exchange = post(server.url());
        EXPECT_FALSE(exchange.response) << way;
        EXPECT_TRUE(exchange.request_bytes_left) << way;
    }
}

TEST_F(ClientTest, GivesUpAtTheDeadline)
{
    std::promise<void> asked_enough;
    {
        ScriptedServer server({[&](RawPeer&) { asked_enough.get_future().get(); }});
        const Exchange exchange = post(server.url(), std::chrono::milliseconds(100));
        EXPECT_FALSE(exchange.response);
        EXPECT_TRUE(exchange.request_bytes_left);
        EXPECT_TRUE(exchange.failure.starts_with("the deadline passed")) << exchange.failure;
        EXPECT_GE(exchange.took, std::chrono::milliseconds(100));
        EXPECT_LT(exchange.took, std::chrono::seconds(5));
        asked_enough.set_value();
    }
}

TEST_F(ClientTest, TheDeadlineHoldsAgainstAnAnswerThatDrips)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("hello");
        peer.send(head + "Content-Length: 1000000\r\n\r\n");
        peer.read_to_end();
    }});
    const Exchange exchange = post(server.url(), std::chrono::milliseconds(100));
    EXPECT_FALSE(exchange.response);
    EXPECT_TRUE(exchange.failure.starts_with("the deadline passed")) << exchange.failure;
}

TEST_F(ClientTest, KeepsAConnectionForTheNextRequest)
{
    ScriptedServer server({[](RawPeer& peer) {
        for (int i = 0; i < 3; ++i) {
            peer.read_until("\r\n\r\n");
            peer.send(ok);
        }
    }});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(server.url()).response.value().body, "ok");
}

TEST_F(ClientTest, OpensAFreshConnectionWhenAskedTo)
{
    std::string seen;
    {
        ScriptedServer server({[](RawPeer& peer) {
                                   peer.read_until("\r\n\r\n");
                                   peer.send(ok);
                               },
                               [&seen](RawPeer& peer) {
                                   seen = peer.read_until("\r\n\r\n");
                                   peer.send(ok);
                               }});
        get(server.url());
        ClientRequest request;
        request.url = server.url();
        request.fresh_connection = true;
        EXPECT_EQ(send(request).response.value().body, "ok");
    }
    EXPECT_EQ(header_of(seen, "Connection"), "close");
}

TEST_F(ClientTest, NoticesADeadConnectionBeforeItUsesIt)
{
    std::promise<void> closed;
    ScriptedServer server({[&closed](RawPeer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.send(ok);
                               peer.shut_down_sending();
                               closed.set_value();
                               peer.read_to_end();
                           },
                           [](RawPeer& peer) {
                               peer.read_until("hello");
                               peer.send(ok);
                           }});
    get(server.url());
    closed.get_future().get(); // on loopback the end has arrived when shutdown() returns
    const Exchange exchange = post(server.url());
    EXPECT_TRUE(exchange.response) << exchange.failure;
}

/// Answers once, then ends the connection when the next request has come.
void answer_once_then_end(RawPeer& peer)
{
    peer.read_until("\r\n\r\n");
    peer.send(ok);
    peer.read_until("\r\n\r\n");
}

TEST_F(ClientTest, AsksAgainForAGetOnAConnectionThatEnded)
{
    ScriptedServer server({answer_once_then_end, [](RawPeer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain");
                           }});
    EXPECT_EQ(get(server.url()).response.value().body, "ok");
    EXPECT_EQ(get(server.url()).response.value().body, "again");
}

TEST_F(ClientTest, NeverSendsAPostTwice)
{
    std::atomic<bool> second_connection = false;
    ScriptedServer server({answer_once_then_end, [&](RawPeer&) { second_connection = true; }});
    get(server.url());
    const Exchange exchange = post(server.url());
    EXPECT_FALSE(exchange.response);
    EXPECT_TRUE(exchange.request_bytes_left);
    EXPECT_FALSE(second_connection);
}

TEST_F(ClientTest, AsksAgainOnlyOnce)
{
    std::atomic<int> asked = 0;
    const auto end_at_once = [&](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        ++asked;
    };
    {
        ScriptedServer server({answer_once_then_end, end_at_once, end_at_once});
        get(server.url());
        EXPECT_FALSE(get(server.url()).response);
    }
    EXPECT_EQ(asked, 1);
}

TEST_F(ClientTest, TalksToTheServerOfThisHouse)
{
    RunningServer server([](Request& request) -> asio::awaitable<Response> {
        Response response = Response::json(201, request.body);
        if (request.path == "/stream") {
            response.stream = [](BodyStream& body) -> asio::awaitable<void> {
                co_await body.write("abc");
                co_await body.write("def");
            };
        }
        co_return response;
    });
    EXPECT_EQ(post(server.url("/")).response.value().body, "text=hello");
    EXPECT_EQ(get(server.url("/stream")).response.value().body, "abcdef");
}

} // namespace
} // namespace sportello::http::test
