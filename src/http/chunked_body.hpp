#pragma once

#include <sportello/http/message.hpp>

namespace sportello::http {

class Session;

/// The body of a streamed answer, as the session's connection carries it.
class ChunkedBody final : public BodyStream {
public:
    /// @param chunked  false for HTTP/1.0: bytes as they are, ended by the end of the connection.
    ChunkedBody(Session& session, bool chunked) : session_(session), chunked_(chunked) {}

    boost::asio::awaitable<bool> write(std::string_view chunk) override;
    [[nodiscard]] bool closed() const override;
    void on_close(std::function<void()> callback) override;

private:
    Session& session_;
    bool chunked_;
};

} // namespace sportello::http
