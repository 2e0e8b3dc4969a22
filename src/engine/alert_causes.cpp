#include "patience.hpp"

#include <sportello/engine/alerts.hpp>

#include <sportello/domain/access_warning.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/domain/gazetteer.hpp>
#include <sportello/domain/outage_radar.hpp>
#include <sportello/engine/mean.hpp>
#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/replies.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::AlertCause;
using domain::AlertKind;
using storage::ChannelState;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration webhook_fails_for = 10min;

AlertCause about(const ChannelSettings& channel, AlertKind kind, std::string_view what)
{
    AlertCause cause;
    cause.kind = kind;
    cause.key = std::string(what) + ":" + channel.id;
    cause.brand = channel.brand;
    cause.channel = channel.id;
    return cause;
}

std::string sign_in_again(const ChannelSettings& channel)
{
    return "Sign it in again, without a restart: the dashboard's channels, POST /v1/channels/" + channel.id +
           "/connect, or `sportello channel connect " + channel.id + "`.";
}

bool is_dead(const ChannelState& state)
{
    return state.state == "needs_authorisation" || state.state == "misconfigured";
}

void look_at_access(std::vector<AlertCause>& causes, const ChannelSettings& channel, const ChannelState& state, Instant now)
{
    if (is_dead(state)) {
        AlertCause cause = about(channel, AlertKind::access, "dead");
        cause.text = "Channel " + channel.id + " is neither read nor answered: its access is dead.";
        cause.remedy = sign_in_again(channel) + " Its platform says: " + state.reason;
        causes.push_back(std::move(cause));
        return;
    }
    const std::int64_t mark = domain::access_mark(state.access_ends_at, now);
    if (mark == 0) return;
    AlertCause cause = about(channel, AlertKind::access, "ends");
    cause.level = *state.access_ends_at <= now ? 4 : mark == 1 ? 3 : mark == 7 ? 2 : 1;
    cause.text = "The access to channel " + channel.id + (*state.access_ends_at <= now ? " ended at " : " ends at ") +
                 base::to_rfc3339(*state.access_ends_at) + ".";
    cause.remedy = sign_in_again(channel);
    causes.push_back(std::move(cause));
}

void look_at_reading(std::vector<AlertCause>& causes, const ChannelSettings& channel, const ChannelState& state)
{
    if (is_dead(state)) return; // told already, with its cause
    if (!state.quiet.empty()) {
        AlertCause cause = about(channel, AlertKind::channel, "quiet");
        cause.text = "Channel " + channel.id + " is silent: far fewer messages come in than is usual for this hour.";
        cause.remedy = "Write to it as a customer. If nothing arrives: `sportello channel check " + channel.id + "`.";
        causes.push_back(std::move(cause));
    }
    if (!state.behind.empty()) {
        AlertCause cause = about(channel, AlertKind::channel, "behind");
        cause.text = "Channel " + channel.id + " is behind: what customers write is not read in time.";
        cause.remedy = state.reason.empty() ? "GET /v1/channels tells its last reading, its lag and its quotas." : state.reason;
        causes.push_back(std::move(cause));
    }
}

void look_at_replies(std::vector<AlertCause>& causes, Transaction& tx, const ChannelSettings& channel, base::Duration unknown_for,
                     Instant now)
{
    const storage::OutboxFigures figures = storage::outbox_figures(tx, channel.id);
    if (!figures.uncertain_since || now - *figures.uncertain_since < unknown_for) return;
    AlertCause cause = about(channel, AlertKind::reply_unknown, "replies");
    cause.text = "Nobody knows whether replies on channel " + channel.id +
                 " are out: " + std::to_string(figures.unknown + figures.needs_decision) + ", the oldest since " +
                 base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(*figures.uncertain_since)) + ".";
    cause.remedy = figures.needs_decision > 0
                       ? "Some need a person's decision: GET /v1/replies?state=needs_decision lists them, the dashboard shows them."
                       : "They are looked for on the platform by themselves; look there too if customers ask.";
    causes.push_back(std::move(cause));
}

