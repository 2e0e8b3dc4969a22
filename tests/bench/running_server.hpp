#pragma once

#include "app/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sportello::bench {

/// `sportello serve` on a database that take_messages_in() filled, with a channel that reaches no platform. On PostgreSQL
/// several are the nodes of one house.
class RunningServer {
public:
    /// @param database  stays where it is
    explicit RunningServer(const std::filesystem::path& database) : RunningServer("sqlite:" + database.string()) {}
    explicit RunningServer(const std::string& url);

    void start();
    /// An orderly end; throws when it was none.
    void stop();
    /// Bearer of agent1's token, as a header line.
    [[nodiscard]] std::string log_in();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Seconds from the start of the process to its first answer.
    [[nodiscard]] double seconds_to_first_answer() const { return seconds_to_first_answer_; }
    /// A line of /proc/PID/status, such as "VmRSS", in KiB.
    [[nodiscard]] long memory_kib(const std::string& name) const;
    /// Seconds of processor time that it has used, of all its threads.
    [[nodiscard]] double processor_seconds() const;

private:
    [[nodiscard]] std::vector<std::string> words(std::vector<std::string> command) const;

    test::TemporaryFolder folder_;
    std::unique_ptr<test::Process> process_;
    std::uint16_t port_ = 0;
    double seconds_to_first_answer_ = 0;
};

} // namespace sportello::bench
