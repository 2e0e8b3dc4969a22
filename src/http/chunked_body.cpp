#include "chunked_body.hpp"

#include "session.hpp"

#include <array>
#include <charconv>

namespace sportello::http {

boost::asio::awaitable<bool> ChunkedBody::write(std::string_view chunk)
{
    if (closed()) co_return false;
    // A chunk of no bytes would be the last one.
    if (chunk.empty()) co_return true;
    bool sent = false;
    if (chunked_) {
        std::array<char, 20> size;
        char* end = std::to_chars(size.data(), size.data() + size.size() - 2, chunk.size(), 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        sent = co_await session_.send(std::string_view(size.data(), end), chunk, "\r\n");
    } else {
        sent = co_await session_.send(chunk);
    }
    if (!sent) session_.peer_has_left();
    co_return sent && !closed();
}

bool ChunkedBody::closed() const
{
    return session_.stream_closed_ || session_.server_->stopping;
}

void ChunkedBody::on_close(std::function<void()> callback)
{
    session_.on_stream_close_ = std::move(callback);
    if (closed()) session_.peer_has_left();
}

} // namespace sportello::http
