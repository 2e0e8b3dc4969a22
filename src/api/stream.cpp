#include "stream.hpp"

#include "json_writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace sportello::api {
namespace {

using boost::asio::awaitable;

constexpr std::uint16_t session_ended = 4401;
constexpr std::uint16_t try_again = 1013;

/// Where the events go: each way writes them in its own words.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Sends one event. @return false when the other side is gone.
    virtual awaitable<bool> send(const FeedEvent& event) = 0;
    /// A sign of life.
    virtual awaitable<bool> beat(std::int64_t seq, base::Instant now) = 0;
    virtual awaitable<bool> reset(std::int64_t seq, base::Instant now) = 0;
    virtual void end(std::uint16_t code) = 0;
    [[nodiscard]] virtual bool closed() const = 0;
};

std::string frame(std::string_view type, base::Instant now, std::int64_t seq, std::string_view build = {})
{
    std::string out;
    JsonWriter json(out);
    json.open_object().member("seq", 0).member("type", type).member("at", now).key("data").open_object();
    if (!build.empty()) json.member("build", build);
    json.member("seq", seq).member("server_time", now).close_object().close_object();
    return out;
}

class SseOutlet final : public Outlet {
public:
    explicit SseOutlet(http::BodyStream& stream) : stream_(stream) {}

    awaitable<bool> send(const FeedEvent& event) override
    {
        const auto text = "id: " + std::to_string(event.seq) + "\nevent: " + event.type + "\ndata: " + event.json + "\n\n";
        co_return co_await stream_.write(text);
    }
    awaitable<bool> beat(std::int64_t, base::Instant) override
    {
        const std::string text = ": still here\n\n";
        co_return co_await stream_.write(text);
    }
    awaitable<bool> reset(std::int64_t seq, base::Instant now) override
    {
        const auto text = "id: " + std::to_string(seq) + "\nevent: reset\ndata: " + frame("reset", now, seq) + "\n\n";
        co_return co_await stream_.write(text);
    }
    void end(std::uint16_t) override {}
    [[nodiscard]] bool closed() const override { return stream_.closed(); }

private:
    http::BodyStream& stream_;
};

class SocketOutlet final : public Outlet {
public:
    SocketOutlet(std::shared_ptr<http::WebSocket> socket, std::shared_ptr<bool> gone) : socket_(std::move(socket)), gone_(std::move(gone))
    {
    }

    awaitable<bool> send(const FeedEvent& event) override { co_return socket_->send(event.json); }
    awaitable<bool> beat(std::int64_t seq, base::Instant now) override { co_return socket_->send(frame("heartbeat", now, seq)); }
    awaitable<bool> reset(std::int64_t seq, base::Instant now) override { co_return socket_->send(frame("reset", now, seq)); }
    void end(std::uint16_t code) override { socket_->close(code); }
    [[nodiscard]] bool closed() const override { return *gone_; }

private:
    std::shared_ptr<http::WebSocket> socket_;
    std::shared_ptr<bool> gone_; ///< set by the coroutine that reads the socket
};

/// Follows the log for one caller until the other side goes, the caller's rights end or the log cannot be read.
class Follower {
public:
    Follower(Context& context, CallerPtr caller, Outlet& outlet, std::shared_ptr<LiveFeed::Member> member)
        : context_(context), caller_(std::move(caller)), outlet_(outlet), member_(std::move(member)), changes_(context.sessions.changes())
    {
    }

    awaitable<void> run(std::optional<std::int64_t> since)
    {
        const bool found = co_await find_start(since);
        if (!found) co_return;
        auto next_beat = context_.clock.now() + context_.options.heartbeat;
        while (!outlet_.closed()) {
            const bool sent = co_await send_news();
            if (!sent) co_return;
            const bool woken = co_await member_->wait_until(next_beat);
            const auto now = context_.clock.now();
            const bool beat_due = !woken || now >= next_beat;
            if (beat_due || changes_ != context_.sessions.changes()) {
                const bool allowed = co_await still_allowed();
                if (!allowed) co_return;
            }
            if (!beat_due) continue;
            const bool beaten = co_await outlet_.beat(seq_, now);
            if (!beaten) co_return;
            next_beat = now + context_.options.heartbeat;
        }
    }

private:
    awaitable<bool> find_start(std::optional<std::int64_t> since)
    {
        const auto last = co_await context_.feed.last_seq();
        if (!last) {
            outlet_.end(try_again);
            co_return false;
        }
        seq_ = since.value_or(*last);
        if (seq_ <= *last) co_return true;
        seq_ = *last; // a log that is shorter than what the client saw is another log
        co_return co_await outlet_.reset(seq_, context_.clock.now());
    }

