#include "support.hpp"

#include <sportello/http/client.hpp>

#include <gtest/gtest.h>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;

class Tls : public testing::Test {
protected:
    ServerOptions server_options() const
    {
        ServerOptions options;
        options.certificate_file = certificate.certificate_file();
        options.key_file = certificate.key_file();
        return options;
    }

    Exchange ask(const std::string& url, bool trusting = true)
    {
        ClientOptions options;
        if (trusting) options.ca_file = certificate.certificate_file();
        Client client(engine.executor(), options);
        const auto work = [&]() -> asio::awaitable<Exchange> {
            ClientRequest request;
            request.url = url;
            request.deadline = std::chrono::minutes(1); // reading all authorities takes its time under a sanitizer
            Exchange exchange = co_await client.send(request);
            co_return exchange;
        };
        return engine.run(work);
    }

    TestCertificate certificate;
    RunningServer server{server_options(), [](Request& request) -> asio::awaitable<Response> {
                             co_return Response::text(200, (request.secure ? "secure " : "plain ") +
                                                               std::string(request.headers.find("Host").value_or("")));
                         }};
    Engine engine;
};

TEST_F(Tls, CarriesARequestToAServerThatProvesItsName)
{
    const Exchange exchange = ask(server.url("/", "https"));
    ASSERT_TRUE(exchange.response) << exchange.failure;
    EXPECT_EQ(exchange.response->body, "secure localhost:" + std::to_string(server.port()));
    EXPECT_EQ(exchange.response->headers.find("Strict-Transport-Security"), "max-age=63072000; includeSubDomains");
}

TEST_F(Tls, SendsNothingToAServerThatNobodyVouchesFor)
{
    const Exchange exchange = ask(server.url("/", "https"), false);
    EXPECT_FALSE(exchange.response);
    EXPECT_NE(exchange.failure.find("certificate"), std::string::npos) << exchange.failure;
    EXPECT_FALSE(exchange.request_bytes_left);
}

TEST_F(Tls, SendsNothingToAServerOfAnotherName)
{
    const Exchange exchange = ask("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    EXPECT_FALSE(exchange.response);
    EXPECT_FALSE(exchange.request_bytes_left);
}

TEST_F(Tls, EndsWhenThePeerSpeaksPlainHttp)
{
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(peer.read_to_end().find("HTTP/1.1"), std::string::npos);
}

TEST_F(Tls, SendsNothingToAServerWithoutTls)
{
    ScriptedServer plain({[](RawPeer& peer) { peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); }});
    const Exchange exchange = ask("https://localhost:" + std::to_string(plain.port()) + "/");
    EXPECT_FALSE(exchange.response);
    EXPECT_FALSE(exchange.request_bytes_left);
}

TEST_F(Tls, NamesTheFileOfAuthoritiesItCannotRead)
{
    Client client(engine.executor(), [] {
        ClientOptions options;
        options.ca_file = "/nowhere/ca.pem";
        return options;
    }());
    const auto work = [&]() -> asio::awaitable<Exchange> {
        ClientRequest request;
        request.url = server.url("/", "https");
        Exchange exchange = co_await client.send(request);
        co_return exchange;
    };
    const Exchange exchange = engine.run(work);
    EXPECT_NE(exchange.failure.find("/nowhere/ca.pem"), std::string::npos);
    EXPECT_FALSE(exchange.request_bytes_left);
}

} // namespace
} // namespace sportello::http::test
