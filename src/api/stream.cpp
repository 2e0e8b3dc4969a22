#include "stream.hpp"

#include "authorize.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "presence.hpp"
#include "ticket_json.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>
#include <set>

namespace sportello::api {
namespace {

using boost::asio::awaitable;

constexpr std::uint16_t session_ended = 4401;
constexpr std::uint16_t try_again = 1013;
constexpr std::uint16_t speaks_too_much = 1008;

/// Where the events go: each way writes them in its own words.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Sends one event. @return false when the other side is gone.
    virtual awaitable<bool> send(const FeedEvent& event) = 0;
    /// A sign of life.
    virtual awaitable<bool> beat(std::int64_t seq, base::Instant now) = 0;
    virtual awaitable<bool> reset(std::int64_t seq, base::Instant now) = 0;
    /// Who is where: only the dashboard's socket tells it.
    virtual awaitable<bool> presence(const Presence::Ticket&, bool, base::Instant) { co_return true; }
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

std::string presence_frame(const Presence::Ticket& ticket, bool exclusive, base::Instant now)
{
    std::string out;
    JsonWriter json(out);
    json.open_object().member("seq", 0).member("type", "presence").member("at", now).member("ticket", ticket.id.value).key("data");
    write_presence(json, ticket, exclusive);
    json.close_object();
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

    awaitable<bool> send(const FeedEvent& event) override
    {
        // The queue never fills: who reads slowly is waited for, and cut by the server when nothing moves.
        const bool ready = co_await socket_->ready();
        co_return ready && socket_->send(event.json);
    }
    awaitable<bool> presence(const Presence::Ticket& ticket, bool exclusive, base::Instant now) override
    {
        const bool ready = co_await socket_->ready();
        co_return ready && socket_->send(presence_frame(ticket, exclusive, now));
    }
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
            const bool told = co_await send_presence();
            if (!told) co_return;
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
                const bool visible = may_see(caller_->actor(), *event);
                bool sent = true;
                if (visible) sent = co_await outlet_.send(*event);
                if (!sent) co_return false;
                seq_ = event->seq;
            }
        }
    }

    awaitable<bool> send_presence()
    {
        const auto changed = context_.presence.changed_since(presence_);
        presence_ = context_.presence.version();
        for (const auto& ticket : changed) {
            if (!caller_->actor().may_see(ticket.brand)) continue;
            const bool sent = co_await outlet_.presence(ticket, context_.presence.exclusive(), context_.clock.now());
            if (!sent) co_return false;
        }
        co_return true;
    }

    awaitable<bool> still_allowed()
    {
        changes_ = context_.sessions.changes();
        auto renewed = co_await context_.sessions.renew(caller_);
        if (renewed && *renewed && !authorize(renewed->get(), Access::agent, http::Method::get, "/v1/live", "")) {
            // Another brand's tickets are news now.
            if ((*renewed)->agent.brands != caller_->agent.brands) presence_ = 0;
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
    std::uint64_t presence_ = 0; ///< what of it was told
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

/// @param seat  held to the end
awaitable<void> run_stream(Context& context, CallerPtr caller, [[maybe_unused]] StreamSeats::Seat seat, std::optional<std::int64_t> since,
                           http::BodyStream& stream)
{
    const Counted counted(context.metrics, "sse");
    const auto watch = context.access_watch.join();
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

/// What the dashboard says on its socket: where its person is.
class Speaker {
public:
    Speaker(Context& context, CallerPtr caller, std::shared_ptr<http::WebSocket> socket)
        : context_(context), caller_(std::move(caller)), socket_(std::move(socket)), seat_(context.presence),
          filled_at_(context.clock.since_boot())
    {
    }

    awaitable<void> listen()
    {
        for (;;) {
            const auto text = co_await socket_->receive();
            if (!text) co_return;
            if (!may_speak()) {
                socket_->close(speaks_too_much);
                co_return;
            }
            co_await hear(*text);
        }
    }

private:
    /// Ten frames a second on average.
    bool may_speak()
    {
        const auto now = context_.clock.since_boot();
        left_ = std::min(most_at_once, left_ + std::chrono::duration<double>(now - filled_at_).count() * frames_a_second);
        filled_at_ = now;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

    awaitable<void> hear(const std::string& text)
    {
        Fields fields(text);
        const auto type = fields.text("type", {1, 50});
        const auto number = fields.maybe_number("ticket", 1, INT64_MAX);
        if (!number && !fields.has("ticket")) fields.missing("ticket");
        const auto state = fields.maybe_text("state", {1, 20});
        if (type != "presence") fields.wrong_value("type", "expected presence");
        if (state != "viewing" && state != "writing" && state != "gone") fields.wrong_value("state", "expected viewing, writing or gone");
        if (const auto problem = fields.refusal()) {
            refuse(problem->detail);
            co_return;
        }
        const domain::TicketId ticket{*number};
        if (state == "gone") {
            places_.erase(*number);
            context_.presence.leave(seat_.source(), ticket);
            co_return;
        }
        // Who may no longer see it says nothing of it: the rights are today's.
        const auto caller = co_await context_.sessions.renew(caller_);
        if (!caller || !*caller) co_return;
        caller_ = *caller;
        const auto actor = caller_->actor();
        auto read = [&](storage::Transaction& tx) -> base::Result<std::string> {
            auto found = visible_ticket(tx, ticket, actor);
            if (!found) return found.error();
            return found->brand;
        };
        auto brand = co_await context_.db.read(read);
        if (!brand) {
            refuse(brand.error().what());
            co_return;
        }
        if (!places_.contains(*number) && places_.size() >= most_places) {
            refuse("one connection can be at 20 tickets at most");
            co_return;
        }
        places_.insert(*number);
        const auto said = state == "writing" ? Presence::State::writing : Presence::State::viewing;
        context_.presence.say(seat_.source(), caller_->agent, ticket, std::move(*brand), said);
    }

    void refuse(std::string_view detail)
    {
        std::string out;
        JsonWriter json(out);
        json.open_object().member("seq", 0).member("type", "error").member("at", context_.clock.now()).key("data");
        json.open_object().member("detail", detail).close_object().close_object();
        socket_->send(std::move(out));
    }

    static constexpr double frames_a_second = 10;
    static constexpr double most_at_once = 50;
    static constexpr std::size_t most_places = 20;

    Context& context_;
    CallerPtr caller_;
    std::shared_ptr<http::WebSocket> socket_;
    const Presence::Seat seat_;
    base::Duration filled_at_;
    double left_ = most_at_once;
    std::set<std::int64_t> places_;
};

/// Hears what the client says until it is gone.
awaitable<void> read_to_the_end(Context& context, CallerPtr caller, std::shared_ptr<http::WebSocket> socket, std::shared_ptr<bool> gone,
                                std::weak_ptr<LiveFeed::Member> member)
{
    {
        Speaker speaker(context, std::move(caller), socket);
        co_await speaker.listen();
    }
    *gone = true;
    if (const auto waiting = member.lock()) waiting->wake();
}

/// @param seat  held to the end
awaitable<void> run_socket(Context& context, CallerPtr caller, [[maybe_unused]] StreamSeats::Seat seat, std::optional<std::int64_t> since,
                           std::shared_ptr<http::WebSocket> socket)
{
    const Counted counted(context.metrics, "websocket");
    const auto watch = context.access_watch.join();
    const auto member = context.feed.join();
    const auto gone = std::make_shared<bool>(false);
    boost::asio::co_spawn(context.executor, read_to_the_end(context, caller, socket, gone, member), boost::asio::detached);
    const auto last = co_await context.feed.last_seq();
    const auto now = context.clock.now();
    if (!socket->send(frame("hello", now, last ? *last : 0, context.options.build))) co_return;
    SocketOutlet outlet(socket, gone);
    Follower follower(context, std::move(caller), outlet, member);
    co_await follower.run(since ? since : last ? std::optional(*last) : std::nullopt);
    socket->close();
}

http::Response too_many_streams(const Call& call)
{
    return call.refuse(
        {.status = 429,
         .code = "too_many",
         .detail = "This log-in or token has as many live streams open as it may: close one, or let several readers share one.",
         .retry_after_seconds = 10});
}

} // namespace

http::Response event_stream(Context& context, const Call& call, std::optional<std::int64_t> since)
{
    auto seat = context.stream_seats.take(call.caller->credential);
    if (!seat) return too_many_streams(call);
    auto response = http::Response::text(200, "", "text/event-stream");
    response.headers.set("X-Accel-Buffering", "no"); // a proxy in front must not collect
    response.stream = [&context, caller = call.caller, since, seat = std::move(seat)](http::BodyStream& stream) {
        return run_stream(context, caller, seat, since, stream);
    };
    return response;
}

http::Response live_socket(Context& context, const Call& call, std::optional<std::int64_t> since)
{
    auto seat = context.stream_seats.take(call.caller->credential);
    if (!seat) return too_many_streams(call);
    http::Response response;
    response.status = 101;
    response.websocket = [&context, caller = call.caller, since, seat = std::move(seat)](std::shared_ptr<http::WebSocket> socket) {
        return run_socket(context, caller, seat, since, std::move(socket));
    };
    return response;
}

} // namespace sportello::api
