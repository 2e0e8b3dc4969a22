#include <sportello/http/compression.hpp>

#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <vector>

namespace sportello::http {
namespace {

std::string unpacked(std::string_view packed)
{
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    std::string text(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(text.size() - stream.avail_out);
    inflateEnd(&stream);
    return text;
}

class Collected final : public BodyStream {
public:
    boost::asio::awaitable<bool> write(std::string_view chunk) override
    {
        text += chunk;
        co_return true;
    }
    [[nodiscard]] bool closed() const override { return false; }
    void on_close(std::function<void()>) override {}
    std::string text;
};

TEST(Compression, ReadsWhatAClientTakes)
{
    EXPECT_TRUE(accepts_coding("gzip", "gzip"));
    EXPECT_TRUE(accepts_coding("br, gzip;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_coding("*", "gzip"));
    EXPECT_TRUE(accepts_coding("gzip;q=0.001", "gzip"));
    EXPECT_FALSE(accepts_coding("", "gzip"));
    EXPECT_FALSE(accepts_coding("gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts_coding("gzip; q=0.000, *", "gzip"));
    EXPECT_FALSE(accepts_coding("xgzip, gzipx", "gzip"));
}

TEST(Compression, PacksLongTextAndNothingElse)
{
    std::string body(50'000, 'a');
    auto response = Response::json(200, body);
    response.headers.set("ETag", "\"7\"");
    compress(response, "gzip");
    EXPECT_EQ(response.headers.find("Content-Encoding"), "gzip");
    EXPECT_EQ(response.headers.find("Vary"), "Accept-Encoding");
    EXPECT_EQ(response.headers.find("ETag"), "W/\"7\"");
    EXPECT_EQ(unpacked(response.body), body);
    auto plain = Response::json(200, body);
    compress(plain, "identity");
    EXPECT_EQ(plain.body, body);
    auto short_one = Response::json(200, "{}");
    compress(short_one, "gzip");
    EXPECT_EQ(short_one.body, "{}");
    auto image = Response::text(200, body, "image/png");
    compress(image, "gzip");
    EXPECT_EQ(image.body, body);
}

TEST(Compression, PacksAStreamOnTheWay)
{
    auto response = Response::text(200, "", "text/csv");
    response.stream = [](BodyStream& out) -> boost::asio::awaitable<void> {
        for (int n = 0; n < 1000; ++n) (void)co_await out.write("a line of many\r\n");
    };
    compress(response, "gzip");
    boost::asio::io_context io;
    Collected out;
    boost::asio::co_spawn(io, response.stream(out), [](const std::exception_ptr&) {});
    io.run();
    EXPECT_EQ(unpacked(out.text).size(), 16'000U);
    EXPECT_LT(out.text.size(), 1000U);
    auto events = Response::text(200, "", "text/event-stream");
    events.stream = [](BodyStream&) -> boost::asio::awaitable<void> { co_return; };
    compress(events, "gzip");
    EXPECT_FALSE(events.headers.has("Content-Encoding"));
}

} // namespace
} // namespace sportello::http