void add_usage(std::vector<AlertCause>& causes, const ChannelSettings& channel, const std::string& what, const std::string& words,
               double used, double allowed, const std::string& unit)
{
    const std::int64_t mark = domain::usage_mark(used, allowed);
    if (mark == 0) return;
    AlertCause cause = about(channel, AlertKind::spend, what);
    cause.level = mark == 100 ? 2 : 1;
    cause.text = "Channel " + channel.id + " has used " + std::to_string(mark) + " % of " + words + ".";
    cause.remedy = (mark == 100 ? "It is not read until " + unit + "; " : "It is read more slowly now; ") +
                   std::string("raise the limit ([channel.budget], or the platform's plan) or pause reading.");
    causes.push_back(std::move(cause));
}

void look_at_spending(std::vector<AlertCause>& causes, Transaction& tx, const ChannelSettings& channel, const ChannelState& state,
                      Instant now)
{
    const domain::Spending spent = storage::load_spending(tx, channel.id, std::chrono::floor<std::chrono::days>(now));
    const auto share = [&](const std::optional<domain::MicroDollars>& cap, domain::MicroDollars used, const char* what, const char* words,
                           const char* until) {
        if (cap) add_usage(causes, channel, what, words, static_cast<double>(used), static_cast<double>(*cap), until);
    };
    share(channel.money.a_day, spent.today, "day", "the money of this UTC day", "the next UTC day");
    share(channel.money.a_month, spent.month, "month", "the money of this month", "the next month");
    const auto quotas = nlohmann::json::parse(state.quotas, nullptr, false);
    if (!quotas.is_array()) return;
    for (const auto& quota : quotas) {
        const std::string endpoint = quota.value("endpoint", ""), window = quota.value("window", ""), ends = quota.value("resets_at", "");
        // A quarter of an hour is over before anybody could act; the governor lives with it.
        if (window.find("min") != std::string::npos) continue;
        const auto resets = base::parse_rfc3339(ends);
        const double limit = quota.value("limit", 0.0), left = quota.value("remaining", 0.0);
        if (!resets || *resets <= now) continue;
        add_usage(causes, channel, "quota " + endpoint + " " + window, "the calls that " + endpoint + " allows in " + window, limit - left,
                  limit, ends);
    }
}

void look_at_incidents(std::vector<AlertCause>& causes, Transaction& tx, const Settings& settings)
{
    for (const domain::Incident& incident : storage::live_incidents(tx)) {
        if (incident.state != domain::IncidentState::proposed) continue;
        AlertCause cause;
        cause.kind = AlertKind::incident;
        cause.key = "incident:" + std::to_string(incident.id.value);
        if (incident.brands.size() == 1) cause.brand = incident.brands.front();
        cause.text = "An outage is proposed: " + domain::in_words(incident.pattern, settings.outages.words().places()) + ".";
        cause.remedy = "Confirm or dismiss it: incident " + std::to_string(incident.id.value) +
                       " in the dashboard, or POST /v1/incidents/" + std::to_string(incident.id.value) + "/confirm or /dismiss.";
        causes.push_back(std::move(cause));
    }
}

/// Only while somebody can do something about it.
void look_at_mean(std::vector<AlertCause>& causes, Transaction& tx, const Settings& settings, Instant now)
{
    std::vector<const BrandSettings*> open;
    for (const BrandSettings& brand : settings.brands) {
        if (brand.calendar->is_open(now)) open.push_back(&brand);
    }
    if (open.empty()) return;
    const domain::MeanControl today = mean_today(tx, settings, open, settings.promised_first_response, now).all;
    if (!today.projected || *today.projected <= settings.promised_first_response) return;
    AlertCause cause;
    cause.kind = AlertKind::mean;
    cause.key = "today";
    const auto minutes = [](base::Duration time) { return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(time).count()); };
    cause.text = "The day's first responses are projected to take longer on average than the " + minutes(settings.promised_first_response) +
                 " minutes that were promised.";
    cause.remedy = "GET /v1/queue tells the projection and what may still be spent; more people, or a text to all of an outage, help.";
    causes.push_back(std::move(cause));
}

/// @param what  names the cause on its machine
AlertCause about(const HostFacts& host, AlertKind kind, const std::string& what)
{
    AlertCause cause;
    cause.kind = kind;
    cause.key = host.machine.empty() ? what : host.machine + ":" + what;
    return cause;
}

