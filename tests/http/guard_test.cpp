#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace sportello::http::test {
namespace {

namespace asio = boost::asio;

/// Answers what it was asked, so that a test sees what the guard let through.
class Guard : public testing::Test {
protected:
    std::atomic<int> handled = 0;
    RunningServer server{[this](Request& request) -> asio::awaitable<Response> {
        ++handled;
        std::string text = request.path + "|" + request.body + "|";
        text += request.headers.has("Authorization") ? "authorized" : "anonymous";
        co_return Response::text(200, text);
    }};
};

struct Hostile {
    const char* name;
    std::string bytes;
    int status;
    friend void PrintTo(const Hostile& c, std::ostream* out) { *out << c.name; }
};

class HostileRequest : public Guard, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileRequest, IsRefusedAndTheConnectionEnds)
{
    RawPeer peer(server.port());
    peer.send(GetParam().bytes);
    // What is smuggled in behind must never be answered.
    peer.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = peer.read_to_end();

    EXPECT_EQ(status_of(answer), GetParam().status) << answer;
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
    EXPECT_NE(body_of(answer).find("\"status\":" + std::to_string(GetParam().status)), std::string::npos);
    EXPECT_EQ(body_of(answer).find("\r\n"), std::string::npos) << "a second answer: " << answer;
    EXPECT_EQ(handled, 0);
}

