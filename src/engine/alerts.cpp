#include <sportello/engine/alerts.hpp>

#include "facts.hpp"
#include "patience.hpp"
#include "tenures.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/tally.hpp>
#include <sportello/base/text.hpp>
#include <sportello/domain/calendar.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using domain::AlertCause;
using storage::Alert;
using storage::AlertNoticeRow;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration between_rounds = 30s;
constexpr std::int64_t largest_round = 20;
constexpr base::Duration longest_backoff = 30min;
constexpr base::Duration given_up_after = 24h;
constexpr base::Duration machines_kept = 24h * 366;
// The next repetition makes one that cannot be sent superfluous.
constexpr std::int64_t tries_of_a_repetition = 3;

base::Duration backoff(std::int64_t attempts)
{
    return std::min<base::Duration>(longest_backoff, 30s * (1LL << std::min<std::int64_t>(attempts, 10)));
}

bool is_open(const Settings& settings, const std::string& brand, Instant now)
{
    return std::any_of(settings.brands.begin(), settings.brands.end(),
                       [&](const BrandSettings& one) { return (brand.empty() || one.id == brand) && one.calendar->is_open(now); });
}

nlohmann::json event_of(const Alert& alert)
{
    return {{"alert", alert.id},
            {"kind", to_string(alert.cause.kind)},
            {"brand", alert.cause.brand},
            {"channel", alert.cause.channel},
            {"text", alert.cause.text}};
}

std::string in_minutes(base::Duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(time).count()) + " minutes";
}

std::string why_told(const AlertRouteSettings& route, std::size_t step)
{
    std::string words = "You are told by [[alert]] \"" + route.route.name + "\"";
    if (step > 0 && step < route.route.steps.size()) {
        words += ", since nobody had acknowledged it after " + in_minutes(route.route.steps[step]);
    }
    return words + ".";
}

} // namespace

const AlertRouteSettings* AlertSettings::route(std::string_view name) const
{
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const auto& one) { return one.route.name == name; });
    return found == routes.end() ? nullptr : &*found;
}

AlertLetter write_letter(const Alert& alert, std::string_view notice, const AlertRouteSettings& route, std::size_t step,
                         const std::string& link, Instant now)
{
    const AlertCause& cause = alert.cause;
    const bool over = notice == to_string(domain::AlertNotice::cleared);
    AlertLetter letter{.alert = alert.id, .notice = 0, .kind = std::string(notice), .subject = {}, .text = {}, .json = {}, .at = now};
    letter.subject = std::string("[Sportello] ") + (over ? "All clear: " : notice == "repeated" ? "Still: " : "") + cause.text;
    letter.text = (over ? "It is over since " + base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(alert.ended_at.value_or(now))) +
                              ". It was:\n\n" + cause.text + "\n"
                        : cause.text + "\n\nWhat to do: " + cause.remedy + "\n") +
                  "\nSince " + base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(alert.begun_at)) + " (alert " +
                  std::to_string(alert.id) + ", " + std::string(to_string(cause.kind)) + "). " + why_told(route, step) + "\n";
    if (!link.empty()) letter.text += "\nSay that you know, and nothing is repeated (the link serves once):\n" + link + "\n";
    nlohmann::ordered_json body{
        {"alert", alert.id},
        {"notice", notice},
        {"kind", to_string(cause.kind)},
        {"cause", cause.key},
        {"level", cause.level},
        {"brand", cause.brand.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(cause.brand)},
        {"channel", cause.channel.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(cause.channel)},
        {"text", cause.text},
        {"remedy", cause.remedy},
        {"begun_at", base::to_rfc3339(alert.begun_at)},
        {"ended_at", alert.ended_at ? nlohmann::ordered_json(base::to_rfc3339(*alert.ended_at)) : nlohmann::ordered_json(nullptr)},
        {"route", route.route.name},
        {"step", step},
        {"at", base::to_rfc3339(now)},
        {"acknowledge_url", link.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(link)}};
    letter.json = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return letter;
}

