#include "postgres_cluster.hpp"

#include "support.hpp"

#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace sportello::storage::test {
namespace {

class GivenCluster final : public PostgresCluster {
public:
    explicit GivenCluster(std::string url) : url_(std::move(url)) {}
    [[nodiscard]] std::string url() const override { return url_; }

private:
    std::string url_;
};

/// Starts a program; as root, under the name of postgres, since PostgreSQL refuses root. @return its process id, or -1.
pid_t start(std::vector<std::string> words)
{
    if (geteuid() == 0) {
        const std::vector<std::string> prefix{"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                                              "--pdeathsig=INT"};
        words.insert(words.begin(), prefix.begin(), prefix.end());
    }
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&quiet, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, arguments[0], &quiet, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&quiet);
    return failed == 0 ? pid : -1;
}

bool run(std::vector<std::string> words)
{
    const pid_t pid = start(std::move(words));
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

class StartedCluster final : public PostgresCluster {
public:
    explicit StartedCluster(std::filesystem::path programs) : programs_(std::move(programs)) {}
    ~StartedCluster() override
    {
        if (server_ <= 0) return;
        kill(server_, SIGINT); // fast shutdown
        waitpid(server_, nullptr, 0);
    }

    bool start_up()
    {
        if (const passwd* postgres = getpwnam("postgres"); geteuid() == 0) {
            if (postgres == nullptr || chown(home_.path().c_str(), postgres->pw_uid, postgres->pw_gid) != 0) return false;
        }
        const std::string data = home_ / "data";
        if (!run({programs_ / "initdb", "-D", data, "-U", "sportello", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"})) { return false; }
        server_ = start({programs_ / "postgres", "-D", data, "-k", home_.path(), "-c", "listen_addresses=", "-c", "fsync=off"});
        return server_ > 0 && wait_until_ready();
    }

    [[nodiscard]] std::string url() const override { return "host=" + home_.path().string() + " user=sportello dbname=postgres"; }

private:
    bool wait_until_ready() const
    {
        const auto give_up = std::chrono::steady_clock::now() + 30s;
        while (std::chrono::steady_clock::now() < give_up) {
            if (run({programs_ / "pg_isready", "-h", home_.path(), "-t", "1"})) return true;
            if (waitpid(server_, nullptr, WNOHANG) != 0) return false;
        }
        return false;
    }

    TempDir home_;
    std::filesystem::path programs_;
    pid_t server_ = -1;
};

std::filesystem::path folder_of_initdb()
{
    std::error_code failed;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", failed)) {
        if (std::filesystem::exists(version.path() / "bin/initdb")) return version.path() / "bin";
    }
    return {};
}

} // namespace

std::unique_ptr<PostgresCluster> PostgresCluster::find_or_start(std::string& why)
{
    if (const char* given = std::getenv("SPORTELLO_TEST_POSTGRES"); given != nullptr && *given != '\0') {
        return std::make_unique<GivenCluster>(given);
    }
    const auto programs = folder_of_initdb();
    why = "no PostgreSQL: set SPORTELLO_TEST_POSTGRES, or install the package postgresql";
    if (programs.empty()) return nullptr;
    auto started = std::make_unique<StartedCluster>(programs);
    why = "a PostgreSQL in " + programs.string() + " did not start";
    if (!started->start_up()) return nullptr;
    return started;
}

} // namespace sportello::storage::test
