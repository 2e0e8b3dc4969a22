#include "metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace sportello::api {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries buckets{0.001, 0.005, 0.02, 0.1, 0.5, 2.0};

double seconds_of(base::Duration duration)
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
    prometheus::Counter& policy_broken = BuildCounter()
                                             .Name("sportello_page_policy_violations_total")
                                             .Help("What browsers stopped on the dashboard's pages and reported.")
                                             .Register(registry)
                                             .Add({});
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

    prometheus::Family<prometheus::Gauge>& gauge(const char* name, const char* help)
    {
        auto& family = gauges[name];
        if (family == nullptr) family = &BuildGauge().Name(name).Help(help).Register(registry);
        return *family;
    }
    /// A gauge that stands only as long as each scrape sets it.
    void set(const char* name, const char* help, const prometheus::Labels& labels, double value)
    {
        auto& one = gauge(name, help).Add(labels);
        one.Set(value);
        fleeting.emplace_back(name, &one);
    }
    std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
    std::vector<std::pair<std::string, prometheus::Gauge*>> fleeting;
    std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;

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
    timed->second->Observe(seconds_of(took));
}

void Metrics::login_failed()
{
    impl_->failed_logins.Increment();
}

void Metrics::delivered(const std::string& channel, bool good)
{
    impl_->deliveries.Add({{"channel", channel}, {"result", good ? "accepted" : "refused"}}).Increment();
}

void Metrics::page_policy_broken()
{
    impl_->policy_broken.Increment();
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
    impl_->oldest.Add({{"brand", brand}}).Set(seconds_of(oldest));
}

void Metrics::channel(const std::string& channel, const ChannelFigures& figures)
{
    impl_->channel_ok.Add({{"channel", channel}}).Set(figures.ok ? 1 : 0);
    impl_->channel_paused.Add({{"channel", channel}, {"what", "reading"}}).Set(figures.reading_paused ? 1 : 0);
    impl_->channel_paused.Add({{"channel", channel}, {"what", "publishing"}}).Set(figures.publishing_paused ? 1 : 0);
    impl_->channel_lag.Add({{"channel", channel}}).Set(static_cast<double>(figures.lag_seconds));
    const base::Duration ends = figures.access_ends_at.value_or(base::Instant()).time_since_epoch();
    impl_->channel_access_ends.Add({{"channel", channel}}).Set(seconds_of(ends));
    impl_->channel_access_lacking.Add({{"channel", channel}}).Set(figures.access_lacking ? 1 : 0);
    impl_->channel_uncertain.Add({{"channel", channel}, {"state", "unknown"}}).Set(static_cast<double>(figures.replies_unknown));
    impl_->channel_uncertain.Add({{"channel", channel}, {"state", "needs_decision"}}).Set(static_cast<double>(figures.replies_undecided));
    impl_->channel_uncertain_for.Add({{"channel", channel}}).Set(seconds_of(figures.oldest_uncertain));
    impl_->channel_quarantined.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_quarantined));
    impl_->channel_doubled.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_doubled));
    impl_->channel_held.Add({{"channel", channel}}).Set(static_cast<double>(figures.replies_held));
    impl_->channel_flag.Add({{"channel", channel}, {"flag", "quiet"}}).Set(figures.quiet ? 1 : 0);
    impl_->channel_flag.Add({{"channel", channel}, {"flag", "behind"}}).Set(figures.behind ? 1 : 0);
    impl_->channel_calls.Add({{"channel", channel}}).Set(static_cast<double>(figures.calls_today));
    impl_->channel_spent.Add({{"channel", channel}, {"in", "day"}}).Set(figures.usd_today);
    impl_->channel_spent.Add({{"channel", channel}, {"in", "month"}}).Set(figures.usd_this_month);
    const char* const cap_help = "What the channel may cost in a UTC day and month.";
    if (figures.usd_a_day) impl_->set("sportello_channel_budget_usd", cap_help, {{"channel", channel}, {"in", "day"}}, *figures.usd_a_day);
    if (figures.usd_a_month) {
        impl_->set("sportello_channel_budget_usd", cap_help, {{"channel", channel}, {"in", "month"}}, *figures.usd_a_month);
    }
    if (figures.poll_age) {
        impl_->set("sportello_poll_age_seconds", "Since the channel was last read without trouble.", {{"channel", channel}},
                   seconds_of(*figures.poll_age));
    }
    impl_->set("sportello_channel_state", "1 with the state in which the channel is.", {{"channel", channel}, {"state", figures.state}}, 1);
}