const std::string guarded_post = "POST /v1 HTTP/1.1\r\nHost: a\r\n";
const std::string guarded_chunked = guarded_post + "Transfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Table, HostileRequest,
    testing::Values(Hostile{"LengthAndEncoding", guarded_post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"EncodingAndLength", guarded_post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"ChunkedIsNotLast", guarded_post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"UnknownEncoding", guarded_post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"EncodingIdentity", guarded_post + "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n", 400},
                    Hostile{"GzipThenChunked", guarded_post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"TwoEncodings", guarded_post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                            400},
                    Hostile{"EncodingWithBlankBeforeColon", guarded_post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"EncodingWithTabInside",
                            guarded_post + "Transfer-Encoding: \x0b"
                                           "chunked\r\n\r\n0\r\n\r\n",
                            400},
                    Hostile{"ChunkedInHttp10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
                    Hostile{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400}, Hostile{"EmptyHost", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 400},
                    Hostile{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
                    Hostile{"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
                    Hostile{"HostWithUser", "GET / HTTP/1.1\r\nHost: evil@a\r\n\r\n", 400},
                    Hostile{"HostWithBlank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
                    Hostile{"HostWithOddPort", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400},
                    Hostile{"HostWithOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
                    Hostile{"FoldedLine", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 400},
                    Hostile{"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
                    Hostile{"TwoLengths", guarded_post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
                    Hostile{"TwoDifferentLengths", guarded_post + "Content-Length: 0\r\nContent-Length: 34\r\n\r\n", 400},
                    Hostile{"ListOfLengths", guarded_post + "Content-Length: 1, 1\r\n\r\nx", 400},
                    Hostile{"NegativeLength", guarded_post + "Content-Length: -1\r\n\r\n", 400},
                    Hostile{"SignedLength", guarded_post + "Content-Length: +1\r\n\r\nx", 400},
                    Hostile{"HexadecimalLength", guarded_post + "Content-Length: 0x1\r\n\r\nx", 400},
                    Hostile{"EmptyLength", guarded_post + "Content-Length: \r\n\r\n", 400},
                    Hostile{"OverflowingLength", guarded_post + "Content-Length: 18446744073709551617\r\n\r\nx", 400},
                    Hostile{"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", 400},
                    Hostile{"BareLineFeedInHeader", "GET / HTTP/1.1\r\nHost: a\r\nX: b\nTransfer-Encoding: chunked\r\n\r\n", 400},
                    Hostile{"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", 400},
                    Hostile{"NulInHeader", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 41), 400},
                    Hostile{"LineWithoutColon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400},
                    Hostile{"EmptyHeaderName", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
                    Hostile{"DotDot", "GET /static/../secret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"EncodedDotDot", "GET /static/%2e%2E/secret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"EncodedSlashDotDot", "GET /static%2f..%2fsecret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"Backslash", "GET /static\\secret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"EncodedBackslash", "GET /static%5csecret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"EncodedNul", "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"EncodedLineBreak", "GET /a%0d%0ab HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"BrokenEncoding", "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"CutEncoding", "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"RawByteInTarget", "GET /caff\xc3\xa8 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"Fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"RelativeTarget", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"AbsoluteTargetOfAnotherHost", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"AbsoluteTargetOfAnotherScheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"AsteriskTarget", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Hostile{"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Hostile{"Trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Hostile{"LowerCaseMethod", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Hostile{"OldVersion", "GET /\r\nHost: a\r\n\r\n", 400}, Hostile{"NewVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
                    Hostile{"TlsOnAPlainPort", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 13), 400},
                    Hostile{"ChunkWithoutSize", guarded_chunked + "\r\nabc\r\n0\r\n\r\n", 400},
                    Hostile{"ChunkOfNegativeSize", guarded_chunked + "-1\r\nabc\r\n0\r\n\r\n", 400},
                    Hostile{"ChunkSizeOverflows", guarded_chunked + "10000000000000003\r\nabc\r\n0\r\n\r\n", 400},
                    Hostile{"ChunkEndsWrongly", guarded_chunked + "3\r\nabcX\r\n0\r\n\r\n", 400},
                    Hostile{"ChunkHeadWithLineFeed", guarded_chunked + "3\nabc\r\n0\r\n\r\n", 400},
                    Hostile{"HugeChunkExtension", guarded_chunked + "3;x=" + std::string(1000, 'y') + "\r\nabc\r\n0\r\n\r\n", 400},
                    Hostile{"EndlessChunkExtension", guarded_chunked + "3;x=" + std::string(20000, 'y'), 400},
                    Hostile{"EndlessTrailers", guarded_chunked + "0\r\n" + std::string(20000, 'y'), 400},
                    Hostile{"UnknownExpectation", guarded_post + "Expect: miracles\r\nContent-Length: 3\r\n\r\n", 417}),
    [](const auto& test) { return std::string(test.param.name); });

struct Sound {
    const char* name;
    std::string bytes;
    const char* seen;
    friend void PrintTo(const Sound& c, std::ostream* out) { *out << c.name; }
};

class SoundRequest : public Guard, public testing::WithParamInterface<Sound> {};

TEST_P(SoundRequest, ReachesTheHandler)
{
    RawPeer peer(server.port());
    peer.send(GetParam().bytes);
    const std::string answer = peer.read_answer();
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_EQ(body_of(answer), GetParam().seen);
    // The end of the message was understood: the next one is read from its own first byte.
    peer.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(body_of(peer.read_answer()), "/next||anonymous");
}

INSTANTIATE_TEST_SUITE_P(
    Table, SoundRequest,
    testing::Values(Sound{"Get", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "/a||anonymous"},
                    Sound{"Ipv6Host", "GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "/a||anonymous"},
                    Sound{"EmptyLineBefore", "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", "/a||anonymous"},
                    Sound{"AbsoluteTarget", "GET http://A:80/a?b HTTP/1.1\r\nHost: a:80\r\n\r\n", "/a||anonymous"},
                    Sound{"AbsoluteTargetWithoutPath", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "/||anonymous"},
                    Sound{"EncodedPath", "GET /caff%C3%A8%20nero HTTP/1.1\r\nHost: a\r\n\r\n", "/caff\xc3\xa8 nero||anonymous"},
                    Sound{"InvalidUtf8", "GET /a%ff HTTP/1.1\r\nHost: a\r\n\r\n", "/a\xef\xbf\xbd||anonymous"},
                    Sound{"Length", guarded_post + "Content-Length: 3\r\n\r\nabc", "/v1|abc|anonymous"},
                    Sound{"Chunks", guarded_chunked + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "/v1|abcde|anonymous"},
                    Sound{"CapitalChunked", guarded_post + "transfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "/v1|a|anonymous"},
                    Sound{"Trailer", guarded_chunked + "1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n", "/v1|a|anonymous"},
                    Sound{"TrailerPosingAsFraming", guarded_chunked + "1\r\na\r\n0\r\nConnection: close\r\n\r\n", "/v1|a|anonymous"},
                    Sound{"RealAuthorization", "GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n", "/a||authorized"}),
    [](const auto& test) { return std::string(test.param.name); });

// However the bytes are cut into packets, the same is read.
TEST_F(Guard, ReadsARequestThatComesByteByByte)
{
    RawPeer peer(server.port());
    const std::string bytes = guarded_chunked + "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n";
    for (const char byte : bytes) peer.send(std::string_view(&byte, 1));
    EXPECT_EQ(body_of(peer.read_answer()), "/v1|abcd|anonymous");
}

TEST_F(Guard, RefusesABodyOfTinyChunksWithGreatOverhead)
{
    RawPeer peer(server.port());
    std::string bytes = guarded_chunked;
    for (int i = 0; i < 2000; ++i) bytes += "1;x=" + std::string(100, 'y') + "\r\na\r\n";
    peer.send(bytes);
    EXPECT_EQ(status_of(peer.read_to_end()), 400);
}

} // namespace
} // namespace sportello::http::test
