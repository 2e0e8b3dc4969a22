#pragma once

#include <sportello/api/api.hpp>
#include <sportello/base/tally.hpp>
#include <sportello/base/time.hpp>
#include <sportello/domain/mean_control.hpp>
#include <sportello/http/message.hpp>
#include <sportello/storage/alerts.hpp>
#include <sportello/storage/ops_figures.hpp>
#include <sportello/storage/promises.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sportello::api {

/// How one channel stands.
struct ChannelFigures {
    bool ok = true;
    bool reading_paused = false;
    bool publishing_paused = false;
    std::int64_t lag_seconds = 0;
    std::int64_t replies_held = 0;
    bool quiet = false;
    bool behind = false;
    std::int64_t calls_today = 0;
    double usd_today = 0;
    double usd_this_month = 0;
    std::optional<base::Instant> access_ends_at; ///< nothing: not known, or never
    bool access_lacking = false;
    std::int64_t replies_unknown = 0;             ///< being looked for on the platform
    std::int64_t replies_undecided = 0;           ///< a person has to decide
    base::Duration oldest_uncertain{0};           ///< how long nobody has known of the oldest of those
    std::int64_t replies_quarantined = 0;         ///< read back before they are sent, after a restore
    std::int64_t replies_doubled = 0;             ///< seen twice on the platform, ever
    std::optional<base::Duration> poll_age;       ///< since it was last read without trouble; nothing: never
    std::string state;                            ///< "ok", "needs_authorisation", …
    std::optional<double> usd_a_day, usd_a_month; ///< the caps
};

/// What operators scrape, in Prometheus' text format.
class Metrics {
public:
    Metrics();
    ~Metrics();

    /// @param route  the pattern, never the path: paths are without number.
    void answered(http::Method method, std::string_view route, int status, base::Duration took);
    void login_failed();
    /// @param good  its signature was
    void delivered(const std::string& channel, bool good);
    /// A browser stopped something on one of our pages.
    void page_policy_broken();
    /// @param kind  "sse" or "websocket"
    void stream_opened(std::string_view kind);
    void stream_closed(std::string_view kind);
    void waiting(const std::string& brand, std::int64_t tickets, base::Duration oldest);
    void channel(const std::string& channel, const ChannelFigures& figures);
    /// @param json  the channel's quotas, as stored
    void quotas(const std::string& channel, const std::string& json);

    // Gauges that are set anew at each scrape: what is not told any more is gone.
    void begin_scrape();
    void inbox(const storage::InboxFigures& figures, base::Instant now);
    void outbox(const storage::OutboxStateFigures& figures, base::Instant now);
    void queue(const storage::QueueStateFigures& figures);
    void mean(const domain::MeanControl& today, base::Duration promised);
    void promises(const storage::PromiseFigures& figures);
    void sessions(std::int64_t open);
    void alerts(const storage::AlertFigures& figures);
    void delivery(const storage::DeliveryFigures& figures, base::Instant now);
    void server_run(const storage::ServerRun& run);
    void host(const engine::HostFacts& facts, base::Duration backup_age, base::Instant now);
    void build(const std::string& version);

    /// @param tallied  what every room has counted (base/tally.hpp)
    [[nodiscard]] std::string text(const std::vector<base::Tallied>& tallied);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace sportello::api
