#include <sportello/storage/alerts.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_ALERT_COLUMNS                                                                                                            \
    "id, kind, cause, brand, channel, level, text, remedy, passing, begun_at, ended_at, acknowledged_at, acknowledged_by, "                \
    "acknowledged_how, settled"
#define SPORTELLO_NOTICE_COLUMNS "id, alert_id, route, step, place, kind, recipient, at, state, attempts, next_try, reason"

const Statement insert_alert_cause{
    "INSERT INTO alert (kind, cause, brand, channel, level, text, remedy, passing, begun_at, acknowledged_how, settled) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0) RETURNING id"};
const Statement alert_cause_by_id{"SELECT " SPORTELLO_ALERT_COLUMNS " FROM alert WHERE id = $1"};
const Statement save_alert_cause{
    "UPDATE alert SET level = $2, text = $3, remedy = $4, ended_at = $5, acknowledged_at = $6, acknowledged_by = $7, "
    "acknowledged_how = $8, settled = $9 WHERE id = $1"};
const Statement unsettled_ones{"SELECT " SPORTELLO_ALERT_COLUMNS " FROM alert WHERE settled = 0 ORDER BY id"};
const Statement newest_ones{"SELECT " SPORTELLO_ALERT_COLUMNS " FROM alert WHERE id < $1 ORDER BY id DESC LIMIT $2"};
const Statement newest_going_on{"SELECT " SPORTELLO_ALERT_COLUMNS
                                " FROM alert WHERE ended_at IS NULL AND settled = 0 AND id < $1 ORDER BY id DESC LIMIT $2"};
const Statement newest_ended{"SELECT " SPORTELLO_ALERT_COLUMNS
                             " FROM alert WHERE ended_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2"};
const Statement old_ones{"SELECT id FROM alert WHERE ended_at < $1 AND settled <> 0 ORDER BY ended_at, id LIMIT $2"};
const Statement forget_one{"DELETE FROM alert WHERE id = $1"};
const Statement forget_progress{"DELETE FROM alert_progress WHERE alert_id = $1"};
const Statement forget_notices{"DELETE FROM alert_notice WHERE alert_id = $1"};

const Statement progress_of{"SELECT first_told_at, last_told_at, steps_told, reached, cleared FROM alert_progress "
                            "WHERE alert_id = $1 AND route = $2"};
const Statement save_progress{"INSERT INTO alert_progress (alert_id, route, first_told_at, last_told_at, steps_told, reached, cleared) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (alert_id, route) DO UPDATE SET "
                              "first_told_at = excluded.first_told_at, last_told_at = excluded.last_told_at, "
                              "steps_told = excluded.steps_told, reached = excluded.reached, cleared = excluded.cleared"};
const Statement routes_of{"SELECT route FROM alert_progress WHERE alert_id = $1 ORDER BY route"};

const Statement queue_one{"INSERT INTO alert_notice (alert_id, route, step, place, kind, recipient, at, state, attempts, next_try, reason, "
                          "link_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $7, '', '')"};
const Statement due_ones{"SELECT " SPORTELLO_NOTICE_COLUMNS " FROM alert_notice WHERE next_try IS NOT NULL AND next_try <= $1 "
                         "ORDER BY next_try, id LIMIT $2"};
const Statement next_one{"SELECT next_try FROM alert_notice WHERE next_try IS NOT NULL ORDER BY next_try, id LIMIT 1"};
const Statement save_notice_row{"UPDATE alert_notice SET state = $2, attempts = $3, next_try = $4, reason = $5 WHERE id = $1"};
const Statement link_one{"UPDATE alert_notice SET link_hash = $2 WHERE id = $1"};
const Statement by_link{"SELECT " SPORTELLO_NOTICE_COLUMNS " FROM alert_notice WHERE link_hash = $1 AND link_hash <> ''"};
const Statement unlink_all{"UPDATE alert_notice SET link_hash = '' WHERE alert_id = $1 AND link_hash <> ''"};
const Statement notices_of_alert{"SELECT " SPORTELLO_NOTICE_COLUMNS " FROM alert_notice WHERE alert_id = $1 ORDER BY id LIMIT $2"};
const Statement count_going_on{"SELECT COUNT(*), COUNT(*) - COUNT(acknowledged_at) FROM alert WHERE settled = 0 AND ended_at IS NULL"};
const Statement count_waiting{"SELECT COUNT(*) FROM alert_notice WHERE next_try IS NOT NULL"};

