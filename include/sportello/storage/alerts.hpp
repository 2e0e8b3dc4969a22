#pragma once

#include <sportello/domain/alerting.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Alerts to people, what is sent of them, and when the server ran.
namespace sportello::storage {

struct Alert {
    std::int64_t id = 0;
    domain::AlertCause cause;
    base::Instant begun_at{};
    std::optional<base::Instant> ended_at;
    std::optional<base::Instant> acknowledged_at;
    std::optional<domain::AgentId> acknowledged_by; ///< nothing when acknowledged: by a link
    std::string acknowledged_how;                   ///< in words: whose link
    bool settled = false;                           ///< it ended and every all-clear is on its way

    [[nodiscard]] domain::AlertState state() const { return {cause.passing, ended_at, acknowledged_at}; }
};

/// `alert.id` does not count. @return the new id.
std::int64_t insert_alert(Transaction& tx, const Alert& alert);
std::optional<Alert> find_alert(Transaction& tx, std::int64_t id);
/// Level and words, and what became of it.
void save_alert(Transaction& tx, const Alert& alert);
/// Those that go on, and those whose all-clear is not on its way yet; the oldest first.
std::vector<Alert> unsettled_alerts(Transaction& tx);
/// The newest first, by id below `before`. @param ended  nothing: all
std::vector<Alert> list_alerts(Transaction& tx, std::optional<bool> ended, std::optional<std::int64_t> before, std::int64_t limit);
/// Ended ones and what was sent of them. @return how many alerts.
std::int64_t forget_alerts(Transaction& tx, base::Instant ended_before, std::int64_t limit);

domain::AlertProgress load_alert_progress(Transaction& tx, std::int64_t alert, std::string_view route);
void save_alert_progress(Transaction& tx, std::int64_t alert, std::string_view route, const domain::AlertProgress& progress);
/// Of every route: it is told anew.
std::vector<std::string> routes_of_alert(Transaction& tx, std::int64_t alert);

/// What is to be sent to one recipient.
struct AlertNoticeRow {
    std::int64_t id = 0;
    std::int64_t alert = 0;
    std::string route;
    std::int64_t step = 0;
    std::int64_t place = 0;
    std::string kind; ///< words of domain::AlertNotice
    std::string recipient;
    base::Instant at{};
    std::string state = "queued";
    std::int64_t attempts = 0;
    std::optional<base::Instant> next_try;
    std::string reason;
};
/// `notice.id` does not count.
void queue_notice(Transaction& tx, const AlertNoticeRow& notice);
std::vector<AlertNoticeRow> due_notices(Transaction& tx, base::Instant now, std::int64_t limit);
std::optional<base::Instant> next_notice(Transaction& tx);
/// State, attempts, next_try and reason.
void save_notice(Transaction& tx, const AlertNoticeRow& notice);
void set_notice_link(Transaction& tx, std::int64_t notice, std::string_view link_hash);
/// The notice with that link; nothing once it was used.
std::optional<AlertNoticeRow> find_notice_by_link(Transaction& tx, std::string_view link_hash);
/// The alert's links serve no more.
void forget_links(Transaction& tx, std::int64_t alert);
std::vector<AlertNoticeRow> notices_of(Transaction& tx, std::int64_t alert, std::int64_t limit);
struct AlertFigures {
    std::int64_t going_on = 0;
    std::int64_t unacknowledged = 0;
    std::int64_t notices_waiting = 0; ///< queued
};
AlertFigures alert_figures(Transaction& tx);

/// Deliveries to the call centre that have failed five times and more, by desk.
struct FailingDesk {
    std::string desk;
    std::int64_t deliveries = 0;
    std::string failure;
};
std::vector<FailingDesk> failing_desks(Transaction& tx);

/// Webhooks that are refused, or were switched off because they were.
struct FailingWebhook {
    std::int64_t id = 0;
    std::string name;
    std::optional<base::Instant> since;
    std::string disabled_why; ///< empty: it is still tried
};
std::vector<FailingWebhook> failing_webhooks(Transaction& tx);

/// When one node was last started.
struct ServerRun {
    std::string machine; ///< its machine and port; empty: there is only one node
    base::Instant started_at{};
    std::optional<base::Instant> stopped_at;     ///< nothing: it runs, or it ended without stopping in an orderly way
    std::optional<base::Instant> stopped_before; ///< likewise of the run before
    base::Instant series_at{};                   ///< the first start of a day that had restarts
    std::int64_t restarts = 0;                   ///< since then
};
std::optional<ServerRun> load_server_run(Transaction& tx, std::string_view machine);
/// Of every node that was started again since then.
std::vector<ServerRun> restarts_since(Transaction& tx, base::Instant since);
void save_server_run(Transaction& tx, const ServerRun& run);
/// Nodes come and go: those that were not started since then are forgotten.
void forget_server_runs(Transaction& tx, base::Instant started_before);

} // namespace sportello::storage