AlertLetter write_test_letter(const AlertRouteSettings& route, std::size_t step, domain::AlertKind kind, Instant now)
{
    Alert alert;
    alert.cause.kind = kind;
    alert.cause.key = "test";
    alert.cause.text =
        "This is a test: nothing is wrong. An alert of the kind " + std::string(to_string(kind)) + " would reach you like this.";
    alert.cause.remedy = "Nothing.";
    alert.begun_at = now;
    AlertLetter letter = write_letter(alert, "test", route, step, "", now);
    return letter;
}

/// One look: `write` false only asks whether anything would change.
class Alerts::Look {
public:
    Look(Alerts& owner, Transaction& tx, std::map<std::int64_t, Instant>& seen, const std::string& machine, bool house, Instant now,
         bool write)
        : owner_(owner), tx_(tx), seen_(seen), machine_(machine), house_(house), now_(now), write_(write)
    {
    }

    bool run(const std::vector<AlertCause>& causes)
    {
        alerts_ = storage::unsettled_alerts(tx_);
        std::erase_if(alerts_, [&](const Alert& alert) { return !is_ours(alert); });
        for (Alert& alert : alerts_) {
            if (alert.ended_at) continue;
            const auto cause = std::find_if(causes.begin(), causes.end(), [&](const AlertCause& one) { return is_of(alert, one); });
            if (cause != causes.end()) go_on(alert, *cause);
            else end_if_settled(alert);
        }
        for (const AlertCause& cause : causes) {
            const bool known =
                std::any_of(alerts_.begin(), alerts_.end(), [&](const Alert& alert) { return !alert.ended_at && is_of(alert, cause); });
            if (!known) begin(cause);
        }
        for (Alert& alert : alerts_) tell_people(alert);
        return changed_;
    }

private:
    static bool is_of(const Alert& alert, const AlertCause& cause)
    {
        return alert.cause.kind == cause.kind && alert.cause.key == cause.key;
    }

    /// Of several nodes each tells of its own machine; of the house, and of machines that are gone, whoever keeps the clock.
    bool is_ours(const Alert& alert) const
    {
        if (machine_.empty()) return true;
        if (alert.cause.kind != domain::AlertKind::disk && alert.cause.kind != domain::AlertKind::backup) return house_;
        const std::string machine = alert.cause.key.substr(0, alert.cause.key.find(':'));
        return machine == machine_ || (house_ && !lives_on(tx_, machine));
    }

    void begin(const AlertCause& cause)
    {
        changed_ = true;
        if (!write_) return;
        Alert alert;
        alert.cause = cause;
        alert.begun_at = now_;
        alert.id = storage::insert_alert(tx_, alert);
        seen_[alert.id] = now_;
        tell(tx_, "alert.raised", now_, std::nullopt, nullptr, event_of(alert));
        alerts_.push_back(std::move(alert));
    }

    void go_on(Alert& alert, const AlertCause& cause)
    {
        seen_[alert.id] = now_;
        const bool worse = cause.level > alert.cause.level;
        // What came and is better for now is told as it was at its worst until it is over.
        const bool reworded = cause.level == alert.cause.level && (cause.text != alert.cause.text || cause.remedy != alert.cause.remedy);
        if (!worse && !reworded) return;
        changed_ = true;
        if (!write_) return;
        alert.cause.text = cause.text;
        alert.cause.remedy = cause.remedy;
        if (worse) {
            alert.cause.level = cause.level;
            alert.acknowledged_at.reset();
            alert.acknowledged_by.reset();
            alert.acknowledged_how.clear();
            for (const std::string& route : storage::routes_of_alert(tx_, alert.id)) {
                storage::save_alert_progress(tx_, alert.id, route, domain::begin_anew(storage::load_alert_progress(tx_, alert.id, route)));
            }
            tell(tx_, "alert.raised", now_, std::nullopt, nullptr, event_of(alert));
        }
        storage::save_alert(tx_, alert);
    }