const Statement failing_by_desk{
    "SELECT desk, COUNT(*), MAX(failure) FROM call_centre_delivery WHERE next_try IS NOT NULL AND attempts >= 5 "
    "GROUP BY desk ORDER BY desk"};

const Statement webhooks_in_trouble{
    "SELECT id, name, failing_since, disabled_why FROM webhook "
    "WHERE (enabled <> 0 AND failing_since IS NOT NULL) OR (enabled = 0 AND disabled_why <> '') ORDER BY id"};

const Statement run_of_server{"SELECT started_at, stopped_at, stopped_before, series_at, restarts, machine FROM server_start "
                              "WHERE machine = $1"};
const Statement runs_in_series{"SELECT started_at, stopped_at, stopped_before, series_at, restarts, machine FROM server_start "
                               "WHERE restarts > 0 AND series_at > $1 ORDER BY machine"};
const Statement save_run{"INSERT INTO server_start (machine, started_at, stopped_at, stopped_before, series_at, restarts) "
                         "VALUES ($1, $2, $3, $4, $5, $6) "
                         "ON CONFLICT (machine) DO UPDATE SET started_at = excluded.started_at, stopped_at = excluded.stopped_at, "
                         "stopped_before = excluded.stopped_before, series_at = excluded.series_at, restarts = excluded.restarts"};
const Statement forget_runs{"DELETE FROM server_start WHERE started_at < $1"};

ServerRun server_run_at(const Row& row)
{
    return {.machine = row.string(5),
            .started_at = row.instant(0),
            .stopped_at = row.maybe_instant(1),
            .stopped_before = row.maybe_instant(2),
            .series_at = row.instant(3),
            .restarts = row.number(4)};
}

Alert alert_at(const Row& row)
{
    Alert alert;
    alert.id = row.number(0);
    alert.cause.kind = known_word(domain::parse_alert_kind(row.text(1)), row.text(1));
    alert.cause.key = row.string(2);
    alert.cause.brand = row.string(3);
    alert.cause.channel = row.string(4);
    alert.cause.level = row.number(5);
    alert.cause.text = row.string(6);
    alert.cause.remedy = row.string(7);
    alert.cause.passing = row.flag(8);
    alert.begun_at = row.instant(9);
    alert.ended_at = row.maybe_instant(10);
    alert.acknowledged_at = row.maybe_instant(11);
    alert.acknowledged_by = maybe_id_at<domain::AgentId>(row, 12);
    alert.acknowledged_how = row.string(13);
    alert.settled = row.flag(14);
    return alert;
}

AlertNoticeRow notice_at(const Row& row)
{
    return {.id = row.number(0),
            .alert = row.number(1),
            .route = row.string(2),
            .step = row.number(3),
            .place = row.number(4),
            .kind = row.string(5),
            .recipient = row.string(6),
            .at = row.instant(7),
            .state = row.string(8),
            .attempts = row.number(9),
            .next_try = row.maybe_instant(10),
            .reason = row.string(11)};
}

} // namespace

