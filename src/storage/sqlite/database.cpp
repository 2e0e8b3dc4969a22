#include "database.hpp"

#include "../threads.hpp"
#include "checkpointer.hpp"
#include "connection.hpp"
#include "group.hpp"
#include "lock_file.hpp"
#include "schema.hpp"
#include "snapshot.hpp"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace sportello::storage::sqlite {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int writer_cache_kib = 8'192;

/// Writer and readers on threads of their own.
class ThreadedDatabase final : public Database {
public:
    ThreadedDatabase(LockFile lock, std::unique_ptr<Connection> connection, const std::string& path, unsigned reader_count,
                     bool makes_checkpoints)
        : lock_(std::move(lock)), connection_(std::move(connection))
    {
        if (makes_checkpoints) checkpointer_.emplace(path, *connection_);
        std::vector<Readers::RunOnSnapshot> readers;
        for (unsigned n = 0; n < reader_count; ++n) {
            auto own = std::make_shared<Connection>(path, ConnectionOptions{.read_only = true, .cache_kib = 4'096});
            readers.emplace_back([own](const Job& job) { run_on_snapshot(*own, job); });
        }
        threads_.emplace(Writer::Engine{.commit_group = [this](std::span<const Job> group) { return commit_group(*connection_, group); },
                                        .after_commit =
                                            [this](bool idle) {
                                                if (checkpointer_) checkpointer_->after_commit(idle);
                                            }},
                         std::move(readers));
    }

    void on_commit(std::function<void()> callback) override { threads_->on_commit(std::move(callback)); }

protected:
    asio::awaitable<void> perform_work(Work& work, bool writes) override { return threads_->perform(work.run, work.fail, writes); }
    void run_now(Work& work, bool writes) override { threads_->run_now(work.run, work.fail, writes); }

private:
    LockFile lock_;
    std::unique_ptr<Connection> connection_;
    std::optional<Checkpointer> checkpointer_;
    std::optional<Threads> threads_; ///< no readers in memory: only one connection can see such a database
};

/// Everything at once on the calling thread: the simulated house.
class InlineDatabase final : public Database {
public:
    InlineDatabase(LockFile lock, std::unique_ptr<Connection> connection, const std::string& path, bool makes_checkpoints)
        : lock_(std::move(lock)), connection_(std::move(connection))
    {
        if (makes_checkpoints) checkpointer_.emplace(path, *connection_);
    }

    void on_commit(std::function<void()> callback) override { on_commit_ = std::move(callback); }

protected:
    asio::awaitable<void> perform_work(Work& work, bool writes) override
    {
        run_now(work, writes);
        co_return;
    }

    void run_now(Work& work, bool writes) override
    {
        const Job job{.run = &work.run, .fail = &work.fail, .completion = nullptr};
        if (!writes) return run_on_snapshot(*connection_, job);
        const bool wrote_events = commit_group(*connection_, std::span(&job, 1));
        if (wrote_events && on_commit_) on_commit_();
        if (checkpointer_) checkpointer_->after_commit(true);
    }

private:
    LockFile lock_;
    std::unique_ptr<Connection> connection_;
    std::optional<Checkpointer> checkpointer_;
    std::function<void()> on_commit_;
};

Result<void> expect_usable_directory(const std::filesystem::path& path)
{
    const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code failed;
    if (!std::filesystem::is_directory(directory, failed)) {
        return Error(ErrorKind::unavailable,
                     "the directory " + directory.string() + " for the database does not exist: create it, or change storage.url");
    }
    const auto unwritable = access(directory.c_str(), W_OK | X_OK) != 0                                ? directory
                            : std::filesystem::exists(path, failed) && access(path.c_str(), W_OK) != 0 ? path
                                                                                                       : "";
    if (unwritable.empty()) return {};
    return Error(ErrorKind::unavailable, "cannot write " + unwritable.string() + " (" + std::strerror(errno) +
                                             "): the database and its directory must belong to the server's user");
}

/// Opens, checks and migrates the file. @param owner  whether no server serves it beside us.
Result<std::unique_ptr<Connection>> open_checked(const std::filesystem::path& path, const DatabaseOptions& options, bool owner,
                                                 base::Instant now)
{
    auto connection = std::make_unique<Connection>(path.string(), ConnectionOptions{.read_only = false, .cache_kib = writer_cache_kib});
    if (owner) {
        if (const auto sound = expect_sound(*connection, path); !sound) return sound.error();
    } else {
        sqlite3_db_config(connection->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    if (path != ":memory:" && connection->text("PRAGMA journal_mode = WAL") != "wal") {
        return Error(ErrorKind::unavailable,
                     "the file system of " + path.string() + " does not allow a write-ahead log: put the database on a local disk");
    }
    const auto current = bring_up_to_date(*connection, options.migrations / "sqlite", owner, now);
    if (!current) return current.error().while_doing("the database " + path.string());
    return connection;
}

Result<std::unique_ptr<Database>> open_file(const std::filesystem::path& path, const DatabaseOptions& options, base::Instant now)
{
    if (const auto usable = expect_usable_directory(path); !usable) return usable.error();
    if (const auto plausible = expect_database_file(path); !plausible) return plausible.error();
    auto lock = LockFile::acquire(path.string() + ".lock");
    const bool owner = lock.has_value();
    if (!owner && !(options.beside_server && lock.error().kind() == ErrorKind::conflict)) {
        return lock.error().while_doing("the database " + path.string());
    }
    auto connection = open_checked(path, options, owner, now);
    if (!connection) return connection.error();
    LockFile held = owner ? std::move(*lock) : LockFile();
    if (options.inline_execution) {
        return std::make_unique<InlineDatabase>(std::move(held), std::move(*connection), path.string(), owner);
    }
    return std::make_unique<ThreadedDatabase>(std::move(held), std::move(*connection), path.string(), std::max(1u, options.readers), owner);
}

Result<std::unique_ptr<Database>> open_in_memory(const DatabaseOptions& options, base::Instant now)
{
    auto connection = open_checked(":memory:", options, true, now);
    if (!connection) return connection.error();
    if (options.inline_execution) { return std::make_unique<InlineDatabase>(LockFile(), std::move(*connection), "", false); }
    return std::make_unique<ThreadedDatabase>(LockFile(), std::move(*connection), "", 0u, false);
}

} // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& location, const DatabaseOptions& options, base::Clock& clock)
{
    try {
        if (location == ":memory:") return open_in_memory(options, clock.now());
        return open_file(location, options, clock.now());
    } catch (const Failure& failure) {
        return Error(failure.kind(), failure.what());
    }
}

} // namespace sportello::storage::sqlite