    void end_if_settled(Alert& alert)
    {
        const auto [last, unseen] = seen_.try_emplace(alert.id, now_); // after a restart the waiting begins anew
        if (unseen && domain::settles_after(alert.cause.kind) > base::Duration{}) return;
        if (now_ - last->second < domain::settles_after(alert.cause.kind)) return;
        changed_ = true;
        if (!write_) return;
        alert.ended_at = now_;
        storage::save_alert(tx_, alert);
        storage::forget_links(tx_, alert.id);
        tell(tx_, "alert.cleared", now_, std::nullopt, nullptr, event_of(alert));
    }

    void tell_people(Alert& alert)
    {
        for (const AlertRouteSettings& route : owner_.alerts_.routes) {
            if (!domain::concerns(route.route, alert.cause.kind, alert.cause.brand)) continue;
            const domain::AlertProgress before = storage::load_alert_progress(tx_, alert.id, route.route.name);
            const auto decision =
                domain::decide_alert(route.route, alert.state(), before, is_open(owner_.settings_, alert.cause.brand, now_), now_);
            if (decision.progress == before && decision.tellings.empty()) continue;
            changed_ = true;
            if (!write_) return;
            storage::save_alert_progress(tx_, alert.id, route.route.name, decision.progress);
            for (const domain::AlertTelling& telling : decision.tellings) queue(alert, route, telling);
        }
        if (!alert.ended_at || alert.settled) return;
        changed_ = true;
        if (!write_) return;
        alert.settled = true;
        storage::save_alert(tx_, alert);
        seen_.erase(alert.id);
    }

    void queue(const Alert& alert, const AlertRouteSettings& route, const domain::AlertTelling& telling)
    {
        if (telling.step >= route.steps.size()) return; // the configuration has fewer now
        const auto& recipients = route.steps[telling.step];
        for (std::size_t place = 0; place < recipients.size(); ++place) {
            AlertNoticeRow notice;
            notice.alert = alert.id;
            notice.route = route.route.name;
            notice.step = static_cast<std::int64_t>(telling.step);
            notice.place = static_cast<std::int64_t>(place);
            notice.kind = to_string(telling.notice);
            notice.recipient = recipients[place].label;
            notice.at = now_;
            storage::queue_notice(tx_, notice);
        }
    }

    Alerts& owner_;
    Transaction& tx_;
    std::map<std::int64_t, Instant>& seen_;
    const std::string& machine_;
    bool house_;
    Instant now_;
    bool write_;
    bool changed_ = false;
    std::vector<Alert> alerts_;
};

Alerts::Alerts(asio::any_io_executor executor, storage::Database& db, const Settings& settings, AlertSettings alerts, AlertSender& sender,
               HostWatch host, base::Clock& clock, base::Random& random)
    : db_(db), settings_(settings), alerts_(std::move(alerts)), sender_(sender), host_(std::move(host)), clock_(clock), random_(random),
      signal_(clock, std::move(executor))
{
}

asio::awaitable<void> Alerts::run()
{
    Instant next_clearing{};
    while (!stopping_) {
        const auto looked = co_await look();
        if (!looked) spdlog::error("alerts: {}", looked.error().what());
        const bool house = !house_is_ours_ || house_is_ours_();
        if (house && !stopping_) co_await send_due();
        if (house && clock_.now() >= next_clearing) {
            next_clearing = clock_.now() + 1h;
            const Instant old = clock_.now() - alerts_.kept_for;
            auto forget = [&](Transaction& tx) -> Result<std::int64_t> { return storage::forget_alerts(tx, old, 200); };
            const auto forgotten = co_await db_.write(forget);
            if (!forgotten) spdlog::error("alerts: {}", forgotten.error().what());
        }
        if (!stopping_) co_await signal_.wait_until(clock_.now() + between_rounds);
    }
}

