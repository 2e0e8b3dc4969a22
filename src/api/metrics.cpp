#include "metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <tuple>

namespace sportello::api {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries buckets{0.001, 0.005, 0.02, 0.1, 0.5, 2.0};

double seconds(base::Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

} // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        BuildCounter().Name("sportello_http_requests_total").Help("Requests answered.").Register(registry);
    prometheus::Family<prometheus::Histogram>& durations =
        BuildHistogram().Name("sportello_http_request_seconds").Help("From request to answer.").Register(registry);
    prometheus::Counter& failed_logins =
        BuildCounter().Name("sportello_login_failures_total").Help("Log-ins refused: wrong, or too many.").Register(registry).Add({});
    prometheus::Family<prometheus::Counter>& deliveries =
        BuildCounter()
            .Name("sportello_webhook_deliveries_total")
            .Help("Deliveries of the platforms; refused ones are not signed as they should be.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& streams =
        BuildGauge().Name("sportello_live_streams").Help("Open live streams.").Register(registry);
    prometheus::Family<prometheus::Gauge>& waiting =
        BuildGauge().Name("sportello_tickets_waiting").Help("Tickets in which a customer waits.").Register(registry);
    prometheus::Family<prometheus::Gauge>& oldest =
        BuildGauge().Name("sportello_oldest_waiting_seconds").Help("Since when the oldest waits.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_ok =
        BuildGauge().Name("sportello_channel_ok").Help("1: nothing stands in the channel's way.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_paused =
        BuildGauge().Name("sportello_channel_paused").Help("1: reading or publishing is paused by a person.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_held =
        BuildGauge().Name("sportello_channel_replies_held").Help("Replies that wait because nothing is published.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_access_ends =
        BuildGauge()
            .Name("sportello_channel_access_ends_timestamp_seconds")
            .Help("When the channel's token or its access to data ends; 0: never, or not known.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_access_lacking =
        BuildGauge().Name("sportello_channel_access_lacking").Help("1: the channel's token lacks a permission.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_uncertain =
        BuildGauge().Name("sportello_replies_uncertain").Help("Replies of which nobody knows whether they are out.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_uncertain_for =
        BuildGauge().Name("sportello_oldest_uncertain_seconds").Help("How long that has been so of the oldest.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_quarantined =
        BuildGauge().Name("sportello_replies_quarantined").Help("Read back before they are sent, after a restore.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_doubled =
        BuildGauge().Name("sportello_replies_doubled").Help("Replies seen twice on the platform.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_lag =
        BuildGauge().Name("sportello_channel_lag_seconds").Help("Platform time to arrival of the newest item.").Register(registry);

    prometheus::Family<prometheus::Gauge>& channel_flag =
        BuildGauge().Name("sportello_channel_flag").Help("1: quieter than usual, or behind.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_calls =
        BuildGauge().Name("sportello_channel_calls_today").Help("Calls to the platform in this UTC day.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_spent =
        BuildGauge().Name("sportello_channel_spent_usd").Help("What the channel cost in this UTC day and month.").Register(registry);
    prometheus::Family<prometheus::Gauge>& channel_quota =
        BuildGauge().Name("sportello_channel_quota_remaining").Help("Calls left in a window of the platform.").Register(registry);

    // Families look a label set up under a lock each time; a request should not.
    std::map<std::tuple<http::Method, std::string, int>, prometheus::Counter*, std::less<>> counted;
    std::map<std::string, prometheus::Histogram*, std::less<>> timed;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::answered(http::Method method, std::string_view route, int status, base::Duration took)
{
    auto& counter = impl_->counted[{method, std::string(route), status}];
    if (counter == nullptr) {
        counter = &impl_->requests.Add(
            {{"method", std::string(http::to_string(method))}, {"route", std::string(route)}, {"status", std::to_string(status)}});
    }
    counter->Increment();
    auto timed = impl_->timed.find(route);
    if (timed == impl_->timed.end()) {
        auto& histogram = impl_->durations.Add({{"route", std::string(route)}}, buckets);
        timed = impl_->timed.emplace(std::string(route), &histogram).first;
    }
    timed->second->Observe(seconds(took));
}

void Metrics::login_failed()
{
    impl_->failed_logins.Increment();
}

void Metrics::delivered(const std::string& channel, bool good)
{
    impl_->deliveries.Add({{"channel", channel}, {"result", good ? "accepted" : "refused"}}).Increment();
}

void Metrics::stream_opened(std::string_view kind)
{
    impl_->streams.Add({{"kind", std::string(kind)}}).Increment();
}

void Metrics::stream_closed(std::string_view kind)
{
    impl_->streams.Add({{"kind", std::string(kind)}}).Decrement();
}

void Metrics::waiting(const std::string& brand, std::int64_t tickets, base::Duration oldest)
{
    impl_->waiting.Add({{"brand", brand}}).Set(static_cast<double>(tickets));
    impl_->oldest.Add({{"brand", brand}}).Set(seconds(oldest));
}

void Metrics::channel(const std::string& channel, const ChannelFigures& figures)
{
    impl_->channel_ok.Add({{"channel", channel}}).Set(figures.ok ? 1 : 0);
    impl_->channel_paused.Add({{"channel", channel}, {"what", "reading"}}).Set(figures.reading_paused ? 1 : 0);
    impl_->channel_paused.Add({{"channel", channel}, {"what", "publishing"}}).Set(figures.publishing_paused ? 1 : 0);
    impl_->channel_lag.Add({{"channel", channel}}).Set(static_cast<double>(figures.lag_seconds));
    const base::Duration ends = figures.access_ends_at.value_or(base::Instant()).time_since_epoch();
    impl_->channel_access_ends.Add({{"channel", channel}}).Set(seconds(ends));
    impl_->channel_access_lacking.Add({{"channel", channel}}).Set(figures.access_lacking ? 1 : 0);
    impl_->channel_uncertain.Add({{"channel", channel}, {"state", "unknown"}}).Set(static_cast<double>(figures.replies_unknown));
    impl_->channel_uncertain.Add({{"channel", channel}, {"state", "needs_decision"}}).Set(static_cast<double>(figures.replies_undecided));
    impl_->channel_uncertain_for.Add({{"channel", channel}}).Set(seconds(figures.oldest_uncertain));
    impl_->channel_quarantined.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_quarantined));
    impl_->channel_doubled.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_doubled));
    impl_->channel_held.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_held));
    impl_->channel_flag.Add({{"channel", channel}, {"flag", "quiet"}}).Set(figures.quiet ? 1 : 0);
    impl_->channel_flag.Add({{"channel", channel}, {"flag", "behind"}}).Set(figures.behind ? 1 : 0);
    impl_->channel_calls.Add({{"channel", channel}}).Set(static_cast<double>(figures.calls_today));
    impl_->channel_spent.Add({{"channel", channel}, {"in", "day"}}).Set(figures.usd_today);
    impl_->channel_spent.Add({{"channel", channel}, {"in", "month"}}).Set(figures.usd_this_month);
}

void Metrics::quotas(const std::string& channel, const std::string& json)
{
    const auto list = nlohmann::json::parse(json, nullptr, false);
    for (const auto& quota : list) {
        const std::string endpoint = quota.value("endpoint", ""), window = quota.value("window", "");
        impl_->channel_quota.Add({{"channel", channel}, {"endpoint", endpoint}, {"window", window}}).Set(quota.value("remaining", 0.0));
    }
}

std::string Metrics::text() const
{
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

} // namespace sportello::api
