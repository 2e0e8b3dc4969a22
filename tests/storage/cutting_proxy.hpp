#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

namespace sportello::storage::test {

/// Stands between a client and PostgreSQL's socket, one session at a time, and can cut the wire at the worst moment: after a COMMIT
/// went to the server, before its answer comes back.
class CuttingProxy {
public:
    /// @param server  the folder of the server's socket.
    explicit CuttingProxy(const std::filesystem::path& server);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;

    /// The next COMMIT is the last thing that its session sends; `reaches_server` or is lost itself.
    void cut_at_commit(bool reaches_server) { cut_ = reaches_server ? 2 : 1; }
    [[nodiscard]] int cuts() const { return cuts_; }
    /// The folder of the proxy's own socket.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    void serve();
    void carry(int client, int server);

    std::filesystem::path server_;
    std::filesystem::path folder_;
    int listening_ = -1;
    std::atomic<int> cut_ = 0;
    std::atomic<int> cuts_ = 0;
    std::atomic<bool> closing_ = false;
    std::thread thread_;
};

} // namespace sportello::storage::test
