#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sportello::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words)
{
    std::vector<char*> made;
    for (std::string& word : words) made.push_back(word.data());
    made.push_back(nullptr);
    return made;
}

int open_for_output(const std::filesystem::path& file)
{
    return open(file.empty() ? "/dev/null" : file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// A descriptor from which `text` can be read, then the end.
int readable(const std::string& text)
{
    if (text.empty()) return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe: " + std::string(std::strerror(errno)));
    if (write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw std::runtime_error("pipe: write");
    close(ends[1]);
    return ends[0];
}

int exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

TemporaryFolder::TemporaryFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "sportello-app-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp " + name + ": " + std::strerror(errno));
    path_ = name;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& file, const std::string& text)
{
    std::ofstream(file, std::ios::binary) << text;
}

std::string read_file(const std::filesystem::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::filesystem::path program(const std::string& name)
{
    const char* given = std::getenv("SPORTELLO_TEST_BIN");
    return std::filesystem::path(given && *given ? given : SPORTELLO_BINARY_DIR) / name;
}

Process::Process(const Command& command)
{
    std::vector<std::string> words = command.words;
    std::vector<std::string> environment = command.environment;
    for (char** entry = environ; *entry; ++entry) environment.emplace_back(*entry); // the first of a name counts
    const auto argv = pointers(words);
    const auto envp = pointers(environment);
    const int input = readable(command.input);
    const int output = open_for_output(command.output);
    const int error = command.error.empty() ? output : open_for_output(command.error);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that is itself killed leaves nobody behind
        if (getppid() != parent) _exit(127);
        dup2(input, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(error, STDERR_FILENO);
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    close(input);
    close(output);
    if (error != output) close(error);
    if (pid_ < 0) throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
}

Process::~Process()
{
    kill();
}

std::optional<int> Process::ended()
{
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = exit_status(status);
    return status_;
}

std::optional<int> Process::wait(int seconds)
{
    if (ended()) return status_;
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    pollfd end{process, POLLIN, 0};
    const int changed = poll(&end, 1, seconds * 1000);
    close(process);
    if (changed == 1 && ended()) return status_;
    kill();
    return std::nullopt;
}

std::optional<int> Process::stop()
{
    if (ended()) return status_;
    ::kill(pid_, SIGTERM);
    return wait();
}

void Process::kill()
{
    if (ended()) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    status_ = exit_status(status);
}

Finished run_program(std::vector<std::string> words, std::vector<std::string> environment, std::string input)
{
    const TemporaryFolder folder;
    Command command;
    command.words = std::move(words);
    command.environment = std::move(environment);
    command.output = folder / "out";
    command.error = folder / "error";
    command.input = std::move(input);
    Process process(command);
    Finished finished;
    finished.status = process.wait();
    finished.out = read_file(command.output);
    finished.error = read_file(command.error);
    return finished;
}

} // namespace sportello::test
