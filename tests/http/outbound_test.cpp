#include "support.hpp"

#include <sportello/http/outbound.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;

AllowedPlaces places(const std::vector<std::string>& entries)
{
    return AllowedPlaces::parse(entries).value();
}

LookUp always(std::vector<std::string> addresses, std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0))
{
    return [addresses = std::move(addresses), asked](std::string) -> asio::awaitable<std::vector<std::string>> {
        ++*asked;
        co_return addresses;
    };
}

class OutboundTest : public testing::Test {
protected:
    OutboundClient& client(OutboundOptions options)
    {
        made = std::make_unique<OutboundClient>(engine.executor(), std::move(options));
        return *made;
    }
    Exchange send(const std::string& url)
    {
        const auto work = [&]() -> asio::awaitable<Exchange> {
            ClientRequest request;
            request.method = Method::post;
            request.url = url;
            request.body = "{}";
            Exchange exchange = co_await made->send(std::move(request));
            co_return exchange;
        };
        return engine.run(work);
    }
    Exchange fetch(const std::string& url, int hops, std::function<bool(const Url&)> may_visit = {})
    {
        const auto work = [&]() -> asio::awaitable<Exchange> {
            ClientRequest request;
            request.url = url;
            request.headers.add("Authorization", "Bearer canary");
            Exchange exchange = co_await made->fetch(std::move(request), hops, std::move(may_visit));
            co_return exchange;
        };
        return engine.run(work);
    }

    Engine engine;
    std::unique_ptr<OutboundClient> made;
};

TEST(PublicAddress, KnowsWhatIsInsideInEveryDress)
{
    for (const char* inside : {"127.0.0.1",
                               "127.255.255.254",
                               "0.0.0.0",
                               "10.0.0.1",
                               "172.16.0.1",
                               "172.31.255.255",
                               "192.168.1.1",
                               "169.254.169.254",
                               "100.64.0.1",
                               "100.127.255.255",
                               "192.0.0.8",
                               "192.0.2.1",
                               "198.18.0.1",
                               "198.51.100.1",
                               "203.0.113.1",
                               "224.0.0.1",
                               "255.255.255.255",
                               "240.0.0.1",
                               "::",
                               "::1",
                               "::ffff:127.0.0.1",
                               "::ffff:10.0.0.1",
                               "::ffff:a9fe:a9fe",
                               "::127.0.0.1",
                               "64:ff9b::7f00:1",
                               "64:ff9b::a9fe:a9fe",
                               "64:ff9b:1::1",
                               "2002:7f00:1::",
                               "2002:a9fe:a9fe::1",
                               "2001::1",
                               "2001:db8::1",
                               "3fff::1",
                               "fc00::1",
                               "fd00:ec2::254",
                               "fe80::1",
                               "fec0::1",
                               "ff02::1",
                               "fe80::1%1",
                               "100::1",
                               "5f00::1",
                               "localhost",
                               "",
                               "127.1",
                               "0x7f000001",
                               "2130706433"})
        EXPECT_FALSE(is_public_address(inside)) << inside;
    for (const char* outside :
         {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255",
          "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
        EXPECT_TRUE(is_public_address(outside)) << outside;
}

TEST(AllowedPlaces, AreHostsAddressesAndNetworks)
{
    const AllowedPlaces allowed = places({"calls.lan:8080", "Files.LAN", "10.1.2.3", "10.9.0.0/16", "[fd00::1]:9000"});
    EXPECT_TRUE(allowed.allows("calls.lan", 8080, "10.0.0.1"));
    EXPECT_FALSE(allowed.allows("calls.lan", 22, "10.0.0.1"));
    EXPECT_TRUE(allowed.allows("files.lan", 22, "127.0.0.1"));
    EXPECT_FALSE(allowed.allows("evil.files.lan", 443, "127.0.0.1"));
    EXPECT_TRUE(allowed.allows("any.example", 443, "10.1.2.3"));
    EXPECT_TRUE(allowed.allows("any.example", 443, "::ffff:10.1.2.3"));
    EXPECT_TRUE(allowed.allows("any.example", 443, "10.9.255.1"));
    EXPECT_FALSE(allowed.allows("any.example", 443, "10.8.0.1"));
    EXPECT_TRUE(allowed.allows("fd00::1", 9000, "fd00::1"));
    EXPECT_FALSE(allowed.allows("fd00::1", 443, "fd00::1"));
    for (const char* wrong : {"", "a b", "host:", "host:0", "host:99999", "10.0.0.0/33", "10.0.0.0/", "host/8", "[fd00::1", "[fd00::1]9000",
                              "http://calls.lan"})
        EXPECT_FALSE(AllowedPlaces::parse({wrong})) << wrong;
}

TEST_F(OutboundTest, NothingGoesInside)
{
    client({});
    for (const char* url :
         {"https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data",
          "https://10.0.0.1/", "http://hooks.example/", "https://hooks.example:22/", "ftp://hooks.example/",
          "https://user:password@hooks.example/", "file:///etc/passwd", "https://0.0.0.0/"}) {
        const Exchange exchange = send(url);
        EXPECT_FALSE(exchange.response) << url;
        EXPECT_FALSE(exchange.request_bytes_left) << url;
        EXPECT_NE(made->obstacle(url), "") << url;
    }
    EXPECT_EQ(made->obstacle("https://hooks.example/x"), "");
}

TEST_F(OutboundTest, ANameThatLeadsInsideIsNotConnectedTo)
{
    std::atomic<bool> reached = false;
    ScriptedServer trap({[&](RawPeer&) { reached = true; }});
    OutboundOptions options;
    options.ports.push_back(trap.port());
    for (const std::vector<std::string>& addresses :
         {std::vector<std::string>{"127.0.0.1"}, {"::ffff:127.0.0.1"}, {"10.0.0.1", "::1"}, {"localhost"}, {}}) {
        options.look_up = always(addresses);
        client(options);
        const Exchange exchange = send("https://innocent.example:" + std::to_string(trap.port()) + "/");
        EXPECT_FALSE(exchange.response);
        EXPECT_FALSE(exchange.request_bytes_left);
    }
    EXPECT_FALSE(reached);
    RawPeer ends_the_trap(trap.port());
}

TEST_F(OutboundTest, ANameIsLookedUpOnceAndTheCheckedAddressIsTheOneConnectedTo)
{
    // The first answer is allowed, every later one would lead to the trap.
    std::atomic<bool> reached = false;
    ScriptedServer trap({[&](RawPeer&) { reached = true; }});
    auto asked = std::make_shared<std::atomic<int>>(0);
    OutboundOptions options;
    options.allowed = places({"127.0.0.9"});
    options.ports.push_back(trap.port());
    options.look_up = [asked](std::string) -> asio::awaitable<std::vector<std::string>> {
        std::vector<std::string> answer{(*asked)++ == 0 ? "127.0.0.9" : "127.0.0.1"};
        co_return answer;
    };
    client(options);
    const Exchange exchange = send("https://rebinding.example:" + std::to_string(trap.port()) + "/");
    EXPECT_FALSE(exchange.response); // nobody listens on 127.0.0.9
    EXPECT_EQ(*asked, 1);
    EXPECT_FALSE(reached);
    const Exchange again = send("https://rebinding.example:" + std::to_string(trap.port()) + "/");
    EXPECT_FALSE(again.response);
    EXPECT_EQ(*asked, 2);
    EXPECT_FALSE(reached);
    RawPeer ends_the_trap(trap.port());
}

TEST_F(OutboundTest, AnAllowedPlaceIsGoneTo)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("{}");
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    }});
    OutboundOptions options;
    options.allowed = places({"calls.lan:" + std::to_string(server.port())});
    options.look_up = always({"127.0.0.1"});
    client(options);
    const Exchange exchange = send("http://calls.lan:" + std::to_string(server.port()) + "/hook");
    ASSERT_TRUE(exchange.response) << exchange.failure;
    EXPECT_EQ(exchange.response->status, 204);
}