void Alerts::stop()
{
    stopping_ = true;
    signal_.notify();
}

asio::awaitable<Result<bool>> Alerts::look()
{
    const HostFacts host = host_ ? host_() : HostFacts{};
    const Instant now = clock_.now();
    const bool house = !house_is_ours_ || house_is_ours_();
    std::vector<AlertCause> causes;
    // A unit may be run again from its start: what it remembers counts only once it is committed.
    std::map<std::int64_t, Instant> seen = seen_;
    auto ask = [&](Transaction& tx) -> Result<bool> {
        causes = host_causes(alerts_, host, now);
        if (house) std::ranges::move(house_causes(tx, settings_, alerts_, now), std::back_inserter(causes));
        return Look(*this, tx, seen, host.machine, house, now, false).run(causes);
    };
    const auto changes = co_await db_.read(ask);
    if (!changes) co_return changes.error();
    if (!*changes) {
        seen_ = std::move(seen);
        co_return false;
    }
    auto write = [&](Transaction& tx) -> Result<bool> {
        seen = seen_;
        return Look(*this, tx, seen, host.machine, house, now, true).run(causes);
    };
    const auto written = co_await db_.write(write);
    if (written) seen_ = std::move(seen);
    co_return written;
}

asio::awaitable<std::size_t> Alerts::send_due()
{
    std::size_t sent = 0;
    while (!stopping_) {
        const Instant now = clock_.now();
        auto ask = [&](Transaction& tx) -> Result<std::vector<AlertNoticeRow>> { return storage::due_notices(tx, now, largest_round); };
        auto due = co_await db_.read(ask);
        if (!due || due->empty()) break;
        std::size_t arrived_now = 0;
        for (AlertNoticeRow& notice : *due) {
            if (stopping_) co_return sent;
            const bool arrived = co_await send(std::move(notice));
            arrived_now += arrived;
        }
        sent += arrived_now;
        if (arrived_now == 0) break; // what failed waits for its next try; what could not be noted must not spin
    }
    co_return sent;
}

/// Made when it is sent, since only its hash is kept.
asio::awaitable<std::string> Alerts::make_link(std::int64_t notice, std::int64_t alert)
{
    if (alerts_.public_url.empty()) co_return std::string();
    const std::string token = random_.token();
    auto keep = [&](Transaction& tx) -> Result<bool> {
        const auto found = storage::find_alert(tx, alert);
        if (!found || found->ended_at || found->acknowledged_at) return false;
        storage::set_notice_link(tx, notice, base::sha256_hex(token));
        return true;
    };
    const auto kept = co_await db_.write(keep);
    if (!kept || !*kept) co_return std::string();
    co_return alerts_.public_url + "/alerts/" + token;
}

