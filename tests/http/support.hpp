#pragma once

#include <sportello/http/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sportello::http::test {

/// An io_context in a thread of its own, as the program has one.
class Engine {
public:
    Engine();
    ~Engine();
    boost::asio::io_context& io() { return io_; }
    boost::asio::any_io_executor executor() { return io_.get_executor(); }

    /// Runs `work` (a callable that returns an awaitable) there and waits for its result.
    template <class Work> auto run(Work work) { return boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future).get(); }
    void finish();

private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_going_;
    std::thread thread_;
};

/// A server on a free port of loopback; stops at the end of the test.
class RunningServer {
public:
    RunningServer(ServerOptions options, Handler handler);
    explicit RunningServer(Handler handler) : RunningServer(ServerOptions(), std::move(handler)) {}
    ~RunningServer();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view target, std::string_view scheme = "http") const;
    std::size_t connections();
    std::future<void> begin_stop(std::chrono::milliseconds grace = std::chrono::seconds(5));
    Engine& engine() { return engine_; }

private:
    Engine engine_;
    std::optional<Server> server_;
    std::uint16_t port_ = 0;
};

/// A socket that says exactly what the test wants. Reads give up after ten seconds and fail the test.
class RawPeer {
public:
    explicit RawPeer(std::uint16_t port);
    explicit RawPeer(boost::asio::ip::tcp::socket socket);

    void send(std::string_view bytes);
    /// Everything up to the end of the connection.
    std::string read_to_end();
    /// One answer: its head and as many bytes as Content-Length says (none after a HEAD).
    std::string read_answer(bool bodiless = false);
    /// Reads until `wanted` has come; returns all up to and with it.
    std::string read_until(std::string_view wanted);
    /// Whether the peer has ended the connection, by an end or a reset, without another byte.
    bool ended();
    void shut_down_sending();
    void reset();
    boost::asio::ip::tcp::socket& socket() { return socket_; }

private:
    bool fill();

    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
};

/// A server that follows a script: one function for each connection, in their order.
class ScriptedServer {
public:
    explicit ScriptedServer(std::vector<std::function<void(RawPeer&)>> script);
    ~ScriptedServer();
    [[nodiscard]] std::string url(std::string_view target = "/") const;
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::thread thread_;
};

/// A self-signed certificate for "localhost" and its key, as PEM files in a directory that goes with it.
class TestCertificate {
public:
    TestCertificate();
    ~TestCertificate();
    [[nodiscard]] std::string certificate_file() const { return (directory_ / "certificate.pem").string(); }
    [[nodiscard]] std::string key_file() const { return (directory_ / "key.pem").string(); }

private:
    std::filesystem::path directory_;
};

/// "HTTP/1.1 404 Not Found..." -> 404; 0 when there is no answer.
int status_of(std::string_view answer);
/// The value of a header in a raw answer; empty when it is not there.
std::string header_of(std::string_view answer, std::string_view name);
std::string body_of(std::string_view answer);

} // namespace sportello::http::test
