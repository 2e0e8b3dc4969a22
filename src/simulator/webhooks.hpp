#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/http/client.hpp>
#include <sportello/simulator/world.hpp>

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::simulator {

/// What a platform tells a listener: one POST, and when it is tried again. The platform signs it.
struct WebhookDelivery {
    Platform platform = Platform::facebook;
    std::string url;
    http::Headers headers; ///< with Content-Type and signature
    std::string body;
    /// Waits before the second, third … attempt, each counted from the attempt before. After the last the delivery is
    /// dropped.
    std::vector<Duration> retries;
    /// What a forger would put under the same signature; empty: the body with a blank behind it.
    std::string forged_body;
    /// Called after every attempt that was not answered with 2xx. @param failing  since the first attempt
    std::function<void(Duration failing)> on_failure;
};

/// Habits of a platform's webhooks that a listener has to live with; none at first.
struct WebhookQuirks {
    int duplicates = 0;                          ///< each delivery comes so many times more
    bool reorder = false;                        ///< what is due together comes in reverse order
    Duration delay{0};                           ///< each starts so long after what it tells
    bool together = false;                       ///< each delivery tells again what the one before it told
    bool drop = false;                           ///< nothing is sent
    bool forge = false;                          ///< beside each comes one whose body does not fit its signature
    Duration deadline = std::chrono::seconds(5); ///< an answer that comes later counts as none
};

/// The queue of one simulator's deliveries, for both platforms. Nothing is sent until somebody calls send_due or run.
class Webhooks {
public:
    explicit Webhooks(base::Clock& clock) : clock_(clock) {}

    /// The way to listeners; without one everything waits.
    void reach_through(http::Transport& transport) { transport_ = &transport; }
    [[nodiscard]] http::Transport* transport() const { return transport_; }

    /// Queues a delivery, to be sent as soon as the platform's quirks allow.
    void post(WebhookDelivery delivery);
    /// Sends what is due, one after another, until nothing is. @return attempts made
    boost::asio::awaitable<int> send_due();
    /// Sends each delivery when it is due, until stop() is called.
    boost::asio::awaitable<void> run();
    void stop();

    void set_quirks(Platform platform, const WebhookQuirks& quirks) { quirks_[platform] = quirks; }
    [[nodiscard]] WebhookQuirks quirks_of(Platform platform) const;
    /// When the next delivery is due; nothing when none waits.
    [[nodiscard]] std::optional<Instant> next_due() const;

    /// One attempt, for tests and the control API.
    struct Attempt {
        Platform platform = Platform::facebook;
        Instant at;
        std::string url;
        int number = 1; ///< first attempt, second …
        int status = 0; ///< 0: no answer came
        bool forged = false;
        std::string body;
    };
    [[nodiscard]] const std::deque<Attempt>& attempts() const { return attempts_; } ///< the newest last, a thousand at most
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

private:
    struct Entry {
        WebhookDelivery delivery;
        Instant due;
        Instant first; ///< attempt; meaningful from the second on
        std::size_t number = 1;
        bool forged = false;
        std::uint64_t serial = 0;
    };
    void queue(Entry entry);
    std::optional<Entry> take_due();
    boost::asio::awaitable<void> attempt(Entry entry);

    base::Clock& clock_;
    http::Transport* transport_ = nullptr;
    std::vector<Entry> queue_; ///< small: what waits
    std::map<Platform, WebhookQuirks> quirks_;
    std::deque<Attempt> attempts_;
    std::unique_ptr<base::Signal> woken_; ///< while run() runs
    bool stopped_ = false;
    std::uint64_t serial_ = 0;
};

} // namespace sportello::simulator
