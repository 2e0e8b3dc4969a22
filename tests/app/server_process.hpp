#pragma once

#include "process.hpp"
#include "support/run_to_end.hpp"

#include <sportello/http/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::test {

/// An answer of the server or of the simulator; `status` 0 and `failure` when none came.
struct Answer {
    int status = 0;
    nlohmann::json body; ///< null when there was none, or it was no JSON
    std::string text;    ///< the body as it came
    http::Headers headers;
    std::string failure;
};

struct LiveHouseOptions {
    std::filesystem::path corpus; ///< empty: nobody writes but the test
    std::string polling = "300ms";
    bool assign = true;          ///< the policy "balanced"
    std::string toml;            ///< laid over the configuration at its end
    std::size_t nodes = 1;       ///< servers with this configuration
    std::string postgresql = {}; ///< their database; empty: a file
    std::filesystem::path base = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "config/demo.toml"; ///< what it is laid over
    std::string storage = {};                                                                      ///< more lines of [storage]
    int rate_limits = 0; ///< the platforms' own times this, told with each answer; 0: none, and nothing is told of them
};

/// Both programs as an operator runs them: sportello-simulator and `sportello serve` on config/demo.toml, in a folder of
/// this test's own, on free ports, the office always open.
class LiveHouse {
public:
    explicit LiveHouse(LiveHouseOptions options = {});
    ~LiveHouse();
    LiveHouse(const LiveHouse&) = delete;
    LiveHouse& operator=(const LiveHouse&) = delete;

    static constexpr const char* agent = "chiara";
    static constexpr const char* password = "a password of the tests";

    void start_simulator();
    /// @param fresh_world  nothing was ever written there
    void restart_simulator(bool fresh_world);
    /// Starts it and waits until it answers.
    void start_server() { (void)run(server_up()); }
    /// The same for coroutines of `io`, which go on meanwhile. @return true.
    boost::asio::awaitable<bool> server_up(std::size_t node = 0);
    /// kill -9; what was under way is lost.
    void kill_server(std::size_t node = 0);
    /// SIGTERM. @return its exit status.
    std::optional<int> stop_server(std::size_t node = 0);
    /// The node that the calls below go to, asked for each.
    std::function<std::size_t()> next_node = [] { return 0; };
    void set_password(const std::string& login);
    /// Remembers the session for the calls below; it outlives the server's restarts.
    void log_in(const std::string& login = agent);

    /// A call of the API with the session, over a connection of its own.
    boost::asio::awaitable<Answer> call(http::Method method, std::string path, nlohmann::json body = nullptr, std::string key = "");
    Answer get(const std::string& path) { return run(call(http::Method::get, path)); }
    Answer post(const std::string& path, nlohmann::json body) { return run(call(http::Method::post, path, std::move(body))); }
    /// Every item of a list, page by page.
    std::vector<nlohmann::json> list(const std::string& path);

    /// A call of the simulator's control API.
    boost::asio::awaitable<Answer> control(http::Method method, std::string path, nlohmann::json body = nullptr);
    /// A customer writes. @return the platform's id.
    std::string customer_writes(const std::string& platform, const std::string& account, const std::string& kind, const std::string& author,
                                const std::string& text, const std::string& in_reply_to = "");
    /// Everything that was ever written on an account.
    nlohmann::json truth(const std::string& platform, const std::string& account);

    /// Asks again and again until `holds`; a failure of the test that names `what` after `seconds`.
    bool eventually(const std::string& what, const std::function<bool()>& holds, int seconds = 30);
    /// Lets time go by, for what shall happen at any moment.
    boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
    /// The first number that a query of the database answers, asked beside the server.
    std::int64_t count(const std::string& sql);

    /// `task` to its end, on `io`.
    template <class T> T run(boost::asio::awaitable<T> task);

    [[nodiscard]] const std::filesystem::path folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path config() const { return folder_ / "sportello.toml"; }
    /// Where a node's own configuration may be put, which includes the common one; none is there to begin with.
    [[nodiscard]] std::filesystem::path own_config(std::size_t node) const { return folder_ / (name_of(node) + ".toml"); }
    [[nodiscard]] std::filesystem::path database() const { return folder_ / "sportello.db"; }
    [[nodiscard]] const std::vector<std::string>& credentials() const { return credentials_; }
    [[nodiscard]] std::string simulator_url() const { return "http://127.0.0.1:" + std::to_string(simulator_port_); }
    [[nodiscard]] std::uint16_t server_port(std::size_t node = 0) const { return servers_[node].port; }
    [[nodiscard]] std::string server_url(std::size_t node = 0) const { return "http://127.0.0.1:" + std::to_string(server_port(node)); }
    [[nodiscard]] const std::string& cookie() const { return cookie_; }
    [[nodiscard]] std::string server_log(std::size_t node = 0) const { return read_file(folder_ / (name_of(node) + ".log")); }
    [[nodiscard]] pid_t server_pid() const { return server_pid(0); }
    [[nodiscard]] pid_t server_pid(std::size_t node) const { return servers_[node].process->pid(); }

    boost::asio::io_context io{1};

private:
    static std::string name_of(std::size_t node) { return node == 0 ? "server" : "server" + std::to_string(node); }
    void write_configuration();
    void read_credentials();
    boost::asio::awaitable<std::uint16_t> ready(Process& process, std::string name);
    boost::asio::awaitable<Answer> exchange(http::ClientRequest request);

    LiveHouseOptions options_;
    TemporaryFolder folder_;
    http::Client client_;
    std::vector<std::string> credentials_;
    std::unique_ptr<Process> simulator_;
    struct Server {
        std::unique_ptr<Process> process;
        std::uint16_t port = 0;
    };
    std::vector<Server> servers_;
    std::uint16_t simulator_port_ = 0;
    int worlds_ = 0;
    std::string cookie_;
    std::string csrf_token_;
};

template <class T> T LiveHouse::run(boost::asio::awaitable<T> task)
{
    return run_to_end(io, nullptr, std::move(task));
}

} // namespace sportello::test
