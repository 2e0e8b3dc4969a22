#pragma once

#include "connection.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sportello::storage::postgresql {

/// Tells of the other nodes' commits that wrote events, and of what they call: by NOTIFY. A look when a second passed without
/// one serves behind a pooler, which passes no notifications on, and after a session was lost.
class Listener {
public:
    /// Listens from here on. Throws Failure when no server answers.
    /// @param hears  false where the address leads to a pooler: it only looks
    /// @param own_session  the writer's, whose commits are told of elsewhere; changes when it connects anew.
    Listener(ConnectionOptions options, bool hears, const std::atomic<int>& own_session);
    ~Listener();

    void on_commit(std::function<void()> callback);
    void on_call(std::function<void(const std::string&)> callback);

private:
    void work();
    [[nodiscard]] std::unique_ptr<Connection> listening_session() const;
    void listen(Connection& connection);
    enum class Heard { nothing, own, others };
    Heard wait(Connection& connection);
    void announce();
    void pass_on(const std::string& call);

    ConnectionOptions options_;
    const bool hears_;
    const std::atomic<int>& own_session_;
    std::unique_ptr<Connection> connection_; ///< null while there is none
    std::mutex mutex_;
    std::function<void()> on_commit_;
    std::function<void(const std::string&)> on_call_;
    std::atomic<bool> closing_ = false;
    int wake_up_ = -1;   ///< an eventfd
    std::thread thread_; // last: it uses all the others
};

} // namespace sportello::storage::postgresql