void Metrics::quotas(const std::string& channel, const std::string& json)
{
    const auto list = nlohmann::json::parse(json, nullptr, false);
    for (const auto& quota : list) {
        const std::string endpoint = quota.value("endpoint", ""), window = quota.value("window", "");
        impl_->channel_quota.Add({{"channel", channel}, {"endpoint", endpoint}, {"window", window}}).Set(quota.value("remaining", 0.0));
    }
}

void Metrics::begin_scrape()
{
    // The same gauge may have been set twice: it is removed once.
    std::sort(impl_->fleeting.begin(), impl_->fleeting.end());
    impl_->fleeting.erase(std::unique(impl_->fleeting.begin(), impl_->fleeting.end()), impl_->fleeting.end());
    for (const auto& [name, gauge] : impl_->fleeting) impl_->gauges.at(name)->Remove(gauge);
    impl_->fleeting.clear();
}

void Metrics::inbox(const storage::InboxFigures& figures, base::Instant now)
{
    impl_->set("sportello_inbox_messages", "Stored and not yet on a ticket.", {{"channel", figures.channel}},
               static_cast<double>(figures.messages));
    impl_->set("sportello_inbox_oldest_seconds", "How long the oldest of them has waited.", {{"channel", figures.channel}},
               seconds_of(now - figures.oldest.value_or(now)));
}

void Metrics::outbox(const storage::OutboxStateFigures& figures, base::Instant now)
{
    const prometheus::Labels labels{{"channel", figures.channel}, {"state", figures.state}};
    impl_->set("sportello_outbox_parts", "Parts of replies whose fate is open.", labels, static_cast<double>(figures.parts));
    impl_->set("sportello_outbox_oldest_seconds", "Since the oldest of them was accepted.", labels,
               seconds_of(now - figures.oldest.value_or(now)));
}

void Metrics::queue(const storage::QueueStateFigures& figures)
{
    const char* const help = "Tickets in the queue, with an assignee and without.";
    impl_->set("sportello_queue_tickets", help, {{"brand", figures.brand}, {"assigned", "yes"}}, static_cast<double>(figures.assigned));
    impl_->set("sportello_queue_tickets", help, {{"brand", figures.brand}, {"assigned", "no"}}, static_cast<double>(figures.unassigned));
    impl_->set("sportello_tickets_overdue", "Tickets past their target.", {{"brand", figures.brand}}, static_cast<double>(figures.overdue));
}

void Metrics::mean(const domain::MeanControl& today, base::Duration promised)
{
    impl_->set("sportello_mean_promised_seconds", "The first response that was promised on average, in office time.", {},
               seconds_of(promised));
    impl_->set("sportello_mean_budget_seconds", "What those who wait may still wait together; below 0: the mean is lost.", {},
               seconds_of(today.budget));
    if (today.mean)
        impl_->set("sportello_mean_seconds", "First responses of today on average, in office time.", {}, seconds_of(*today.mean));
    if (today.projected) {
        impl_->set("sportello_mean_projected_seconds", "The same at the closing hour, if it goes on like this.", {},
                   seconds_of(*today.projected));
    }
}

void Metrics::promises(const storage::PromiseFigures& figures)
{
    const char* const help = "Promised times of the last day.";
    const auto put = [&](const char* result, std::int64_t count) {
        impl_->set("sportello_promises", help, {{"brand", figures.brand}, {"result", result}}, static_cast<double>(count));
    };
    put("kept", figures.record.kept);
    put("broken", figures.record.broken);
    put("open", figures.open);
}

void Metrics::sessions(std::int64_t open)
{
    impl_->set("sportello_sessions", "People who are logged in.", {}, static_cast<double>(open));
}

void Metrics::alerts(const storage::AlertFigures& figures)
{
    impl_->set("sportello_alerts_going_on", "Alerts to people that go on.", {}, static_cast<double>(figures.going_on));
    impl_->set("sportello_alerts_unacknowledged", "Those of which nobody has said that they know.", {},
               static_cast<double>(figures.unacknowledged));
    impl_->set("sportello_alert_notices_waiting", "What is still to be sent of alerts.", {}, static_cast<double>(figures.notices_waiting));
}

