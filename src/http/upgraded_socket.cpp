#include "upgraded_socket.hpp"

#include "ascii.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>

namespace sportello::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using Error = boost::system::error_code;

namespace {

constexpr std::size_t frame_limit_bytes = 64 * 1024;
/// What waits for a peer that reads slowly. Then it is better off with a new connection and its last event id.
constexpr std::size_t queue_limit_bytes = 1024 * 1024;
constexpr std::size_t queue_limit_frames = 1024;
/// With less than this waiting, ready() does not wait.
constexpr std::size_t ready_bytes = 64 * 1024;
constexpr std::size_t ready_frames = 64;
/// Frames read ahead of receive().
constexpr std::size_t read_ahead_frames = 16;
constexpr auto handshake_timeout = std::chrono::seconds(5);
/// A ping goes out after half of it; a peer that stays silent for all of it is gone.
constexpr auto idle_timeout = std::chrono::seconds(60);

auto no_throw(Error& error)
{
    return asio::redirect_error(asio::use_awaitable, error);
}

websocket::request_type to_beast(const Request& request)
{
    websocket::request_type converted;
    converted.method(beast::http::verb::get);
    converted.target(request.target);
    converted.version(11);
    for (const auto& [name, value] : request.headers) converted.insert(name, value);
    return converted;
}

/// One coroutine reads all the time (so that pings are answered and the peer's end is noticed even when nobody
/// receives), one writes while there is something to write. Both hold the object.
template <class Stream> class BeastSocket final : public UpgradedSocket, public std::enable_shared_from_this<BeastSocket<Stream>> {
public:
    explicit BeastSocket(Stream stream)
        : socket_(std::move(stream)), arrived_(socket_.get_executor()), room_(socket_.get_executor()), quiet_(socket_.get_executor()),
          progress_(socket_.get_executor())
    {
        for (auto* timer : {&arrived_, &room_, &quiet_}) timer->expires_at(asio::steady_timer::time_point::max());
        websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = handshake_timeout;
        timeout.idle_timeout = idle_timeout;
        timeout.keep_alive_pings = true;
        socket_.set_option(timeout);
        socket_.read_message_max(frame_limit_bytes);
        socket_.text(true);
    }

    asio::awaitable<bool> accept(const Request& request, const Headers& headers) override
    {
        const websocket::request_type converted = to_beast(request);
        socket_.set_option(websocket::stream_base::decorator([&headers](websocket::response_type& answer) {
            answer.set(beast::http::field::server, "Sportello"); // else Beast tells its version
            for (const auto& [name, value] : headers) answer.insert(name, value);
        }));
        Error error;
        co_await socket_.async_accept(converted, no_throw(error));
        socket_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
        open_ = !error;
        if (open_) start(&BeastSocket::read_all);
        co_return open_;
    }

    bool send(std::string text) override
    {
        if (!open_ || closing_) return false;
        queued_bytes_ += text.size();
        outgoing_.push_back(std::move(text));
        if (queued_bytes_ > queue_limit_bytes || outgoing_.size() > queue_limit_frames) {
            abort();
            return false;
        }
        start_writing();
        return true;
    }

    asio::awaitable<bool> ready() override
    {
        while (open_ && !closing_ && (queued_bytes_ > ready_bytes || outgoing_.size() > ready_frames)) {
            Error woken;
            progress_.expires_after(patience_);
            co_await progress_.async_wait(no_throw(woken));
            if (!woken && open_) abort(); // nothing went out in all that time
        }
        co_return open_ && !closing_;
    }

    void set_patience(std::chrono::milliseconds patience) override { patience_ = patience; }

    asio::awaitable<std::optional<std::string>> receive() override
    {
        while (incoming_.empty() && open_) co_await wait_on(arrived_);
        if (incoming_.empty()) co_return std::nullopt;
        std::string text = std::move(incoming_.front());
        incoming_.pop_front();
        room_.cancel();
        co_return text;
    }

    void close(std::uint16_t code) override
    {
        if (!open_ || closing_) return;
        closing_ = true;
        close_code_ = code;
        start_writing();
    }

    asio::awaitable<void> finish() override
    {
        close(1000);
        while (running_ > 0) co_await wait_on(quiet_);
        drop();
    }

    void abort() override
    {
        end();
        // What the peer did not take in time is thrown away in the kernel too; it sees a reset.
        Error ignored_when_closed;
        beast::get_lowest_layer(socket_).set_option(asio::socket_base::linger(true, 0), ignored_when_closed);
        drop();
    }

private:
    using Loop = asio::awaitable<void> (BeastSocket::*)();

    void start(Loop loop)
    {
        ++running_;
        asio::co_spawn(socket_.get_executor(), run(this->shared_from_this(), loop), asio::detached);
    }

    static asio::awaitable<void> run(std::shared_ptr<BeastSocket> self, Loop loop)
    {
        co_await ((*self).*loop)();
        if (--self->running_ == 0) self->quiet_.cancel();
    }

    static asio::awaitable<void> wait_on(asio::steady_timer& timer)
    {
        Error ignored_when_woken;
        co_await timer.async_wait(no_throw(ignored_when_woken));
    }

    asio::awaitable<void> read_all()
    {
        beast::flat_buffer buffer;
        while (open_) {
            Error error;
            co_await socket_.async_read(buffer, no_throw(error));
            if (error) break;
            if (!socket_.got_text()) {
                close(websocket::close_code::unknown_data);
                break;
            }
            // Once we close, the peer's frames only stand before its own close frame.
            if (!closing_) {
                incoming_.push_back(beast::buffers_to_string(buffer.data()));
                arrived_.cancel();
            }
            buffer.consume(buffer.size());
            while (incoming_.size() >= read_ahead_frames && open_ && !closing_) co_await wait_on(room_);
        }
        if (!closing_) end();
        arrived_.cancel();
    }

    void start_writing()
    {
        if (writing_) return;
        writing_ = true;
        start(&BeastSocket::write_all);
    }

    asio::awaitable<void> write_all()
    {
        Error error;
        while (!outgoing_.empty() && !error && open_) {
            const std::string text = std::move(outgoing_.front());
            outgoing_.pop_front();
            co_await socket_.async_write(asio::buffer(text), no_throw(error));
            queued_bytes_ -= text.size();
            progress_.cancel();
        }
        if (!error && closing_ && open_) {
            const websocket::close_reason reason(static_cast<websocket::close_code>(close_code_));
            co_await socket_.async_close(reason, no_throw(error));
            end();
        }
        if (error) end();
        writing_ = false;
    }

    void end()
    {
        open_ = false;
        arrived_.cancel();
        room_.cancel();
        progress_.cancel();
    }

    void drop()
    {
        Error ignored_when_closed;
        beast::get_lowest_layer(socket_).close(ignored_when_closed);
    }

    /// Without compression: frames are small, and compressing secrets beside foreign text would leak them.
    websocket::stream<Stream, false> socket_;
    asio::steady_timer arrived_;
    asio::steady_timer room_;
    asio::steady_timer quiet_;
    asio::steady_timer progress_; ///< of writing, for ready()
    std::chrono::milliseconds patience_ = std::chrono::seconds(30);
    std::deque<std::string> incoming_;
    std::deque<std::string> outgoing_;
    std::size_t queued_bytes_ = 0;
    int running_ = 0;
    bool open_ = false;
    bool closing_ = false;
    bool writing_ = false;
    std::uint16_t close_code_ = 1000;
};

} // namespace

std::shared_ptr<UpgradedSocket> make_upgraded_socket(tcp::socket socket)
{
    return std::make_shared<BeastSocket<tcp::socket>>(std::move(socket));
}

std::shared_ptr<UpgradedSocket> make_upgraded_socket(asio::ssl::stream<tcp::socket> stream)
{
    return std::make_shared<BeastSocket<asio::ssl::stream<tcp::socket>>>(std::move(stream));
}

bool is_websocket_upgrade(const Request& request)
{
    return request.method == Method::get && list_holds(request.headers.find("Connection").value_or(""), "upgrade") &&
           list_holds(request.headers.find("Upgrade").value_or(""), "websocket") && request.headers.find("Sec-WebSocket-Version") == "13" &&
           request.headers.has("Sec-WebSocket-Key");
}

} // namespace sportello::http
