#include "access_watch.hpp"

#include <sportello/storage/access.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <chrono>

namespace sportello::api {
namespace {

using boost::asio::awaitable;

constexpr base::Duration pause = std::chrono::milliseconds(900); // with the reading and the telling: a second

} // namespace

struct AccessWatch::State : std::enable_shared_from_this<AccessWatch::State> {
    State(boost::asio::any_io_executor with_executor, storage::Database& with_db, base::Clock& with_clock, std::function<void()> tell)
        : executor(std::move(with_executor)), db(with_db), clock(with_clock), changed(std::move(tell))
    {
    }

    awaitable<void> run()
    {
        const auto self = shared_from_this();
        const auto timer = clock.make_timer(executor);
        std::optional<std::int64_t> known;
        while (!watchers.expired() && !stopped) {
            auto read = [](storage::Transaction& tx) -> base::Result<std::int64_t> { return storage::access_version(tx); };
            const auto version = co_await db.read(read);
            if (stopped) co_return;
            if (version && known && *version != *known) changed();
            if (version) known = *version;
            co_await timer->wait_until(clock.now() + pause);
        }
        running = false;
    }

    boost::asio::any_io_executor executor;
    storage::Database& db;
    base::Clock& clock;
    std::function<void()> changed;
    std::weak_ptr<int> watchers;
    bool running = false;
    bool stopped = false;
};

AccessWatch::AccessWatch(boost::asio::any_io_executor executor, storage::Database& db, base::Clock& clock, std::function<void()> changed)
    : state_(std::make_shared<State>(std::move(executor), db, clock, std::move(changed)))
{
}

AccessWatch::~AccessWatch()
{
    state_->stopped = true;
}

std::shared_ptr<void> AccessWatch::join()
{
    auto watcher = state_->watchers.lock();
    if (!watcher) {
        watcher = std::make_shared<int>(0);
        state_->watchers = watcher;
    }
    if (!state_->running) {
        state_->running = true;
        boost::asio::co_spawn(state_->executor, state_->run(), boost::asio::detached);
    }
    return watcher;
}

} // namespace sportello::api