void Metrics::delivery(const storage::DeliveryFigures& figures, base::Instant now)
{
    const prometheus::Labels labels{{"webhook", figures.webhook}};
    impl_->set("sportello_webhook_waiting", "Deliveries to other systems that have not arrived.", labels,
               static_cast<double>(figures.waiting));
    impl_->set("sportello_webhook_oldest_seconds", "How long the oldest of them has waited.", labels,
               seconds_of(now - figures.oldest.value_or(now)));
}

void Metrics::server_run(const storage::ServerRun& run)
{
    impl_->set("sportello_started_timestamp_seconds", "When the server was started.", {}, seconds_of(run.started_at.time_since_epoch()));
    impl_->set("sportello_restarts", "Restarts within a day of the first.", {}, static_cast<double>(run.restarts));
}

void Metrics::host(const engine::HostFacts& facts, base::Duration backup_age, base::Instant now)
{
    impl_->set("sportello_config_reload_ok", "0: the last reload was refused, an older configuration is in force.", {},
               facts.reload_ok ? 1 : 0);
    if (facts.resident_bytes > 0) {
        impl_->set("sportello_resident_bytes", "Memory of the process.", {}, static_cast<double>(facts.resident_bytes));
    }
    if (!facts.disk.empty()) {
        impl_->set("sportello_disk_free_bytes", "Room on the database's disk.", {}, static_cast<double>(facts.disk_free_bytes));
        impl_->set("sportello_disk_bytes", "All of that disk.", {}, static_cast<double>(facts.disk_total_bytes));
        impl_->set("sportello_database_bytes", "The database with its log.", {}, static_cast<double>(facts.database_bytes));
    }
    impl_->set("sportello_backup_expected", "1: a folder for backups is configured.", {}, facts.backups_expected ? 1 : 0);
    if (!facts.backups_expected) return;
    impl_->set("sportello_backup_max_age_seconds", "Older than this the newest backup may not be.", {}, seconds_of(backup_age));
    if (facts.newest_backup)
        impl_->set("sportello_backup_age_seconds", "Of the newest backup.", {}, seconds_of(now - *facts.newest_backup));
}

void Metrics::build(const std::string& version)
{
    impl_->set("sportello_build_info", "Which program this is.", {{"version", version}}, 1);
}

std::string Metrics::text(const std::vector<base::Tallied>& tallied)
{
    struct Counted {
        const char* what;
        const char* name;
        const char* help;
        const char* label; ///< empty: none
    };
    static constexpr Counted known[] = {
        {"polls", "sportello_polls_total", "Rounds of reading a channel.", "channel"},
        {"poll_failures", "sportello_poll_failures_total", "Rounds that met trouble.", "channel"},
        {"messages_read", "sportello_messages_read_total", "New messages that were stored.", "channel"},
        {"items_rejected", "sportello_items_rejected_total", "Items that could not be understood, kept aside.", "channel"},
        {"sends", "sportello_sends_total", "Tries to publish, by how they ended.", "outcome"},
        {"events", "sportello_events_total", "Facts that were written: ticket.assigned, ticket.breached, …", "type"},
        {"database_commits", "sportello_database_commits_total", "Transactions committed; each carries a group of units.", ""},
        {"database_commit_seconds", "sportello_database_commit_seconds_total", "Time spent in their commits, the sync included.", ""},
        {"database_units", "sportello_database_units_total", "Units of work committed.", ""},
        {"database_failures", "sportello_database_failures_total", "Groups that the database refused: full, broken, locked.", ""},
        {"alert_notices", "sportello_alert_notices_total", "Messages of alerts, by whether they arrived.", "result"},
    };
    for (const base::Tallied& one : tallied) {
        const auto found =
            std::find_if(std::begin(known), std::end(known), [&](const Counted& counted) { return one.what == counted.what; });
        if (found == std::end(known)) continue;
        auto& family = impl_->counters[found->name];
        if (family == nullptr) family = &BuildCounter().Name(found->name).Help(found->help).Register(impl_->registry);
        const std::string label(found->label);
        auto& counter = family->Add(label.empty() ? prometheus::Labels{} : prometheus::Labels{{label, one.of}});
        if (one.total > counter.Value()) counter.Increment(one.total - counter.Value());
    }
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

} // namespace sportello::api