TEST_F(OutboundTest, APostFollowsNoRedirect)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("{}");
        peer.send("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    }});
    OutboundOptions options;
    options.allowed = places({"127.0.0.1:" + std::to_string(server.port())});
    client(options);
    const Exchange exchange = send(server.url());
    ASSERT_TRUE(exchange.response) << exchange.failure;
    EXPECT_EQ(exchange.response->status, 307);
}

TEST_F(OutboundTest, EveryHopOfAFetchIsCheckedAndTheFirstHostsHeadersStayWithIt)
{
    std::atomic<bool> reached = false;
    ScriptedServer trap({[&](RawPeer&) { reached = true; }});
    std::string seen;
    ScriptedServer file({[&](RawPeer& peer) {
        seen = peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile");
    }});
    ScriptedServer server({[&](RawPeer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.send("HTTP/1.1 302 Found\r\nLocation: http://localhost:" + std::to_string(trap.port()) +
                                         "/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                           },
                           [&](RawPeer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.send("HTTP/1.1 302 Found\r\nLocation: " + file.url("/x") +
                                         "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                           },
                           [](RawPeer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                           }});
    OutboundOptions options;
    options.allowed = places({"127.0.0.1:" + std::to_string(server.port()), "127.0.0.1:" + std::to_string(file.port())});
    client(options);
    const Exchange inside = fetch(server.url(), 3);
    EXPECT_FALSE(inside.response);
    EXPECT_FALSE(reached);
    const Exchange followed = fetch(server.url(), 1);
    ASSERT_TRUE(followed.response) << followed.failure;
    EXPECT_EQ(followed.response->body, "file");
    EXPECT_EQ(header_of(seen, "Authorization"), "");
    EXPECT_FALSE(fetch(server.url(), 0).response); // one hop too many
    EXPECT_FALSE(fetch(server.url(), 1, [](const Url& url) { return url.host.ends_with(".example"); }).response);
    RawPeer ends_the_trap(trap.port());
}

TEST_F(OutboundTest, AnAnswerHasALimit)
{
    ScriptedServer server({[](RawPeer& peer) {
        peer.read_until("{}");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + std::string(1000, 'x'));
    }});
    OutboundOptions options;
    options.allowed = places({"127.0.0.1"});
    client(options);
    EXPECT_FALSE(send(server.url()).response);
}

} // namespace
} // namespace sportello::http::test
