#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/storage/transaction.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace sportello::storage {

struct DatabaseOptions {
    std::string url;                  ///< "sqlite:PATH", "sqlite::memory:" (tests), or "postgresql://…" as libpq takes it
    std::filesystem::path migrations; ///< the folder `migrations`
    unsigned readers = 2;
    bool inline_execution = false; ///< run every unit at once on the calling thread: the simulated house
    bool pooled = false;           ///< PostgreSQL stands behind a pooler that hands each transaction another session
    std::string listen_url = {};   ///< past the pooler: where notifications are heard; empty: at `url`, behind a pooler nowhere
    bool beside_server = false;    ///< the command line: also while a server holds the file; leaves checkpoints to it
};

/// The database. One writer runs all waiting units in one transaction, each in its savepoint, and commits once (group
/// commit, synchronous=FULL); readers run beside it on snapshots. Results come back on the caller's executor, and only
/// after the commit. `write` cannot be cancelled; the destructor drains the writer.
class Database {
public:
    /// Opens or makes the database and brings its schema up to date. @return an error that says what, where and what to do
    /// for a damaged file, one that a newer version made, a migration whose checksum changed, a path one may not write.
    static base::Result<std::unique_ptr<Database>> open(const DatabaseOptions& options, base::Clock& clock);
    virtual ~Database() = default;

    /// `unit` must be an lvalue that lives until the await ends (GCC 12 destroys temporaries twice).
    template <class Unit> boost::asio::awaitable<UnitResult<Unit>> write(Unit& unit) { return perform(unit, true); }
    template <class Unit> boost::asio::awaitable<UnitResult<Unit>> read(Unit& unit) { return perform(unit, false); }
    /// The same on the calling thread, waiting: for start-up, the command line and tests.
    template <class Unit> UnitResult<Unit> write_now(Unit&& unit)
    {
        std::optional<UnitResult<Unit>> result;
        auto work = make_work(unit, result);
        run_now(work, true);
        return std::move(*result);
    }
    template <class Unit> UnitResult<Unit> read_now(Unit&& unit)
    {
        std::optional<UnitResult<Unit>> result;
        auto work = make_work(unit, result);
        run_now(work, false);
        return std::move(*result);
    }

    /// Called on the writer's thread after each commit that wrote events; keep it short (post to your executor).
    virtual void on_commit(std::function<void()> callback) = 0;
    /// Called, likewise, with what another node calls out by `call_nodes`. Where there are no other nodes it is never called.
    virtual void on_call(std::function<void(const std::string&)> /*callback*/) {}
    /// The newest step of the schema that this program knows, where programs of another version may work on it too; else 0.
    [[nodiscard]] virtual std::int64_t known_schema() const { return 0; }

protected:
    /// A unit without its type. `run` executes it (again, if need be) and remembers the result; @return whether it
    /// succeeded. `fail` replaces the result by an error.
    struct Work {
        std::function<bool(Transaction&)> run;
        std::function<void(const base::Error&)> fail;
    };
    /// Schedules `work`; completes when its group is committed (or failed), on the awaiting coroutine's executor.
    virtual boost::asio::awaitable<void> perform_work(Work& work, bool writes) = 0;
    virtual void run_now(Work& work, bool writes) = 0;
    // For a database that stands before another.
    static boost::asio::awaitable<void> perform_on(Database& other, Work& work, bool writes) { return other.perform_work(work, writes); }
    static void run_now_on(Database& other, Work& work, bool writes) { other.run_now(work, writes); }

private:
    template <class Unit> static Work make_work(Unit& unit, std::optional<UnitResult<Unit>>& result)
    {
        return Work{.run =
                        [&unit, &result](Transaction& tx) {
                            result.emplace(unit(tx));
                            return result->has_value();
                        },
                    .fail = [&result](const base::Error& error) { result.emplace(error); }};
    }
    template <class Unit> boost::asio::awaitable<UnitResult<Unit>> perform(Unit& unit, bool writes)
    {
        std::optional<UnitResult<Unit>> result;
        Work work = make_work(unit, result);
        co_await perform_work(work, writes);
        co_return std::move(*result);
    }
};

} // namespace sportello::storage
