#include "postgres_cluster.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace sportello::test {
namespace {

class GivenCluster final : public PostgresCluster {
public:
    explicit GivenCluster(std::string url) : url_(std::move(url)) {}
    [[nodiscard]] std::string url_of(const std::string& database) const override
    {
        // postgresql://HOST/NAME?…: the name is what another database differs by.
        const auto host = url_.find("://") + 3;
        const auto slash = url_.find('/', host);
        const auto end = std::min(url_.find('?', slash), url_.size());
        return url_.substr(0, slash + 1) + database + url_.substr(end);
    }

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

/// Another program tells nobody when it is ready: it is asked until it is, or is given up.
template <class Ask> bool eventually(std::chrono::seconds patience, Ask is_ready)
{
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < give_up) {
        if (is_ready()) return true;
        usleep(20'000);
    }
    return false;
}

class StartedCluster final : public PostgresCluster {
public:
    explicit StartedCluster(std::filesystem::path programs) : programs_(std::move(programs))
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-pg-XXXXXX").string();
        home_ = mkdtemp(name.data());
    }
    ~StartedCluster() override
    {
        if (server_ > 0) {
            kill(server_, SIGINT); // fast shutdown
            waitpid(server_, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(home_, ignored);
    }

    bool start_up()
    {
        if (const passwd* postgres = getpwnam("postgres"); geteuid() == 0) {
            if (postgres == nullptr || chown(home_.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) return false;
        }
        const std::string data = home_ / "data";
        if (!run({programs_ / "initdb", "-D", data, "-U", "sportello", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"})) { return false; }
        server_ = start({programs_ / "postgres", "-D", data, "-k", home_, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                         "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "jit=off", "-c", "max_connections=200"});
        return server_ > 0 && wait_until_ready();
    }

    [[nodiscard]] std::string url_of(const std::string& database) const override
    {
        return "postgresql:///" + database + "?host=" + home_.string() + "&user=sportello";
    }

private:
    bool wait_until_ready() const
    {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::chrono::steady_clock::now() < give_up) {
            if (run({programs_ / "pg_isready", "-h", home_, "-t", "1"})) return true;
            if (waitpid(server_, nullptr, WNOHANG) != 0) return false;
        }
        return false;
    }

    std::filesystem::path home_;
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

/// One server of a pair, in a folder of its own.
class PairedServer {
public:
    PairedServer(std::filesystem::path programs, std::filesystem::path home) : programs_(std::move(programs)), home_(std::move(home)) {}
    ~PairedServer() { lose(); }

    [[nodiscard]] const std::filesystem::path& home() const { return home_; }
    bool make() const
    {
        return run({programs_ / "initdb", "-D", data(), "-U", "sportello", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"});
    }
    bool copy(const PairedServer& primary) const
    {
        return run({"/bin/rm", "-rf", data()}) && run({programs_ / "pg_basebackup", "-h", primary.home(), "-U", "sportello", "-D", data(),
                                                       "-R", "-X", "stream", "-c", "fast", "--no-sync"});
    }
    bool start_up()
    {
        pid_ = start({programs_ / "postgres", "-D", data(), "-k", home_, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                      "max_connections=50", "-c", "shared_buffers=16MB"});
        return pid_ > 0 && eventually(std::chrono::seconds(30), [&] { return run({programs_ / "pg_isready", "-h", home_, "-t", "1"}); });
    }
    /// With everything that it was doing.
    void lose()
    {
        if (pid_ <= 0) return;
        kill(pid_, SIGQUIT);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    /// The first value of the answer; nothing when it failed.
    [[nodiscard]] std::string ask(const char* sql) const
    {
        const std::string url = "postgresql:///postgres?host=" + home_.string() + "&user=sportello";
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
        const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(connection.get(), sql), &PQclear);
        if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return "done";
        return PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
    }

private:
    [[nodiscard]] std::string data() const { return home_ / "data"; }

    std::filesystem::path programs_;
    std::filesystem::path home_;
    pid_t pid_ = -1;
};

class StartedPair final : public PostgresPair {
public:
    explicit StartedPair(const std::filesystem::path& programs)
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-pg-XXXXXX").string();
        home_ = mkdtemp(name.data());
        for (const char* which : {"a", "b"}) std::filesystem::create_directory(home_ / which);
        primary_ = std::make_unique<PairedServer>(programs, home_ / "a");
        standby_ = std::make_unique<PairedServer>(programs, home_ / "b");
    }
    ~StartedPair() override
    {
        standby_.reset();
        primary_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(home_, ignored);
    }

    bool start_up()
    {
        if (const passwd* postgres = getpwnam("postgres"); geteuid() == 0) {
            for (const auto& folder : {home_, home_ / "a", home_ / "b"}) {
                if (postgres == nullptr || chown(folder.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) return false;
            }
        }
        const bool alone = primary_->make() && primary_->start_up() && !primary_->ask("CREATE DATABASE sportello").empty() &&
                           !primary_->ask("ALTER SYSTEM SET synchronous_standby_names = '*'").empty();
        return alone && set_up_standby() && !primary_->ask("SELECT pg_reload_conf()").empty() && standby_is_synchronous();
    }
    [[nodiscard]] std::string url() const override
    {
        return "postgresql:///sportello?host=" + (home_ / "a").string() + "," + (home_ / "b").string() +
               "&user=sportello&target_session_attrs=read-write";
    }
    [[nodiscard]] std::string fail_over() override
    {
        primary_->lose();
        if (standby_->ask("SELECT pg_promote(true, 30)") != "t") return "the standby was not promoted";
        std::swap(primary_, standby_);
        if (!set_up_standby()) return "no other standby could be set up";
        return standby_is_synchronous() ? "" : "the other standby is not synchronous";
    }

private:
    bool set_up_standby() { return standby_->copy(*primary_) && standby_->start_up(); }
    [[nodiscard]] bool standby_is_synchronous() const
    {
        return eventually(std::chrono::seconds(30),
                          [&] { return primary_->ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"; });
    }

    std::filesystem::path home_;
    std::unique_ptr<PairedServer> primary_;
    std::unique_ptr<PairedServer> standby_;
};

/// What an address says of one of libpq's parameters.
std::string parameter_of(const std::string& url, std::string_view keyword)
{
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->keyword == keyword && option->val != nullptr) return option->val;
    }
    return {};
}

class StartedBouncer final : public PgBouncer {
public:
    explicit StartedBouncer(const std::string& url) : database_(parameter_of(url, "dbname")), user_(parameter_of(url, "user"))
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-pgb-XXXXXX").string();
        home_ = mkdtemp(name.data());
        std::ofstream(home_ / "users.txt") << '"' << user_ << "\" \"\"\n";
        std::ofstream(home_ / "pgbouncer.ini") << "[databases]\n* = host=" << parameter_of(url, "host") << "\n[pgbouncer]\n"
                                               << "listen_addr =\nlisten_port = 6432\nunix_socket_dir = " << home_.string()
                                               << "\nauth_type = trust\nauth_file = " << (home_ / "users.txt").string()
                                               << "\npool_mode = transaction\ndefault_pool_size = " << sessions
                                               << "\nlogfile = " << (home_ / "log").string() << "\n";
    }
    ~StartedBouncer() override
    {
        if (pid_ > 0) {
            kill(pid_, SIGTERM); // at once
            waitpid(pid_, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(home_, ignored);
    }

    bool start_up()
    {
        if (const passwd* postgres = getpwnam("postgres"); geteuid() == 0) {
            for (const auto& place : {home_, home_ / "users.txt", home_ / "pgbouncer.ini"}) {
                if (postgres == nullptr || chown(place.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) return false;
            }
        }
        pid_ = test::start({program, "-q", home_ / "pgbouncer.ini"});
        return pid_ > 0 && eventually(std::chrono::seconds(10), [&] {
                   const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url().c_str()), &PQfinish);
                   return PQstatus(connection.get()) == CONNECTION_OK;
               });
    }
    [[nodiscard]] std::string url() const override
    {
        return "postgresql:///" + database_ + "?host=" + home_.string() + "&port=6432&user=" + user_;
    }

    static constexpr const char* program = "/usr/sbin/pgbouncer";

private:
    std::string database_;
    std::string user_;
    std::filesystem::path home_;
    pid_t pid_ = -1;
};

} // namespace

std::unique_ptr<PgBouncer> PgBouncer::start(const std::string& url, std::string& why)
{
    why = "no PgBouncer: install the package pgbouncer";
    if (!std::filesystem::exists(StartedBouncer::program)) return nullptr;
    auto bouncer = std::make_unique<StartedBouncer>(url);
    why = "PgBouncer did not start";
    if (!bouncer->start_up()) return nullptr;
    return bouncer;
}

std::unique_ptr<PostgresPair> PostgresPair::start(std::string& why)
{
    const auto programs = folder_of_initdb();
    why = "no PostgreSQL: install the package postgresql";
    if (programs.empty()) return nullptr;
    auto pair = std::make_unique<StartedPair>(programs);
    why = "a primary and a standby in " + programs.string() + " did not start";
    if (!pair->start_up()) return nullptr;
    return pair;
}

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

} // namespace sportello::test
