#include "load_client.hpp"

#include "figures.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace sportello::bench {
namespace {

[[noreturn]] void fail_load(const std::string& doing)
{
    throw std::runtime_error("load: " + doing + ": " + std::strerror(errno));
}

class Socket {
public:
    explicit Socket(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail_load("connect");
        const int on = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Socket(Socket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)), wanted_(other.wanted_)
    {
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket()
    {
        if (descriptor_ >= 0) close(descriptor_);
    }

    [[nodiscard]] int descriptor() const { return descriptor_; }

    void send_all(std::string_view text)
    {
        while (!text.empty()) {
            const ssize_t sent = send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0) fail_load("send");
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// Reads once. @return the answer when it is complete.
    std::optional<RawAnswer> receive()
    {
        std::array<char, 65536> piece;
        const ssize_t got = recv(descriptor_, piece.data(), piece.size(), 0);
        if (got <= 0) fail_load("the server hung up");
        received_.append(piece.data(), static_cast<std::size_t>(got));
        if (wanted_ == 0) wanted_ = size_of_answer();
        if (wanted_ == 0 || received_.size() < wanted_) return std::nullopt;
        RawAnswer answer;
        const std::size_t body = received_.find("\r\n\r\n") + 4;
        answer.status = std::stoi(received_.substr(9, 3));
        answer.head = received_.substr(0, body);
        answer.body = received_.substr(body);
        received_.clear();
        wanted_ = 0;
        return answer;
    }

private:
    /// Of head and body; 0 while the head is not there.
    [[nodiscard]] std::size_t size_of_answer() const
    {
        const std::size_t end = received_.find("\r\n\r\n");
        if (end == std::string::npos) return 0;
        constexpr std::string_view name = "content-length:";
        const auto lower = [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); };
        const auto head_end = received_.begin() + static_cast<std::ptrdiff_t>(end);
        const auto found =
            std::search(received_.begin(), head_end, name.begin(), name.end(), [&](char a, char b) { return lower(a) == b; });
        const std::size_t length =
            found == head_end ? 0 : std::stoul(received_.substr(static_cast<std::size_t>(found - received_.begin()) + name.size(), 12));
        return end + 4 + length;
    }

    int descriptor_;
    std::string received_;
    std::size_t wanted_ = 0;
};

} // namespace

RawAnswer ask(std::uint16_t port, const std::string& request)
{
    Socket socket(port);
    socket.send_all(request);
    for (;;) {
        if (auto answer = socket.receive()) return std::move(*answer);
    }
}

std::string request_text(const std::string& method, const std::string& target, const std::string& fields, const std::string& body)
{
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields;
    if (!body.empty()) text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

Load load(const std::vector<std::uint16_t>& ports, std::size_t connections, std::size_t total,
          const std::function<std::string(std::size_t)>& request, int expected)
{
    using LoadClock = std::chrono::steady_clock;
    std::vector<Socket> sockets;
    std::vector<LoadClock::time_point> asked(connections);
    const int ready = epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < connections; ++i) {
        sockets.emplace_back(ports[i % ports.size()]);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(ready, EPOLL_CTL_ADD, sockets.back().descriptor(), &event);
    }
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < total; ++i) requests.push_back(request(i));

    Load done;
    done.latencies.reserve(total);
    done.seconds = seconds_of([&] {
        std::size_t next = 0;
        const auto ask_on = [&](std::size_t socket) {
            if (next == total) return;
            asked[socket] = LoadClock::now();
            sockets[socket].send_all(requests[next++]);
        };
        for (std::size_t i = 0; i < connections; ++i) ask_on(i);
        std::array<epoll_event, 64> events;
        while (done.answers < total) {
            const int count = epoll_wait(ready, events.data(), static_cast<int>(events.size()), 30'000);
            if (count <= 0) throw std::runtime_error("load: no answer for 30 s");
            for (int i = 0; i < count; ++i) {
                const auto socket = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64);
                const auto answer = sockets[socket].receive();
                if (!answer) continue;
                if (answer->status != expected)
                    throw std::runtime_error("load: unexpected answer " + std::to_string(answer->status) + ": " +
                                             answer->body.substr(0, 300));
                done.latencies.push_back(std::chrono::duration<double>(LoadClock::now() - asked[socket]).count());
                ++done.answers;
                ask_on(socket);
            }
        }
    });
    close(ready);
    return done;
}

} // namespace sportello::bench