std::int64_t insert_alert(Transaction& tx, const Alert& alert)
{
    const domain::AlertCause& cause = alert.cause;
    const auto id = tx.first(insert_alert_cause, first_number, to_string(cause.kind), cause.key, cause.brand, cause.channel, cause.level,
                             cause.text, cause.remedy, cause.passing ? 1 : 0, alert.begun_at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<Alert> find_alert(Transaction& tx, std::int64_t id)
{
    return tx.first(alert_cause_by_id, alert_at, id);
}

void save_alert(Transaction& tx, const Alert& alert)
{
    tx.run(save_alert_cause, alert.id, alert.cause.level, alert.cause.text, alert.cause.remedy, alert.ended_at, alert.acknowledged_at,
           alert.acknowledged_by, alert.acknowledged_how, alert.settled ? 1 : 0);
}

std::vector<Alert> unsettled_alerts(Transaction& tx)
{
    return tx.all(unsettled_ones, alert_at);
}

std::vector<Alert> list_alerts(Transaction& tx, std::optional<bool> ended, std::optional<std::int64_t> before, std::int64_t limit)
{
    const std::int64_t below = before.value_or(INT64_MAX);
    if (!ended) return tx.all(newest_ones, alert_at, below, limit);
    return *ended ? tx.all(newest_ended, alert_at, below, limit) : tx.all(newest_going_on, alert_at, below, limit);
}

std::int64_t forget_alerts(Transaction& tx, base::Instant ended_before, std::int64_t limit)
{
    const std::vector<std::int64_t> old = tx.all(old_ones, first_number, ended_before, limit);
    for (const std::int64_t id : old) {
        tx.run(forget_notices, id);
        tx.run(forget_progress, id);
        tx.run(forget_one, id);
    }
    return std::ssize(old);
}

domain::AlertProgress load_alert_progress(Transaction& tx, std::int64_t alert, std::string_view route)
{
    const auto make = [](const Row& row) {
        return domain::AlertProgress{.first_told_at = row.maybe_instant(0),
                                     .last_told_at = row.maybe_instant(1),
                                     .steps_told = static_cast<std::size_t>(row.number(2)),
                                     .reached = static_cast<std::size_t>(row.number(3)),
                                     .cleared = row.flag(4)};
    };
    return tx.first(progress_of, make, alert, route).value_or(domain::AlertProgress{});
}

void save_alert_progress(Transaction& tx, std::int64_t alert, std::string_view route, const domain::AlertProgress& progress)
{
    tx.run(save_progress, alert, route, progress.first_told_at, progress.last_told_at, static_cast<std::int64_t>(progress.steps_told),
           static_cast<std::int64_t>(progress.reached), progress.cleared ? 1 : 0);
}

std::vector<std::string> routes_of_alert(Transaction& tx, std::int64_t alert)
{
    return tx.all(
        routes_of, [](const Row& row) { return row.string(0); }, alert);
}

void queue_notice(Transaction& tx, const AlertNoticeRow& notice)
{
    tx.run(queue_one, notice.alert, notice.route, notice.step, notice.place, notice.kind, notice.recipient, notice.at);
}

std::vector<AlertNoticeRow> due_notices(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(due_ones, notice_at, now, limit);
}

std::optional<base::Instant> next_notice(Transaction& tx)
{
    return tx.first(next_one, [](const Row& row) { return row.instant(0); });
}

void save_notice(Transaction& tx, const AlertNoticeRow& notice)
{
    tx.run(save_notice_row, notice.id, notice.state, notice.attempts, notice.next_try, notice.reason);
}

void set_notice_link(Transaction& tx, std::int64_t notice, std::string_view link_hash)
{
    tx.run(link_one, notice, link_hash);
}

std::optional<AlertNoticeRow> find_notice_by_link(Transaction& tx, std::string_view link_hash)
{
    return tx.first(by_link, notice_at, link_hash);
}

void forget_links(Transaction& tx, std::int64_t alert)
{
    tx.run(unlink_all, alert);
}

std::vector<AlertNoticeRow> notices_of(Transaction& tx, std::int64_t alert, std::int64_t limit)
{
    return tx.all(notices_of_alert, notice_at, alert, limit);
}

AlertFigures alert_figures(Transaction& tx)
{
    const auto make = [](const Row& row) { return AlertFigures{.going_on = row.number(0), .unacknowledged = row.number(1)}; };
    AlertFigures figures = tx.first(count_going_on, make).value_or(AlertFigures{});
    figures.notices_waiting = tx.first(count_waiting, first_number).value_or(0);
    return figures;
}

std::vector<FailingWebhook> failing_webhooks(Transaction& tx)
{
    return tx.all(webhooks_in_trouble, [](const Row& row) {
        return FailingWebhook{.id = row.number(0), .name = row.string(1), .since = row.maybe_instant(2), .disabled_why = row.string(3)};
    });
}

std::vector<FailingDesk> failing_desks(Transaction& tx)
{
    const auto make = [](const Row& row) {
        return FailingDesk{.desk = row.string(0), .deliveries = row.number(1), .failure = row.string(2)};
    };
    return tx.all(failing_by_desk, make);
}

std::optional<ServerRun> load_server_run(Transaction& tx, std::string_view machine)
{
    return tx.first(run_of_server, server_run_at, machine);
}

std::vector<ServerRun> restarts_since(Transaction& tx, base::Instant since)
{
    return tx.all(runs_in_series, server_run_at, since);
}

void forget_server_runs(Transaction& tx, base::Instant started_before)
{
    tx.run(forget_runs, started_before);
}

void save_server_run(Transaction& tx, const ServerRun& run)
{
    tx.run(save_run, run.machine, run.started_at, run.stopped_at, run.stopped_before, run.series_at, run.restarts);
}

} // namespace sportello::storage