    awaitable<bool> send_news()
    {
        for (;;) {
            const auto events = co_await context_.feed.after(seq_);
            if (!events) {
                outlet_.end(try_again);
                co_return false;
            }
            if (events->empty()) co_return true;
            // A right withdrawn while the log was read must not see this batch.
            bool allowed = true;
            if (changes_ != context_.sessions.changes()) allowed = co_await still_allowed();
            if (!allowed) co_return false;
            for (const auto& event : *events) {
                const bool visible = event->brand.empty() || caller_->actor().may_see(event->brand);
                bool sent = true;
                if (visible) sent = co_await outlet_.send(*event);
                if (!sent) co_return false;
                seq_ = event->seq;
            }
        }
    }

    awaitable<bool> still_allowed()
    {
        changes_ = context_.sessions.changes();
        auto renewed = co_await context_.sessions.renew(caller_);
        if (renewed && *renewed) {
            caller_ = std::move(*renewed);
            co_return true;
        }
        outlet_.end(renewed ? session_ended : try_again);
        co_return false;
    }

    Context& context_;
    CallerPtr caller_;
    Outlet& outlet_;
    std::shared_ptr<LiveFeed::Member> member_;
    std::uint64_t changes_;
    std::int64_t seq_ = 0;
};

/// Counts a stream for as long as it is open.
class Counted {
public:
    Counted(Metrics& metrics, std::string_view kind) : metrics_(metrics), kind_(kind) { metrics_.stream_opened(kind_); }
    ~Counted() { metrics_.stream_closed(kind_); }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    Metrics& metrics_;
    std::string_view kind_;
};

awaitable<void> run_stream(Context& context, CallerPtr caller, std::optional<std::int64_t> since, http::BodyStream& stream)
{
    const Counted counted(context.metrics, "sse");
    const auto member = context.feed.join();
    const std::weak_ptr<LiveFeed::Member> weak = member;
    stream.on_close([weak] {
        if (const auto waiting = weak.lock()) waiting->wake();
    });
    SseOutlet outlet(stream);
    const std::string opening = "retry: 2000\n\n";
    const bool opened = co_await stream.write(opening);
    if (!opened) co_return;
    Follower follower(context, std::move(caller), outlet, member);
    co_await follower.run(since);
}

/// What a client says is not for us; that it closed is.
awaitable<void> read_to_the_end(std::shared_ptr<http::WebSocket> socket, std::shared_ptr<bool> gone, std::weak_ptr<LiveFeed::Member> member)
{
    for (bool open = true; open;) {
        const auto ignored = co_await socket->receive();
        open = ignored.has_value();
    }
    *gone = true;
    if (const auto waiting = member.lock()) waiting->wake();
}

awaitable<void> run_socket(Context& context, CallerPtr caller, std::optional<std::int64_t> since, std::shared_ptr<http::WebSocket> socket)
{
    const Counted counted(context.metrics, "websocket");
    const auto member = context.feed.join();
    const auto gone = std::make_shared<bool>(false);
    boost::asio::co_spawn(context.executor, read_to_the_end(socket, gone, member), boost::asio::detached);
    const auto last = co_await context.feed.last_seq();
    const auto now = context.clock.now();
    if (!socket->send(frame("hello", now, last ? *last : 0, context.options.build))) co_return;
    SocketOutlet outlet(socket, gone);
    Follower follower(context, std::move(caller), outlet, member);
    co_await follower.run(since ? since : last ? std::optional(*last) : std::nullopt);
    socket->close();
}

} // namespace

http::Response event_stream(Context& context, CallerPtr caller, std::optional<std::int64_t> since)
{
    auto response = http::Response::text(200, "", "text/event-stream");
    response.headers.set("X-Accel-Buffering", "no"); // a proxy in front must not collect
    response.stream = [&context, caller, since](http::BodyStream& stream) { return run_stream(context, caller, since, stream); };
    return response;
}

http::Response live_socket(Context& context, CallerPtr caller, std::optional<std::int64_t> since)
{
    http::Response response;
    response.status = 101;
    response.websocket = [&context, caller, since](std::shared_ptr<http::WebSocket> socket) {
        return run_socket(context, caller, since, std::move(socket));
    };
    return response;
}

} // namespace sportello::api
