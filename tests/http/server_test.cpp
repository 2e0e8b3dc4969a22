#include "support.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

Handler echo()
{
    return [](Request& request) -> asio::awaitable<Response> {
        co_return Response::text(200, std::string(to_string(request.method)) + " " + request.target + " " + request.body);
    };
}

TEST(Server, KeepsTheConnectionForTheNextRequest)
{
    RunningServer server(echo());
    RawPeer peer(server.port());
    for (int i = 0; i < 3; ++i) {
        peer.send(get_a);
        EXPECT_EQ(body_of(peer.read_answer()), "GET /a ");
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder)
{
    RunningServer server(echo());
    RawPeer peer(server.port());
    peer.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\n"
              "Host: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(body_of(peer.read_answer()), "GET /1 ");
    EXPECT_EQ(body_of(peer.read_answer()), "POST /2 abc");
    const std::string last = peer.read_to_end();
    EXPECT_EQ(body_of(last), "GET /3 ");
    EXPECT_EQ(header_of(last, "Connection"), "close");
}

TEST(Server, SpeaksHttp10)
{
    RunningServer server(echo());
    RawPeer closing(server.port());
    closing.send("GET /a HTTP/1.0\r\nHost: a\r\n\r\n");
    EXPECT_EQ(body_of(closing.read_to_end()), "GET /a ");

    RawPeer staying(server.port());
    staying.send("GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(header_of(staying.read_answer(), "Connection"), "keep-alive");
}

TEST(Server, SaysToHeadWhatItWouldSayToGet)
{
    RunningServer server(echo());
    RawPeer peer(server.port());
    peer.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(header_of(peer.read_answer(true), "Content-Length"), "8");
    peer.send(get_a);
    EXPECT_EQ(body_of(peer.read_answer()), "GET /a ");
}

TEST(Server, SendsNoLengthWhereNoBodyCanBe)
{
    RunningServer server([](Request&) -> asio::awaitable<Response> { co_return Response::empty(); });
    RawPeer peer(server.port());
    peer.send(get_a);
    const std::string answer = peer.read_answer();
    EXPECT_EQ(status_of(answer), 204);
    EXPECT_EQ(header_of(answer, "Content-Length"), "");
    peer.send(get_a);
    EXPECT_EQ(status_of(peer.read_answer()), 204);
}

TEST(Server, InvitesTheBodyThatWaitsForIt)
{
    RunningServer server(echo());
    RawPeer peer(server.port());
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    EXPECT_EQ(body_of(peer.read_answer()), "POST /a abc");
}

TEST(Server, GivesEveryAnswerTheSecurityHeaders)
{
    RunningServer server(echo());
    RawPeer peer(server.port());
    peer.send(get_a);
    peer.send("nonsense\r\n\r\n");
    for (const std::string& answer : {peer.read_answer(), peer.read_to_end()}) {
        EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header_of(answer, "Referrer-Policy"), "same-origin");
        EXPECT_EQ(header_of(answer, "Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_EQ(header_of(answer, "Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(header_of(answer, "X-Frame-Options"), "DENY");
        EXPECT_NE(header_of(answer, "Permissions-Policy"), "");
        EXPECT_EQ(header_of(answer, "Date").size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
        EXPECT_EQ(header_of(answer, "Server"), "");
        EXPECT_EQ(header_of(answer, "Strict-Transport-Security"), "") << "only over TLS";
    }
}

TEST(Server, LeavesAHeaderThatTheHandlerHasSet)
{
    RunningServer server([](Request&) -> asio::awaitable<Response> {
        Response response = Response::text(200, "x");
        response.headers.add("x-frame-options", "SAMEORIGIN");
        response.headers.add("Content-Length", "99");
        co_return response;
    });
    RawPeer peer(server.port());
    peer.send(get_a);
    const std::string answer = peer.read_answer();
    EXPECT_EQ(header_of(answer, "x-frame-options"), "SAMEORIGIN");
    EXPECT_EQ(header_of(answer, "X-Frame-Options"), "");
    EXPECT_EQ(header_of(answer, "Content-Length"), "1") << "the framing is the server's own";
}

TEST(Server, TurnsAnExceptionIntoAPlain500)
{
    RunningServer server([](Request& request) -> asio::awaitable<Response> {
        if (request.path == "/throw") throw std::runtime_error("secret detail");
        Response response = Response::text(200, "x");
        if (request.path == "/split") response.headers.add("X-A", "b\r\nSet-Cookie: stolen=1");
        co_return response;
    });
    RawPeer peer(server.port());
    for (const std::string path : {"/throw", "/split"}) {
        peer.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string answer = peer.read_answer();
        EXPECT_EQ(status_of(answer), 500);
        EXPECT_EQ(answer.find("secret"), std::string::npos);
        EXPECT_EQ(answer.find("stolen"), std::string::npos);
    }
    peer.send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(peer.read_answer()), 200);
}

TEST(Server, CutsTheConnectionWhenToldTo)
{
    RunningServer server([](Request&) -> asio::awaitable<Response> {
        Response response;
        response.cut = true;
        co_return response;
    });
    RawPeer peer(server.port());
    peer.send(get_a);
    EXPECT_TRUE(peer.ended());
}

TEST(Server, CarriesALargeBodyBothWays)
{
    ServerOptions options;
    options.body_limit_bytes = 8 * 1024 * 1024;
    RunningServer server(options, [](Request& request) -> asio::awaitable<Response> { co_return Response::text(200, request.body); });
    std::string body(5'000'000, 'x');
    for (std::size_t i = 0; i < body.size(); i += 977) body[i] = static_cast<char>('a' + i % 26);
    RawPeer peer(server.port());
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    peer.send(body);
    EXPECT_TRUE(body_of(peer.read_answer()) == body);
}

struct Excess {
    const char* name;
    std::string bytes;
    int status;
    friend void PrintTo(const Excess& c, std::ostream* out) { *out << c.name; }
};

class BeyondALimit : public testing::TestWithParam<Excess> {};

TEST_P(BeyondALimit, IsToldWhich)
{
    ServerOptions options;
    options.header_limit_bytes = 1024;
    options.body_limit_bytes = 1000;
    options.header_timeout = std::chrono::seconds(1);
    options.body_timeout = std::chrono::seconds(1);
    RunningServer server(options, echo());
    RawPeer peer(server.port());
    peer.send(GetParam().bytes);
    const std::string answer = peer.read_answer();
    EXPECT_EQ(status_of(answer), GetParam().status) << answer;
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_TRUE(peer.ended());
}

const std::string post_root = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string head_of_1024 = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1024 - 25 - 3 - 4, 'x');

INSTANTIATE_TEST_SUITE_P(
    Table, BeyondALimit,
    testing::Values(Excess{"LongHead", head_of_1024 + "x\r\n\r\n", 431}, Excess{"EndlessHead", std::string(2000, 'x'), 431},
                    Excess{"LongBody", post_root + "Content-Length: 1001\r\n\r\n", 413},
                    Excess{"LongBodyThatWaits", post_root + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n", 413},
                    Excess{"LongChunk", post_root + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413},
                    Excess{"LongSumOfChunks",
                           post_root + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n", 413},
                    Excess{"SlowHead", "GET / HTTP/1.1\r\nHo", 408}, Excess{"SlowBody", post_root + "Content-Length: 10\r\n\r\nabc", 408}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Server, TakesFilesOnlyWhereFilesAreTakenAndAFewAtATime)
{
    ServerOptions options;
    options.body_limit_bytes = 1000;
    options.upload_limit_bytes = 5000;
    options.uploads_at_once = 1;
    RunningServer server(options, echo());
    const auto ask = [](const std::string& path, std::size_t size) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    for (const char* path : {"/v1/tickets/1/uploads", "/v1/tickets/1/uploads?name=x.png"}) {
        RawPeer peer(server.port());
        peer.send(ask(path, 5000) + std::string(5000, 'x'));
        EXPECT_EQ(status_of(peer.read_answer()), 200) << path;
        RawPeer other(server.port());
        other.send(ask(path, 5001));
        EXPECT_EQ(status_of(other.read_answer()), 413) << path;
    }
    for (const char* path : {"/v1/tickets/1/notes", "/uploads/1", "/v1/notes?x=/uploads"}) {
        RawPeer peer(server.port());
        peer.send(ask(path, 1001));
        EXPECT_EQ(status_of(peer.read_answer()), 413) << path;
    }
    RawPeer first(server.port());
    first.send(ask("/v1/tickets/1/uploads", 5000) + std::string(100, 'x'));
    RawPeer second(server.port());
    std::string refused;
    for (int tries = 0; tries < 100 && refused.empty(); ++tries) { // until the first one's head has come in
        RawPeer again(server.port());
        again.send(ask("/v1/tickets/1/uploads", 10) + std::string(10, 'x'));
        const std::string answer = again.read_answer();
        if (status_of(answer) == 503) refused = answer;
    }
    EXPECT_EQ(status_of(refused), 503);
    first.send(std::string(4900, 'x'));
    EXPECT_EQ(status_of(first.read_answer()), 200);
}

TEST(Server, TakesWhatIsJustWithinTheLimits)
{
    ServerOptions options;
    options.header_limit_bytes = 1024;
    options.body_limit_bytes = 1000;
    RunningServer server(options, echo());
    RawPeer peer(server.port());
    peer.send(head_of_1024 + "\r\n\r\n");
    EXPECT_EQ(status_of(peer.read_answer()), 200);
    peer.send(post_root + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_EQ(status_of(peer.read_answer()), 200);
}

TEST(Server, ClosesAnIdleConnectionWithoutAWord)
{
    ServerOptions options;
    options.idle_timeout = std::chrono::seconds(1);
    RunningServer server(options, echo());
    RawPeer silent(server.port());
    RawPeer used(server.port());
    used.send(get_a);
    used.read_answer();
    EXPECT_TRUE(silent.ended());
    EXPECT_TRUE(used.ended());
}

TEST(Server, DropsAPeerThatDoesNotRead)
{
    ServerOptions options;
    options.write_timeout = std::chrono::seconds(1);
    RunningServer server(options,
                         [](Request&) -> asio::awaitable<Response> { co_return Response::text(200, std::string(64 * 1024 * 1024, 'x')); });
    RawPeer peer(server.port());
    peer.send(get_a);
    peer.read_until("\r\n\r\n");
    // It went on without reading: the server has given up, and what the kernel still holds is less than the whole.
    const auto gone = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (server.connections() > 0 && std::chrono::steady_clock::now() < gone) std::this_thread::yield();
    EXPECT_EQ(server.connections(), 0U);
    EXPECT_LT(peer.read_to_end().size(), 64U * 1024 * 1024);
}

TEST(Server, TurnsAwayWhatIsBeyondTheConnectionLimit)
{
    ServerOptions options;
    options.connection_limit = 1;
    RunningServer server(options, echo());
    RawPeer first(server.port());
    first.send(get_a);
    first.read_answer();

    RawPeer second(server.port());
    second.send(get_a);
    EXPECT_EQ(status_of(second.read_to_end()), 503);
    first.send(get_a);
    EXPECT_EQ(status_of(first.read_answer()), 200) << "who is inside stays inside";
}

TEST(Server, BelievesForwardedHeadersOfTrustedProxiesOnly)
{
    const Handler who = [](Request& request) -> asio::awaitable<Response> {
        co_return Response::text(200, request.remote_address + (request.secure ? " secure" : " plain"));
    };
    const std::string forwarded = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 10.1.2.3\r\nX-Forwarded-For: 10.0.0.9\r\n"
                                  "X-Forwarded-Proto: https\r\n\r\n";
    RunningServer alone(who);
    RawPeer stranger(alone.port());
    stranger.send(forwarded);
    EXPECT_EQ(body_of(stranger.read_answer()), "127.0.0.1 plain");

    ServerOptions options;
    options.trusted_proxies = {"127.0.0.1", "10.0.0.9"};
    RunningServer behind_proxies(options, who);
    RawPeer proxy(behind_proxies.port());
    proxy.send(forwarded);
    EXPECT_EQ(body_of(proxy.read_answer()), "10.1.2.3 secure") << "what the client claims about itself is left of it";
}

TEST(Server, SaysWhyItCannotListen)
{
    RunningServer first(echo());
    asio::io_context io;
    ServerOptions options;
    options.port = first.port();
    Server second(io.get_executor(), options, echo());
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind(), base::ErrorKind::unavailable);
    EXPECT_NE(started.error().what().find(std::to_string(first.port())), std::string::npos);
    EXPECT_NE(started.error().what().find("another program"), std::string::npos);
}

TEST(Server, SaysWhichCertificateItCannotRead)
{
    asio::io_context io;
    ServerOptions options;
    options.certificate_file = "/nowhere/certificate.pem";
    options.key_file = "/nowhere/key.pem";
    Server server(io.get_executor(), options, echo());
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind(), base::ErrorKind::invalid_input);
    EXPECT_NE(started.error().what().find("/nowhere/certificate.pem"), std::string::npos);
}

TEST(Server, LetsARunningRequestEndWhenItStops)
{
    std::promise<void> arrived;
    std::unique_ptr<asio::steady_timer> release;
    RunningServer server([&](Request&) -> asio::awaitable<Response> {
        release = std::make_unique<asio::steady_timer>(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        arrived.set_value();
        try {
            co_await release->async_wait(asio::use_awaitable);
        } catch (const boost::system::system_error&) {
            // cancelled: that is the release
        }
        co_return Response::text(200, "done");
    });
    RawPeer idle(server.port());
    RawPeer busy(server.port());
    busy.send(get_a);
    arrived.get_future().get();

    auto stopped = server.begin_stop();
    EXPECT_TRUE(idle.ended()) << "an idle connection ends at once";
    EXPECT_THROW(RawPeer(server.port()), boost::system::system_error) << "nobody new is let in";
    asio::post(server.engine().io(), [&release] { release->cancel(); });
    const std::string answer = busy.read_to_end();
    EXPECT_EQ(body_of(answer), "done");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    stopped.get();
    EXPECT_EQ(server.connections(), 0U);
}

TEST(Server, EndsWhatOutlastsItsGrace)
{
    std::promise<void> arrived;
    std::unique_ptr<asio::steady_timer> release;
    RunningServer server([&](Request&) -> asio::awaitable<Response> {
        release = std::make_unique<asio::steady_timer>(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        arrived.set_value();
        co_await release->async_wait(asio::use_awaitable);
        co_return Response::text(200, "never");
    });
    RawPeer busy(server.port());
    busy.send(get_a);
    arrived.get_future().get();
    server.begin_stop(std::chrono::milliseconds(10)).get();
    EXPECT_TRUE(busy.ended());
    asio::post(server.engine().io(), [&release] { release->cancel(); });
}

/// While it lives, this process can open no further descriptor.
class NoFreeDescriptors {
public:
    NoFreeDescriptors()
    {
        getrlimit(RLIMIT_NOFILE, &before_);
        const int lowest_free = dup(0);
        close(lowest_free);
        rlimit now = before_;
        now.rlim_cur = static_cast<rlim_t>(lowest_free);
        setrlimit(RLIMIT_NOFILE, &now);
    }
    ~NoFreeDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(Server, WaitsForAFreeDescriptorAndGoesOn)
{
    RunningServer server(echo());
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.open(asio::ip::tcp::v4());
    {
        const NoFreeDescriptors scarcity;
        socket.connect({asio::ip::make_address("127.0.0.1"), server.port()});
        // Two turns of the event loop: the server has tried to accept, and has failed.
        for (int turn = 0; turn < 2; ++turn) EXPECT_EQ(server.connections(), 0U);
    }
    RawPeer peer(std::move(socket));
    peer.send(get_a);
    EXPECT_EQ(body_of(peer.read_answer()), "GET /a ");
}

} // namespace
} // namespace sportello::http::test
