#include "database.hpp"

#include "../threads.hpp"
#include "connection.hpp"
#include "group.hpp"
#include "listener.hpp"
#include "schema.hpp"

#include <spdlog/spdlog.h>

namespace sportello::storage::postgresql {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

constexpr auto patience_with_lost_servers = 30s; // as long as a fail-over takes

/// One session writes, some read, one listens.
class ThreadedDatabase final : public Database {
public:
    ThreadedDatabase(std::unique_ptr<Connection> connection, const ConnectionOptions& session, const DatabaseOptions& options,
                     std::int64_t known_schema, base::Clock& clock)
        : known_schema_(known_schema), connection_(std::move(connection)), group_(*connection_, clock, patience_with_lost_servers),
          listener_(listening(session, options), !options.pooled || !options.listen_url.empty(), connection_->session())
    {
        std::vector<Readers::RunOnSnapshot> readers;
        for (unsigned n = 0; n < std::max(1u, options.readers); ++n) {
            auto own = std::make_shared<Connection>(session);
            readers.emplace_back([own](const Job& job) { run_on_snapshot(*own, job); });
        }
        threads_.emplace(
            Writer::Engine{.commit_group = [this](std::span<const Job> group) { return group_.commit(group); }, .after_commit = {}},
            std::move(readers));
    }
    ~ThreadedDatabase() override
    {
        group_.close();
        threads_.reset();
    }

    /// Own commits are told of by the writer, the other nodes' by the listener.
    void on_commit(std::function<void()> callback) override
    {
        listener_.on_commit(callback);
        threads_->on_commit(std::move(callback));
    }
    void on_call(std::function<void(const std::string&)> callback) override { listener_.on_call(std::move(callback)); }
    [[nodiscard]] std::int64_t known_schema() const override { return known_schema_; }

protected:
    asio::awaitable<void> perform_work(Work& work, bool writes) override { return threads_->perform(work.run, work.fail, writes); }
    void run_now(Work& work, bool writes) override { threads_->run_now(work.run, work.fail, writes); }

private:
    /// A session of its own, past the pooler if there is one.
    static ConnectionOptions listening(ConnectionOptions session, const DatabaseOptions& options)
    {
        if (options.listen_url.empty()) return session;
        session.url = options.listen_url;
        session.keep_prepared = true;
        return session;
    }

    const std::int64_t known_schema_;
    std::unique_ptr<Connection> connection_;
    GroupCommit group_;
    Listener listener_;
    std::optional<Threads> threads_;
};

/// Everything at once on the calling thread: the simulated house.
class InlineDatabase final : public Database {
public:
    InlineDatabase(std::unique_ptr<Connection> connection, base::Clock& clock)
        : connection_(std::move(connection)), group_(*connection_, clock, patience_with_lost_servers)
    {
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
        if (group_.commit(std::span(&job, 1)) && on_commit_) on_commit_();
    }

private:
    std::unique_ptr<Connection> connection_;
    GroupCommit group_;
    std::function<void()> on_commit_;
};

} // namespace

Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options, base::Clock& clock)
{
    const ConnectionOptions session{.url = options.url, .name = "sportello", .keep_prepared = !options.pooled};
    try {
        auto connection = std::make_unique<Connection>(session);
        if (const auto fit = expect_fit(*connection); !fit) return fit.error().while_doing("the database of storage.url");
        // Said first: where a standby is named and none is there, the next commit waits for it.
        if (!options.inline_execution) warn_without_standby(*connection);
        const auto current = bring_up_to_date(*connection, options.migrations / "postgresql", clock.now());
        if (!current) return current.error().while_doing("the database of storage.url");
        if (options.inline_execution) return std::make_unique<InlineDatabase>(std::move(connection), clock);
        return std::make_unique<ThreadedDatabase>(std::move(connection), session, options, *current, clock);
    } catch (const Failure& failure) {
        return Error(failure.kind(), failure.what());
    }
}

} // namespace sportello::storage::postgresql
