#include "live_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace sportello::bench {
namespace {

using LiveClock = std::chrono::steady_clock;

[[noreturn]] void fail_live(const std::string& doing)
{
    throw std::runtime_error("live: " + doing + ": " + std::strerror(errno));
}

int connect_to(std::uint16_t port, int receive_buffer = 0)
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail_live("socket");
    if (receive_buffer > 0) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail_live("connect");
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

void send_all(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0) fail_live("send");
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// Upgrades the connection. @return what came behind the head.
std::string upgrade(int descriptor, const std::string& target, const std::string& fields)
{
    send_all(descriptor, "GET " + target +
                             " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                             fields + "\r\n");
    std::string received;
    std::array<char, 4096> piece;
    while (received.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = recv(descriptor, piece.data(), piece.size(), 0);
        if (got <= 0) fail_live("upgrade");
        received.append(piece.data(), static_cast<std::size_t>(got));
    }
    if (!received.starts_with("HTTP/1.1 101")) throw std::runtime_error("live: " + received);
    return received.substr(received.find("\r\n\r\n") + 4);
}

/// One client frame, masked with zeros.
std::string masked_text(const std::string& text)
{
    std::string frame = {'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0}; // short texts only
    return frame + text;
}

struct Stream {
    int descriptor = -1;
    std::string received;
    std::vector<std::size_t> heard; ///< event numbers, in their order
};

/// The number in `"bench-N"`, or -1.
long number_in(std::string_view text)
{
    const auto at = text.find("bench-");
    if (at == std::string_view::npos) return -1;
    long number = 0;
    bool any = false;
    for (std::size_t i = at + 6; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, any = true)
        number = number * 10 + (text[i] - '0');
    return any ? number : -1;
}

/// Takes whole frames out of what was received. @return the size of the first one's payload place, or npos.
template <class Each> void take_frames(std::string& received, Each each)
{
    std::size_t at = 0;
    for (;;) {
        if (received.size() < at + 2) break;
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(received[at + i]); };
        std::size_t length = byte(1) & 0x7f;
        std::size_t head = 2;
        if (length == 126) {
            if (received.size() < at + 4) break;
            length = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
            head = 4;
        } else if (length == 127) {
            throw std::runtime_error("live: a frame of more than 64 KiB");
        }
        if (received.size() < at + head + length) break;
        each(byte(0) & 0x0f, std::string_view(received).substr(at + head, length));
        at += head + length;
    }
    received.erase(0, at);
}

} // namespace

struct LiveStreams::Impl {
    std::vector<Stream> streams;
    int ready = epoll_create1(EPOLL_CLOEXEC);
    std::vector<double> latencies;
    std::vector<LiveClock::time_point> asked;
    std::vector<double> last;
    std::vector<std::size_t> times_heard;

    /// Reads whatever is there, for `timeout` at most.
    void read(std::chrono::milliseconds timeout)
    {
        std::array<epoll_event, 256> events;
        const int count = epoll_wait(ready, events.data(), static_cast<int>(events.size()), static_cast<int>(timeout.count()));
        for (int i = 0; i < count; ++i) read(streams[events[static_cast<std::size_t>(i)].data.u64]);
    }

    void read(Stream& stream)
    {
        std::array<char, 16384> piece;
        const ssize_t got = recv(stream.descriptor, piece.data(), piece.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            epoll_ctl(ready, EPOLL_CTL_DEL, stream.descriptor, nullptr);
            close(stream.descriptor);
            stream.descriptor = -1;
            return;
        }
        if (got < 0) return;
        const auto now = LiveClock::now();
        stream.received.append(piece.data(), static_cast<std::size_t>(got));
        take_frames(stream.received, [&](int opcode, std::string_view payload) {
            if (opcode == 9) return; // a ping: the server is content with any frame, and we read quickly
            const long number = number_in(payload);
            if (number < 0 || static_cast<std::size_t>(number) >= asked.size()) return;
            const auto event = static_cast<std::size_t>(number);
            const double seconds = std::chrono::duration<double>(now - asked[event]).count();
            latencies.push_back(seconds);
            last[event] = std::max(last[event], seconds);
            ++times_heard[event];
            stream.heard.push_back(event);
        });
    }
};

LiveStreams::LiveStreams(std::uint16_t port, std::size_t count, const std::string& target, const std::string& fields)
    : impl_(std::make_unique<Impl>())
{
    for (std::size_t i = 0; i < count; ++i) {
        Stream stream;
        stream.descriptor = connect_to(port);
        stream.received = upgrade(stream.descriptor, target, fields);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(impl_->ready, EPOLL_CTL_ADD, stream.descriptor, &event);
        impl_->streams.push_back(std::move(stream));
    }
}

LiveStreams::~LiveStreams()
{
    for (const Stream& stream : impl_->streams) {
        if (stream.descriptor >= 0) close(stream.descriptor);
    }
    close(impl_->ready);
}

LiveStreams::Heard LiveStreams::listen(std::size_t events, double every_seconds, double patience_seconds,
                                       const std::function<void(std::size_t)>& ask)
{
    Impl& impl = *impl_;
    impl.latencies.clear();
    impl.asked.assign(events, LiveClock::time_point());
    impl.last.assign(events, 0);
    impl.times_heard.assign(events, 0);
    for (Stream& stream : impl.streams) stream.heard.clear();
    const auto begun = LiveClock::now();
    std::size_t next = 0;
    const auto count_open = [&] {
        return static_cast<std::size_t>(std::ranges::count_if(impl.streams, [](const Stream& stream) { return stream.descriptor >= 0; }));
    };
    auto deadline = begun + std::chrono::duration<double>(static_cast<double>(events) * every_seconds + patience_seconds);
    while (LiveClock::now() < deadline) {
        const auto due = begun + std::chrono::duration<double>(static_cast<double>(next) * every_seconds);
        if (next < events && LiveClock::now() >= due) {
            impl.asked[next] = LiveClock::now();
            ask(next++);
        }
        impl.read(std::chrono::milliseconds(1));
        if (next == events && impl.latencies.size() >= events * count_open()) break;
    }
    Heard heard;
    heard.open = count_open();
    for (const Stream& stream : impl.streams) {
        if (stream.descriptor < 0) continue;
        auto numbers = stream.heard;
        std::ranges::sort(numbers);
        bool once = numbers.size() == events;
        for (std::size_t i = 0; once && i < events; ++i) once = numbers[i] == i;
        heard.each_once = heard.each_once && once;
    }
    heard.frames = impl.latencies.size();
    heard.seconds = spread_of(impl.latencies);
    heard.last_seconds = spread_of(impl.last).p50;
    return heard;
}

void LiveStreams::say(const std::string& text)
{
    send_all(impl_->streams.front().descriptor, masked_text(text));
}

SlowStream::SlowStream(std::uint16_t port, const std::string& target, const std::string& fields) : descriptor_(connect_to(port, 4096))
{
    (void)upgrade(descriptor_, target, fields);
}

SlowStream::~SlowStream()
{
    close(descriptor_);
}

bool SlowStream::is_cut_within(double seconds) const
{
    // The end is told by the kernel without a byte being read.
    pollfd end{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};
    return poll(&end, 1, static_cast<int>(seconds * 1000)) == 1;
}

void allow_many_files()
{
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace sportello::bench
