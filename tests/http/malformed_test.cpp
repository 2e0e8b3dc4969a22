// 250 requests that are malformed or mean two things to two readers, each on a socket of its own: refused with the status of
// its class and the connection at its end, so that nothing smuggled in behind is ever read as a request.
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace sportello::http::test {
namespace {

using namespace std::string_literals;

struct Case {
    std::string name;
    std::string bytes;
    int status = 400;
};
using Cases = std::vector<Case>;

const std::string get = "GET /a HTTP/1.1\r\nHost: a\r\n";
const std::string post = "POST /v1 HTTP/1.1\r\nHost: a\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

std::string shown(std::string_view text)
{
    std::string out;
    for (const char c : text.substr(0, 40)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f) out += c;
        else out += '\\' + std::to_string(byte);
    }
    return out;
}

/// One case a text, which `make` puts into a request.
template <class Make> void each(Cases& cases, const std::string& family, const std::vector<std::string>& texts, Make make, int status = 400)
{
    for (const auto& text : texts) cases.push_back({family + " " + shown(text), make(text), status});
}

void lengths(Cases& cases)
{
    each(cases, "length",
         {"-1",
          "+1",
          "0x1",
          "1 1",
          "1,1",
          "1, 1",
          "1;1",
          "",
          "a",
          "1.0",
          "1e1",
          "1a",
          "a1",
          "1_0",
          "\"1\"",
          "1\t1",
          "0-1",
          "--1",
          "++1",
          "\xef\xbc\x91",
          "9999999999999999999",
          "18446744073709551616",
          "18446744073709551617",
          "340282366920938463463374607431768211457",
          "1\v",
          "1\f",
          "1\x7f",
          "0b1",
          "0o1",
          "1L",
          "%31",
          "NaN",
          "infinity",
          "chunked",
          "1,",
          ",1",
          "\xc2\xa0"
          "1"},
         [](const std::string& value) { return post + "Content-Length: " + value + "\r\n\r\nx"; });
    each(cases, "two lengths", {"0", "1", "2", "34", "01", "-1"},
         [](const std::string& value) { return post + "Content-Length: 1\r\nContent-Length: " + value + "\r\n\r\nx"; });
    each(cases, "two lengths in another case", {"content-length", "CONTENT-LENGTH", "Content-length"},
         [](const std::string& name) { return post + "Content-Length: 1\r\n" + name + ": 1\r\n\r\nx"; });
}

void encodings(Cases& cases)
{
    each(cases, "encoding",
         {"identity",
          "gzip",
          "deflate",
          "compress",
          "br",
          "x-chunked",
          "xchunked",
          "chunkedx",
          "chunked, chunked",
          "chunked,chunked",
          "gzip, chunked",
          "chunked, gzip",
          "chunked, identity",
          "identity, chunked",
          ",chunked",
          "chunked,",
          "chunked;q=1",
          "\"chunked\"",
          "'chunked'",
          "chunk",
          "chunked chunked",
          "chunked\v",
          "\vchunked",
          "\fchunked",
          "chunked\x7f",
          "\xc2\xa0"
          "chunked",
          "chun ked",
          "trailers",
          "",
          "0",
          "null"},
         [](const std::string& value) { return post + "Transfer-Encoding: " + value + "\r\n\r\n0\r\n\r\n"; });
    each(cases, "encoding and length", {"Content-Length: 0", "Content-Length: 5", "content-length: 5", "Content-Length:5"},
         [](const std::string& line) { return post + "Transfer-Encoding: chunked\r\n" + line + "\r\n\r\n0\r\n\r\n"; });
    each(cases, "length and encoding", {"chunked", "Chunked", "identity", "xchunked"},
         [](const std::string& value) { return post + "Content-Length: 5\r\nTransfer-Encoding: " + value + "\r\n\r\n0\r\n\r\n"; });
    each(cases, "two encodings", {"chunked", "identity", "gzip", "x"},
         [](const std::string& value) { return post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: " + value + "\r\n\r\n0\r\n\r\n"; });
    each(cases, "name of the encoding",
         {"Transfer-Encoding ", "Transfer-Encoding\t", " Transfer-Encoding", "\tTransfer-Encoding", "Transfer Encoding",
          "Transfer-Encoding\x0b", "\x0bTransfer-Encoding", "Transfer-Encoding\x7f",
          "Transfer\xe2\x80\x90"
          "Encoding"},
         [](const std::string& name) { return post + name + ": chunked\r\n\r\n0\r\n\r\n"; });
    each(cases, "in HTTP/1.0", {"chunked", "identity"},
         [](const std::string& value) { return "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: " + value + "\r\n\r\n0\r\n\r\n"; });
}

void chunks(Cases& cases)
{
    each(cases, "chunk",
         {"\r\nabc\r\n0\r\n\r\n",
          "-1\r\nabc\r\n0\r\n\r\n",
          "+3\r\nabc\r\n0\r\n\r\n",
          "0x3\r\nabc\r\n0\r\n\r\n",
          "g\r\nabc\r\n0\r\n\r\n",
          "3g\r\nabc\r\n0\r\n\r\n",
          "10000000000000003\r\nabc\r\n0\r\n\r\n",
          "ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
          "3\r\nabcX\r\n0\r\n\r\n",
          "3\r\nabc\n0\r\n\r\n",
          "3\nabc\r\n0\r\n\r\n",
          "3\r\nabcd\r\n0\r\n\r\n",
          "3.0\r\nabc\r\n0\r\n\r\n",
          "3,3\r\nabc\r\n0\r\n\r\n",
          "three\r\nabc\r\n0\r\n\r\n",
          "\"3\"\r\nabc\r\n0\r\n\r\n",
          ";x\r\nabc\r\n0\r\n\r\n",
          "\xef\xbc\x93\r\nabc\r\n0\r\n\r\n",
          "\v3\r\nabc\r\n0\r\n\r\n",
          "3\rabc\r\n0\r\n\r\n",
          "3\r\nabc0\r\n\r\n",
          "3\r\nabc\r0\r\n\r\n",
          "_3\r\nabc\r\n0\r\n\r\n"},
         [](const std::string& body) { return chunked + body; });
    cases.push_back({"an extension without end", chunked + "3;x=" + std::string(20'000, 'y')});
    cases.push_back({"a huge extension", chunked + "3;x=" + std::string(1000, 'y') + "\r\nabc\r\n0\r\n\r\n"});
    cases.push_back({"trailers without end", chunked + "0\r\n" + std::string(20'000, 'y')});
}

void fields(Cases& cases)
{
    std::vector<std::string> names;
    for (const char c : "()<>@,;\\\"/[]?={} \t"s) names.push_back("X"s + c + "A");
    for (int control = 1; control < 32; ++control) {
        if (control != '\n' && control != '\r' && control != '\t') names.push_back("X"s + static_cast<char>(control) + "A");
    }
    names.insert(names.end(), {"X\x7f", "X\xc3\xa8", "\xff", "", " X", "X ", "\tX", "X\t"});
    each(cases, "field name", names, [](const std::string& name) { return get + name + ": b\r\n\r\n"; });
    std::vector<std::string> values{"b\rc", "b\nc", "b\r", "\rb", "b\x7f", "b\r\rc"};
    for (const int control : {0, 1, 2, 7, 8, 11, 12, 14, 27, 31}) values.push_back("b"s + static_cast<char>(control) + "c");
    each(cases, "field value", values, [](const std::string& value) { return get + "X-A: " + value + "\r\n\r\n"; });
    each(cases, "line", {"nonsense", " folded", "\tfolded", "\0"s, "=", "GET /b HTTP/1.1", "\xef\xbb\xbf", "HTTP/1.1 200 OK"},
         [](const std::string& line) { return get + "X-A: b\r\n" + line + "\r\n\r\n"; });
    each(cases, "end of line", {"\n", "\r", "\n\r", "\x0b\n", "\xe2\x80\xa8\n"},
         [](const std::string& end) { return "GET /a HTTP/1.1" + end + "Host: a" + end + "X-A: b" + end + end + "\r\n\r\n\n"; });
    cases.push_back({"a carriage return too many", "GET /a HTTP/1.1\r\r\nHost: a\r\n\r\n", 505});
    cases.push_back({"a version in two words", "GET / HTTP/ 1.1x\r\nHost: a\r\n\r\n"});
    cases.push_back({"a head without end", get + "X-A: " + std::string(20'000, 'y'), 431});
    cases.push_back({"a thousand fields",
                     [] {
                         std::string many = get;
                         for (int n = 0; n < 4000; ++n) many += "X-A: b\r\n";
                         return many + "\r\n";
                     }(),
                     431});
    each(
        cases, "expectation", {"miracles", "100-continue, miracles", "200-ok"},
        [](const std::string& value) { return post + "Expect: " + value + "\r\nContent-Length: 1\r\n\r\nx"; }, 417);
}

void hosts(Cases& cases)
{
    each(cases, "host",
         {"",       " ",      "a b",  "a/b",  "a?b",   "a#b", "u@a",      "u:p@a",   "a:8x",     "a:-1", "a:123456", "[::1", "::1", "[]",
          "[g::1]", "[::1]x", "a\tb", "a\\b", "\"a\"", "<a>", "http://a", "a:80:80", "\xc3\xa8", ":80",  "a^b",      "a|b",  "{a}", "a`b"},
         [](const std::string& host) { return "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n"; });
    cases.push_back({"no host", "GET /a HTTP/1.1\r\n\r\n"});
    each(cases, "a second host", {"a", "b", ""}, [](const std::string& host) { return get + "Host: " + host + "\r\n\r\n"; });
    each(cases, "target of another host", {"http://b/", "http://a@b/", "http://a.b/", "http://a:81/", "http:///", "https://b/x"},
         [](const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; });
}

void request_lines(Cases& cases)
{
    each(cases, "request line",
         {"GET", "GET /", "GET / ", "/ HTTP/1.1", " GET / HTTP/1.1", "GET\t/\tHTTP/1.1", "GET  HTTP/1.1", "GET /a b HTTP/1.1",
          "GET / HTTP/1.1 x", "GET / http/1.1", "GET / HTTQ/1.1", "GET / 1.1", "G(T / HTTP/1.1", "G\xc3\x89T / HTTP/1.1",
          "\"GET\" / HTTP/1.1", "GET /\v HTTP/1.1", "GET : HTTP/1.1"},
         [](const std::string& line) { return line + "\r\nHost: a\r\n\r\n"; });
    each(
        cases, "version", {"HTTP/2.0", "HTTP/3", "HTTP/0.9", "HTTP/1.2", "HTTP/1", "HTTP/1.10", "HTTP/11", "HTTP/1,1", "HTTP/01.1"},
        [](const std::string& version) { return "GET / " + version + "\r\nHost: a\r\n\r\n"; }, 505);
    each(
        cases, "method", {"CONNECT", "TRACE", "TRACK", "PROPFIND", "get", "Post", "PRI", "X", "GETGET", "DELETE2"},
        [](const std::string& method) { return method + " / HTTP/1.1\r\nHost: a\r\n\r\n"; }, 501);
    each(cases, "target",
         {"a",
          "*",
          "a:443",
          "//..",
          "/..",
          "/../a",
          "/a/..",
          "/a/../b",
          "/%2e%2e",
          "/a/%2e%2e/b",
          "/.%2e/",
          "/%2E./",
          "/a%2f..%2fb",
          "/./a",
          "/a/.",
          "/a/%2e/b",
          "/\\a",
          "/a%5cb",
          "/%00",
          "/a%00b",
          "/a%0ab",
          "/a%0d%0ab",
          "/%09",
          "/%7f",
          "/%",
          "/%4",
          "/%zz",
          "/%-1",
          "/%u0041",
          "/#",
          "/a#b",
          "/caff\xc3\xa8",
          "/\xff",
          "/<",
          "/\"",
          "ftp://a/",
          "file:///etc",
          "javascript:1",
          "/a\x01",
          "/a\x7f",
          "/\xe2\x80\xae"},
         [](const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; });
}

void other_tongues(Cases& cases)
{
    cases.push_back({"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n"s});
    cases.push_back({"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505});
    cases.push_back({"SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n"});
    cases.push_back({"SMTP", "EHLO a\r\n\r\n"});
    cases.push_back({"Redis", "*1\r\n$4\r\nPING\r\n\r\n"});
    cases.push_back({"RTSP", "OPTIONS rtsp://a/ RTSP/1.0\r\nHost: a\r\n\r\n"});
    cases.push_back({"PROXY", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"});
    cases.push_back({"a JSON text", "{\"a\":1}\r\n\r\n"});
    cases.push_back({"an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    cases.push_back({"noughts", std::string(64, '\0') + "\r\n\r\n"});
    cases.push_back({"a byte order mark", "\xef\xbb\xbfGET / HTTP/1.1\r\nHost: a\r\n\r\n"});
}

Cases all_cases()
{
    Cases cases;
    lengths(cases);
    encodings(cases);
    chunks(cases);
    fields(cases);
    hosts(cases);
    request_lines(cases);
    other_tongues(cases);
    return cases;
}

TEST(Malformed, TwoHundredAndFiftyRequestsAreRefusedAsTheirClassSaysAndNothingBehindThemIsRead)
{
    std::atomic<int> handled = 0;
    RunningServer server([&](Request&) -> boost::asio::awaitable<Response> {
        ++handled;
        co_return Response::text(200, "served");
    });
    const auto cases = all_cases();
    std::set<std::string> different;
    for (const auto& one : cases) {
        different.insert(one.bytes);
        RawPeer peer(server.port());
        peer.send(one.bytes);
        peer.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        peer.shut_down_sending();
        const auto answer = peer.read_to_end();
        EXPECT_EQ(status_of(answer), one.status) << one.name << ": " << answer;
        EXPECT_EQ(header_of(answer, "Connection"), "close") << one.name;
        EXPECT_EQ(answer.find("served"), std::string::npos) << one.name << ": " << answer;
        EXPECT_EQ(body_of(answer).find("\r\n"), std::string::npos) << one.name << ": a second answer: " << answer;
        EXPECT_EQ(handled, 0) << one.name;
        handled = 0;
    }
    EXPECT_GE(different.size(), 250U);
    // And it is as well as before.
    RawPeer sound(server.port());
    sound.send(get + "\r\n");
    EXPECT_EQ(status_of(sound.read_answer()), 200);
}

} // namespace
} // namespace sportello::http::test
