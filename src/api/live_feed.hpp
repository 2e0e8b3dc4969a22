#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {
struct Event;
}

namespace sportello::api {

/// An event as it goes out, written once for everybody.
struct FeedEvent {
    std::int64_t seq = 0;
    std::string type;
    std::vector<std::string> brands; ///< of its ticket, or whose business it is; empty: everybody's
    std::string json;
};
/// The one rule of who hears of an event, on all doors.
[[nodiscard]] bool may_see(const engine::Actor& actor, const FeedEvent& event);
using FeedEventPtr = std::shared_ptr<const FeedEvent>;

/// `{seq, type, at, ticket?, actor?, cause?, data}`.
[[nodiscard]] std::string event_json(const domain::Event& event);

/// Up to `limit` events after `seq`, in order, with the brands of their tickets, channels and incidents.
[[nodiscard]] std::vector<FeedEventPtr> load_events(storage::Transaction& tx, const engine::Settings& settings, std::int64_t seq,
                                                    std::int64_t limit);

/// The event log as it grows: read once after each commit, kept for a while, handed to every open stream. It reads nothing
/// while no stream is open.
class LiveFeed {
public:
    LiveFeed(boost::asio::any_io_executor executor, storage::Database& db, engine::Engine& engine, base::Clock& clock);
    ~LiveFeed();

    /// One open stream's place to wait. Ends its membership when destroyed.
    class Member {
    public:
        virtual ~Member() = default;
        /// Until something new may be there, somebody calls wake(), or `when`. @return true if woken.
        virtual boost::asio::awaitable<bool> wait_until(base::Instant when) = 0;
        virtual void wake() = 0;
    };
    [[nodiscard]] std::shared_ptr<Member> join();

    /// The events after `seq`, in order; fewer than there are when there are many: ask again until none comes.
    boost::asio::awaitable<base::Result<std::vector<FeedEventPtr>>> after(std::int64_t seq);
    boost::asio::awaitable<base::Result<std::int64_t>> last_seq();

    /// Wakes every stream: rights have changed.
    void wake_all();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace sportello::api
