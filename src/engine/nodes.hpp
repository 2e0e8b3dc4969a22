#pragma once

#include "poller.hpp"
#include "services.hpp"
#include "tenures.hpp"

#include <map>
#include <memory>
#include <string>

namespace sportello::engine {

/// This node among several on one database. Three kinds of duties are done by one node at a time: to read a channel, to
/// publish, and to keep the clock. Each begins with workers of its own on a database fenced by the duty's lease: what is still
/// under way when it is lost can write nothing any more. What other nodes wrote is learnt from the event log.
class Nodes {
public:
    /// @param door  the engine's own services, which outlive this
    Nodes(Services& door, NodeOptions node);

    void start();
    boost::asio::awaitable<void> stop();
    /// Events were committed, here or elsewhere.
    void look_at_the_log() { news_.notify(); }
    void go_by_new_hours();
    [[nodiscard]] bool keeps_the_clock() const { return tenures_.holds(clockwork_duty); }
    /// Of a channel that this node reads; null for others.
    [[nodiscard]] Poller* poller(std::string_view channel) const;

private:
    inline static const std::string clockwork_duty = "clockwork";
    inline static const std::string outbox_duty = "outbox";

    struct Polling;
    struct Publishing;
    struct ClockKeeping;
    struct News;

    std::vector<Duty> duties();
    Duty read_channel(const ChannelSettings& channel);
    boost::asio::awaitable<void> poll_after(std::shared_ptr<Polling> before, std::shared_ptr<Polling> polling);
    Duty publish();
    Duty keep_the_clock();
    void forget_later(std::shared_ptr<void> retired);
    boost::asio::awaitable<void> follow_the_log();
    boost::asio::awaitable<base::Result<News>> news_since(std::int64_t seq);
    boost::asio::awaitable<void> take_note(News news);
    void let_the_clock_look();

    Services& door_;
    std::map<std::string, std::shared_ptr<Polling>, std::less<>> polling_;
    std::map<std::string, std::shared_ptr<Polling>, std::less<>> last_polling_; ///< also of channels given back
    std::shared_ptr<Publishing> publishing_;
    std::shared_ptr<ClockKeeping> clock_keeping_;
    base::Signal news_;
    std::unique_ptr<base::Timer> pause_;
    base::Instant clock_looked_at_{};
    bool clock_is_to_look_ = false;
    Tenures tenures_;
};

} // namespace sportello::engine