asio::awaitable<bool> Alerts::send(AlertNoticeRow notice)
{
    auto load = [&](Transaction& tx) -> Result<std::optional<Alert>> { return storage::find_alert(tx, notice.alert); };
    const auto alert = co_await db_.read(load);
    if (!alert) co_return false; // tried again at the next look
    const AlertRouteSettings* route = alerts_.route(notice.route);
    const auto step = static_cast<std::size_t>(notice.step), place = static_cast<std::size_t>(notice.place);
    const bool there = route && *alert && step < route->steps.size() && place < route->steps[step].size();
    std::string failure;
    ++notice.attempts;
    if (there) {
        std::string link;
        if (notice.kind != to_string(domain::AlertNotice::cleared)) link = co_await make_link(notice.id, notice.alert);
        AlertLetter letter = write_letter(**alert, notice.kind, *route, step, link, clock_.now());
        letter.notice = notice.id;
        const auto sent = co_await sender_.send(route->steps[step][place], std::move(letter));
        if (!sent) failure = sent.error().what();
    } else {
        failure = "the configuration has this recipient no more";
    }
    base::tally("alert_notices", failure.empty() ? "sent" : "failed");
    const Instant now = clock_.now();
    notice.reason = base::shorten(base::clean_utf8(failure), 500);
    notice.state = failure.empty() ? "sent" : "queued";
    notice.next_try = failure.empty() ? std::nullopt : std::optional(now + backoff(notice.attempts));
    const bool repetition = notice.kind == to_string(domain::AlertNotice::repeated) && notice.attempts >= tries_of_a_repetition;
    if (!failure.empty() && (!there || repetition || now - notice.at > given_up_after)) {
        notice.state = "failed";
        notice.next_try.reset();
    }
    if (!failure.empty())
        spdlog::error("alert {}: {} could not be told (try {}): {}", notice.alert, notice.recipient, notice.attempts, failure);
    auto save = [&](Transaction& tx) -> Result<void> {
        storage::save_notice(tx, notice);
        return {};
    };
    const auto saved = co_await db_.write(save);
    if (!saved) spdlog::error("alerts: {}", saved.error().what());
    co_return failure.empty();
}

void note_start(Transaction& tx, std::string_view machine, Instant now)
{
    storage::ServerRun run;
    run.machine = machine;
    run.started_at = run.series_at = now;
    if (const auto before = storage::load_server_run(tx, machine)) {
        const bool same_series = before->restarts > 0 && now - before->series_at < restart_series;
        run.series_at = same_series ? before->series_at : now;
        run.restarts = same_series ? before->restarts + 1 : 1;
        run.stopped_before = before->stopped_at;
    }
    storage::save_server_run(tx, run);
    storage::forget_server_runs(tx, now - machines_kept);
}

void note_stop(Transaction& tx, std::string_view machine, Instant now)
{
    auto run = storage::load_server_run(tx, machine);
    if (!run) return;
    run->stopped_at = now;
    storage::save_server_run(tx, *run);
}

bool may_see_alert(const Alert& alert, const Actor& actor)
{
    return alert.cause.brand.empty() || actor.may_see(alert.cause.brand);
}

Result<Alert> acknowledge_alert(Transaction& tx, std::int64_t id, const Command& command, Instant now)
{
    auto alert = storage::find_alert(tx, id);
    if (!alert || !may_see_alert(*alert, command.actor))
        return Error(ErrorKind::not_found, "There is no alert " + std::to_string(id) + ".");
    if (alert->acknowledged_at) return *alert;
    alert->acknowledged_at = now;
    alert->acknowledged_by = command.actor.id;
    storage::save_alert(tx, *alert);
    storage::forget_links(tx, id);
    tell(tx, "alert.acknowledged", now, std::nullopt, &command, event_of(*alert));
    return *alert;
}

Result<Alert> alert_of_link(Transaction& tx, std::string_view token)
{
    const auto notice = storage::find_notice_by_link(tx, base::sha256_hex(token));
    const auto alert = notice ? storage::find_alert(tx, notice->alert) : std::nullopt;
    if (!alert || alert->ended_at) {
        return Error(ErrorKind::not_found,
                     "This link serves no more: it was used, somebody else has acknowledged the alert, or it is over.");
    }
    return *alert;
}

Result<Alert> acknowledge_by_link(Transaction& tx, std::string_view token, Instant now)
{
    auto alert = alert_of_link(tx, token);
    if (!alert) return alert;
    const auto notice = storage::find_notice_by_link(tx, base::sha256_hex(token));
    storage::forget_links(tx, alert->id);
    if (alert->acknowledged_at) return *alert;
    alert->acknowledged_at = now;
    alert->acknowledged_how = "the link sent to " + notice->recipient;
    storage::save_alert(tx, *alert);
    tell(tx, "alert.acknowledged", now, std::nullopt, nullptr, event_of(*alert));
    return *alert;
}

} // namespace sportello::engine
