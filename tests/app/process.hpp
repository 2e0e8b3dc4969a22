#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sportello::test {

/// A folder of this test's own, gone with it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

void write_file(const std::filesystem::path& file, const std::string& text);
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// The programs under test: the build's, or those in SPORTELLO_TEST_BIN.
[[nodiscard]] std::filesystem::path program(const std::string& name);

/// What to start, and with what around it.
struct Command {
    std::vector<std::string> words;       ///< program and arguments
    std::vector<std::string> environment; ///< "NAME=value", added to this process's own
    std::filesystem::path output;         ///< appended to: standard output and error; empty: thrown away
    std::filesystem::path error;          ///< standard error apart from `output`; empty: with it
    std::string input;                    ///< what it reads on standard input, at most a pipe's 64 KiB
};

/// A running program. It dies with this object, and with this process.
class Process {
public:
    explicit Process(const Command& command);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// The exit status once it has ended (128 + signal when killed), else nothing.
    std::optional<int> ended();
    /// Waits for the end. @return the exit status; kills it and answers nothing after `seconds`.
    std::optional<int> wait(int seconds = 30);
    /// Asks for an orderly end (SIGTERM) and waits for it.
    std::optional<int> stop();
    /// kill -9, at once.
    void kill();

private:
    pid_t pid_ = -1;
    std::optional<int> status_;
};

struct Finished {
    std::optional<int> status; ///< nothing: it had to be killed
    std::string out;
    std::string error;
};
/// Runs a program to its end.
[[nodiscard]] Finished run_program(std::vector<std::string> words, std::vector<std::string> environment = {}, std::string input = "");

} // namespace sportello::test
