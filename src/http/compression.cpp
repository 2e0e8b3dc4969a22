#include <sportello/http/compression.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace sportello::http {
namespace {

constexpr std::size_t worth_it_bytes = 1024;
constexpr int level = 1;                    // a page of tickets shrinks to a sixth; the levels above take three times as long for a seventh
constexpr int gzip_window = MAX_WBITS + 16; // the 16 asks zlib for gzip's head and checksum
constexpr int memory_level = 8;

class Deflater {
public:
    Deflater()
    {
        if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::runtime_error("zlib has no memory");
        }
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    /// What comes out so far; at the end all of it.
    std::string pack(std::string_view text, bool end)
    {
        std::string packed;
        std::array<char, 16 * 1024> piece;                                          // NOLINT(cppcoreguidelines-pro-type-member-init)
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // NOLINT: zlib only reads it
        stream_.avail_in = static_cast<uInt>(text.size());
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data()); // NOLINT
            stream_.avail_out = static_cast<uInt>(piece.size());
            deflate(&stream_, end ? Z_FINISH : Z_NO_FLUSH);
            packed.append(piece.data(), piece.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        return packed;
    }

private:
    z_stream stream_{};
};

/// A stream whose chunks are packed on the way.
class PackedBody final : public BodyStream {
public:
    explicit PackedBody(BodyStream& out) : out_(out) {}
    boost::asio::awaitable<bool> write(std::string_view chunk) override
    {
        const std::string packed = deflater_.pack(chunk, false);
        const bool sent = co_await out_.write(packed);
        co_return sent;
    }
    [[nodiscard]] bool closed() const override { return out_.closed(); }
    void on_close(std::function<void()> callback) override { out_.on_close(std::move(callback)); }
    boost::asio::awaitable<void> finish()
    {
        const std::string packed = deflater_.pack("", true);
        const bool sent = co_await out_.write(packed);
        (void)sent; // nothing comes behind it
    }

private:
    BodyStream& out_;
    Deflater deflater_;
};

bool is_text(std::string_view type)
{
    const auto bare = type.substr(0, type.find(';'));
    constexpr std::array<std::string_view, 9> texts{"application/json",
                                                    "application/problem+json",
                                                    "application/manifest+json",
                                                    "text/csv",
                                                    "text/html",
                                                    "text/css",
                                                    "text/javascript",
                                                    "text/plain",
                                                    "image/svg+xml"};
    return std::ranges::find(texts, bare) != texts.end();
}

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

/// "q=0", "q=0.0": never.
bool refuses(std::string_view parameters)
{
    const auto at = parameters.find("q=");
    if (at == std::string_view::npos) return false;
    const auto quality = trimmed(parameters.substr(at + 2));
    return quality.starts_with('0') && quality.find_first_of("123456789") == std::string_view::npos;
}

void pack_stream(Response& response)
{
    auto write_plain = std::move(response.stream);
    response.stream = [write_plain = std::move(write_plain)](BodyStream& out) -> boost::asio::awaitable<void> {
        PackedBody packed(out);
        co_await write_plain(packed); // one that breaks off throws past the end, and is no whole gzip either
        co_await packed.finish();
    };
}

} // namespace

bool accepts_coding(std::string_view accept_encoding, std::string_view coding)
{
    bool any = false;
    for (auto rest = accept_encoding; !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        const auto entry = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto mark = std::min(entry.find(';'), entry.size());
        const auto name = trimmed(entry.substr(0, mark));
        if (name == coding) return !refuses(entry.substr(mark));
        if (name == "*") any = !refuses(entry.substr(mark));
    }
    return any;
}

void compress(Response& response, std::string_view accept_encoding)
{
    auto& headers = response.headers;
    const bool streams = static_cast<bool>(response.stream);
    if (response.websocket || response.status == 204 || response.status == 304 || headers.has("Content-Encoding")) return;
    if (!is_text(headers.find("Content-Type").value_or("")) || (!streams && response.body.size() < worth_it_bytes)) return;
    headers.add("Vary", "Accept-Encoding");
    if (!accepts_coding(accept_encoding, "gzip")) return;
    if (streams) pack_stream(response);
    else response.body = Deflater().pack(response.body, true);
    headers.set("Content-Encoding", "gzip");
    const auto tag = headers.find("ETag").value_or("");
    if (tag.starts_with('"')) headers.set("ETag", "W/" + std::string(tag));
}

} // namespace sportello::http