void look_at_host(std::vector<AlertCause>& causes, const AlertSettings& alerts, const HostFacts& host, Instant now)
{
    const std::string where = host.machine.empty() ? "" : " on " + host.machine;
    if (!host.disk.empty() && host.disk_free_bytes < alerts.disk_free_bytes) {
        AlertCause cause = about(host, AlertKind::disk, host.disk);
        cause.level = host.disk_free_bytes < alerts.disk_free_bytes / 4 ? 2 : 1;
        cause.text = "Less than " + std::to_string((cause.level == 2 ? alerts.disk_free_bytes / 4 : alerts.disk_free_bytes) >> 20) +
                     " MiB are free on the disk of " + host.disk + where + ".";
        cause.remedy = "Free some: without room nothing is read or answered any more. Old backups and logs go first.";
        causes.push_back(std::move(cause));
    }
    if (host.backups_expected && (!host.newest_backup || now - *host.newest_backup > alerts.backup_age)) {
        AlertCause cause = about(host, AlertKind::backup, "backup");
        cause.text = host.newest_backup ? "The newest backup" + where + " is of " + base::to_rfc3339(*host.newest_backup) + "."
                                        : "There is no backup" + where + ".";
        cause.remedy = "Look at what `sportello backup` says; the folder is [backup] directory.";
        causes.push_back(std::move(cause));
    }
}

void look_at_restarts(std::vector<AlertCause>& causes, Transaction& tx, Instant now)
{
    for (const storage::ServerRun& run : storage::restarts_since(tx, now - restart_series)) {
        AlertCause cause;
        cause.kind = AlertKind::restart;
        cause.key = run.machine.empty() ? "restart" : run.machine + ":restart";
        cause.passing = true;
        cause.level = std::bit_width(static_cast<std::uint64_t>(run.restarts)); // told of the first, the second, the fourth, the eighth …
        cause.text = "The server" + (run.machine.empty() ? "" : " on " + run.machine) + " was started again at " +
                     base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(run.started_at)) + ".";
        if (run.restarts > 1) {
            cause.text += " That was restart number " + std::to_string(run.restarts) + " since " +
                          base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(run.series_at)) + ".";
        }
        cause.remedy = run.stopped_before ? "It had been stopped in an orderly way: nothing need be done if somebody meant it."
                                          : "It had not been stopped in an orderly way: its log, and the machine's, tell why.";
        causes.push_back(std::move(cause));
    }
}

void look_at_webhooks(std::vector<AlertCause>& causes, Transaction& tx, Instant now)
{
    for (const storage::FailingWebhook& failing : storage::failing_webhooks(tx)) {
        const bool off = !failing.disabled_why.empty();
        if (!off && (!failing.since || now - *failing.since < webhook_fails_for)) continue;
        AlertCause cause;
        cause.kind = AlertKind::webhook;
        cause.key = "webhook:" + std::to_string(failing.id);
        cause.level = off ? 2 : 1;
        cause.text =
            "Webhook " + failing.name + (off ? " was switched off: " + failing.disabled_why : " takes nothing: events wait for it.");
        cause.remedy = "GET /v1/webhooks/" + std::to_string(failing.id) + "/deliveries tells what its server answers.";
        causes.push_back(std::move(cause));
    }
    for (const storage::FailingDesk& failing : storage::failing_desks(tx)) {
        AlertCause cause;
        cause.kind = AlertKind::webhook;
        cause.key = "desk:" + failing.desk;
        cause.text = "The call centre of " + failing.desk + " is not reached: hand-overs wait.";
        cause.remedy = "It answered: " + failing.failure + ". They are tried again by themselves.";
        causes.push_back(std::move(cause));
    }
}

} // namespace

std::vector<AlertCause> house_causes(Transaction& tx, const Settings& settings, const AlertSettings& alerts, Instant now)
{
    std::vector<AlertCause> causes;
    for (const ChannelSettings& channel : settings.channels) {
        const ChannelState state = storage::load_channel(tx, channel.id);
        look_at_access(causes, channel, state, now);
        look_at_reading(causes, channel, state);
        look_at_replies(causes, tx, channel, alerts.unknown_for, now);
        look_at_spending(causes, tx, channel, state, now);
    }
    look_at_incidents(causes, tx, settings);
    look_at_mean(causes, tx, settings, now);
    look_at_restarts(causes, tx, now);
    look_at_webhooks(causes, tx, now);
    return causes;
}

std::vector<AlertCause> host_causes(const AlertSettings& alerts, const HostFacts& host, Instant now)
{
    std::vector<AlertCause> causes;
    look_at_host(causes, alerts, host, now);
    return causes;
}

} // namespace sportello::engine
