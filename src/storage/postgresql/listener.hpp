#pragma once

#include "connection.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sportello::storage::postgresql {

/// Tells of the other nodes' commits that wrote events: by NOTIFY, and by a look when a second passed without one, which serves
/// behind a pooler that passes no notifications on, and after a session was lost.
class Listener {
public:
    /// Listens from here on. Throws Failure when no server answers.
    /// @param own_session  the writer's, whose commits are told of elsewhere; changes when it connects anew.
    Listener(ConnectionOptions options, const std::atomic<int>& own_session);
    ~Listener();

    void on_commit(std::function<void()> callback);

private:
    void work();
    void listen(Connection& connection);
    enum class Heard { nothing, own, others };
    Heard wait(Connection& connection);
    void announce();

    ConnectionOptions options_;
    const std::atomic<int>& own_session_;
    std::unique_ptr<Connection> connection_; ///< null while there is none
    std::mutex mutex_;
    std::function<void()> on_commit_;
    std::atomic<bool> closing_ = false;
    int wake_up_ = -1;   ///< an eventfd
    std::thread thread_; // last: it uses all the others
};

} // namespace sportello::storage::postgresql
