#include "listener.hpp"

#include <sportello/base/random.hpp>

#include <spdlog/spdlog.h>

#include <array>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sportello::storage::postgresql {
namespace {

constexpr int look_every_ms = 1'000;
constexpr std::string_view of_calls = "sportello_call";
constexpr std::string_view last_event = "SELECT seq FROM event ORDER BY seq DESC LIMIT 1";

} // namespace

Listener::Listener(ConnectionOptions options, bool hears, const std::atomic<int>& own_session)
    : options_(std::move(options)), hears_(hears), own_session_(own_session), connection_(listening_session()),
      wake_up_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { work(); })
{
}

Listener::~Listener()
{
    closing_ = true;
    const std::uint64_t one = 1;
    (void)!write(wake_up_, &one, sizeof one);
    thread_.join();
    close(wake_up_);
}

void Listener::on_commit(std::function<void()> callback)
{
    const std::lock_guard lock(mutex_);
    on_commit_ = std::move(callback);
}

void Listener::on_call(std::function<void(const std::string&)> callback)
{
    const std::lock_guard lock(mutex_);
    on_call_ = std::move(callback);
}

std::unique_ptr<Connection> Listener::listening_session() const
{
    auto connection = std::make_unique<Connection>(options_);
    if (hears_) connection->run_script("LISTEN sportello_event; LISTEN sportello_call");
    return connection;
}

void Listener::work()
{
    base::SystemRandom random;
    bool deaf = false;
    while (!closing_) {
        try {
            if (!connection_) {
                connection_ = listening_session();
                announce(); // of what came while nobody listened
            }
            if (deaf) spdlog::info("storage: hearing of other nodes' events again");
            deaf = false;
            listen(*connection_);
        } catch (const Failure& failure) {
            if (!deaf) spdlog::warn("storage: other nodes' events are not heard for now: {}", failure.what());
            deaf = true;
            connection_.reset();
        }
        pollfd wake{.fd = wake_up_, .events = POLLIN, .revents = 0};
        // Never as long as another node does: they do not come back together to a server that they lost together.
        if (!closing_) poll(&wake, 1, look_every_ms / 2 + static_cast<int>(random.below(look_every_ms)));
    }
}

void Listener::listen(Connection& connection)
{
    std::int64_t seen = connection.number(last_event);
    while (!closing_) {
        const Heard heard = wait(connection);
        const std::int64_t last = connection.number(last_event);
        if (heard == Heard::others || (heard == Heard::nothing && last != seen)) announce();
        seen = last;
    }
}

Listener::Heard Listener::wait(Connection& connection)
{
    std::array<pollfd, 2> awaited{
        {{.fd = PQsocket(connection.handle()), .events = POLLIN, .revents = 0}, {.fd = wake_up_, .events = POLLIN, .revents = 0}}};
    poll(awaited.data(), awaited.size(), look_every_ms);
    if (PQconsumeInput(connection.handle()) != 1) throw Failure(base::ErrorKind::unavailable, PQerrorMessage(connection.handle()));
    Heard heard = Heard::nothing;
    while (PGnotify* notice = PQnotifies(connection.handle())) {
        if (notice->relname == of_calls) {
            if (notice->be_pid != own_session_) pass_on(notice->extra);
        } else if (notice->be_pid != own_session_) {
            heard = Heard::others;
        } else if (heard == Heard::nothing) {
            heard = Heard::own;
        }
        PQfreemem(notice);
    }
    return heard;
}

void Listener::announce()
{
    std::function<void()> callback;
    {
        const std::lock_guard lock(mutex_);
        callback = on_commit_;
    }
    if (callback) callback();
}

void Listener::pass_on(const std::string& call)
{
    std::function<void(const std::string&)> callback;
    {
        const std::lock_guard lock(mutex_);
        callback = on_call_;
    }
    if (callback) callback(call);
}

} // namespace sportello::storage::postgresql
