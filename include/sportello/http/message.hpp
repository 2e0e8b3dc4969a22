#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sportello::http {

enum class Method { get, head, post, put, patch, del, options };
[[nodiscard]] std::string_view to_string(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view name);

/// Header fields in their order; names compare without case.
class Headers {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    /// The first field of that name, or nothing.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
    [[nodiscard]] auto begin() const { return fields_.begin(); }
    [[nodiscard]] auto end() const { return fields_.end(); }
    [[nodiscard]] std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Decoded pairs of a query string or of an application/x-www-form-urlencoded body, in their order.
class Parameters {
public:
    Parameters() = default;
    /// Decodes `text` ("a=1&b=%20"); '+' is a blank; a name without '=' has an empty value. Result is clean UTF-8.
    [[nodiscard]] static Parameters parse(std::string_view text);
    void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    /// "a=1&b=%20", percent-encoded as RFC 3986 asks (blank is %20).
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] auto begin() const { return pairs_.begin(); }
    [[nodiscard]] auto end() const { return pairs_.end(); }
    [[nodiscard]] bool empty() const { return pairs_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

/// Percent-encodes everything but A-Z a-z 0-9 - . _ ~ (RFC 3986, and what OAuth 1.0a asks).
[[nodiscard]] std::string percent_encode(std::string_view text);

/// One request as the server hands it on: already guarded (reliability: one Host, no smuggling), limits kept.
struct Request {
    Method method = Method::get;
    std::string target; ///< as received: "/v1/tickets?limit=25"
    std::string path;   ///< decoded, without query; never contains "..", always starts with '/'
    Parameters query;
    Headers headers;
    std::string body;
    std::string remote_address; ///< "127.0.0.1", the peer's (or, from a trusted proxy, the forwarded one)
    bool secure = false;        ///< came over TLS
    std::vector<std::pair<std::string, std::string>> path_parameters; ///< filled by Router: {"id", "1042"}
    std::string route; ///< filled by Router: the matched pattern, for metrics and the authorization table

    /// A path parameter by name; empty when the pattern has none of that name.
    [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
    /// A cookie by name from the Cookie header, or nothing.
    [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

/// The way out of a streamed answer (server-sent events).
class BodyStream {
public:
    virtual ~BodyStream() = default;
    /// Sends one chunk. @return false when the peer is gone or too slow, or the server stops: end the stream.
    virtual boost::asio::awaitable<bool> write(std::string_view chunk) = 0;
    /// True once the peer closed or the server stops; check between waits.
    [[nodiscard]] virtual bool closed() const = 0;
    /// Called at most once, on the executor, when the peer closes or the server stops: wake whatever waits.
    virtual void on_close(std::function<void()> callback) = 0;
};

/// An accepted WebSocket, text frames only.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// Queues one text frame; false when closed or when the peer reads so slowly that its bounded queue is full
    /// (then the socket is closed).
    virtual bool send(std::string text) = 0;
    /// Waits until what was queued has gone but for a little, so that a writer with much to say fills no queue. @return
    /// false when the socket is closed, or when the peer took nothing for the server's write timeout: then it is cut.
    virtual boost::asio::awaitable<bool> ready();
    /// The next text frame (at most 64 KiB), or nothing when the socket closed.
    virtual boost::asio::awaitable<std::optional<std::string>> receive() = 0;
    virtual void close(std::uint16_t code = 1000) = 0;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    /// When set, `body` is ignored: the head is sent with chunked encoding and the function writes the rest.
    std::function<boost::asio::awaitable<void>(BodyStream&)> stream;
    /// When set on an upgrade request, the server answers 101 and runs the function until it returns.
    std::function<boost::asio::awaitable<void>(std::shared_ptr<WebSocket>)> websocket;
    bool cut = false; ///< close the connection without a byte of an answer (the simulator's faults)

    [[nodiscard]] static Response json(int status, std::string body);
    [[nodiscard]] static Response text(int status, std::string body, std::string content_type = "text/plain; charset=utf-8");
    [[nodiscard]] static Response empty(int status = 204);
};

using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

} // namespace sportello::http
