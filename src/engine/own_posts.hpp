#pragma once

#include <sportello/base/random.hpp>
#include <sportello/engine/outbox.hpp>
#include <sportello/storage/own_posts.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>

/// Publishes posts of our own that answer nothing, each exactly once: what is done is written down before the first byte, an
/// outcome that nobody knows is read back before anything is done again (reliability, section 2). An edit may be repeated:
/// done twice it is the same as done once.
namespace sportello::engine {

class OwnPosts {
public:
    OwnPosts(storage::Database& db, const Settings& settings, Connectors& connectors, base::Clock& clock, base::Random& random)
        : db_(db), settings_(settings), connectors_(connectors), clock_(clock), random_(random)
    {
    }

    /// Does what is due. @return when to look again; nothing: when something is asked for.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> work();

private:
    boost::asio::awaitable<Result<void>> settle_crashed();
    boost::asio::awaitable<void> advance(storage::OwnPostStep step);
    boost::asio::awaitable<void> send(storage::OwnPost post, storage::OwnPostStep step, connectors::Connector& connector);
    boost::asio::awaitable<connectors::PublishOutcome> publish(storage::OwnPost post, storage::OwnPostStep step, std::string under,
                                                               connectors::Connector& connector);
    /// @return whether nothing was found, and it was surely looked for.
    boost::asio::awaitable<bool> read_back(storage::OwnPost post, storage::OwnPostStep& step, connectors::Connector& connector);
    boost::asio::awaitable<bool> write(storage::OwnPost post, storage::OwnPostStep step);

    storage::Database& db_;
    const Settings& settings_;
    Connectors& connectors_;
    base::Clock& clock_;
    base::Random& random_;
    bool begun_ = false;
};

/// Writes the step and what it means for its post, with the event. Unknown outcomes stay in sight.
void settle_step(storage::Transaction& tx, const storage::OwnPost& post, const storage::OwnPostStep& step, base::Instant now);

/// What is asked for next of a channel's status post: the first post, its edit, or one under it.
void queue_status(storage::Transaction& tx, const Settings& settings, domain::IncidentId incident, const ChannelSettings& channel,
                  const std::string& text, domain::AgentId agent, base::Instant now);

} // namespace sportello::engine
