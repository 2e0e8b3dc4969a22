#include <sportello/domain/alerting.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<AlertKind, std::string_view>, 10> words{{{AlertKind::access, "access"},
                                                                        {AlertKind::channel, "channel"},
                                                                        {AlertKind::reply_unknown, "reply_unknown"},
                                                                        {AlertKind::incident, "incident"},
                                                                        {AlertKind::spend, "spend"},
                                                                        {AlertKind::mean, "mean"},
                                                                        {AlertKind::disk, "disk"},
                                                                        {AlertKind::backup, "backup"},
                                                                        {AlertKind::restart, "restart"},
                                                                        {AlertKind::webhook, "webhook"}}};

bool is_time_for(AlertHours hours, bool open)
{
    return hours == AlertHours::always || (hours == AlertHours::open) == open;
}

/// Everybody who was told gets the all-clear, at whatever hour: they may be working on it.
void clear(AlertDecision& decision, const AlertState& alert)
{
    if (decision.progress.cleared) return;
    decision.progress.cleared = true;
    if (alert.passing) return;
    for (std::size_t step = 0; step < decision.progress.reached; ++step) decision.tellings.push_back({AlertNotice::cleared, step});
}

} // namespace

std::string_view to_string(AlertKind kind)
{
    return std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.first == kind; })->second;
}

std::optional<AlertKind> parse_alert_kind(std::string_view word)
{
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& known) { return known.second == word; });
    return found == words.end() ? std::nullopt : std::optional(found->first);
}

const std::vector<AlertKind>& alert_kinds()
{
    static const std::vector<AlertKind> all = [] {
        std::vector<AlertKind> kinds;
        for (const auto& [kind, word] : words) kinds.push_back(kind);
        return kinds;
    }();
    return all;
}

base::Duration settles_after(AlertKind kind)
{
    switch (kind) {
    case AlertKind::channel:
    case AlertKind::spend:
    case AlertKind::disk:
        return 5min;
    case AlertKind::mean:
        return 15min;
    default:
        return base::Duration{};
    }
}

std::optional<AlertHours> parse_alert_hours(std::string_view word)
{
    if (word == "always") return AlertHours::always;
    if (word == "open") return AlertHours::open;
    if (word == "closed") return AlertHours::closed;
    return std::nullopt;
}

std::string_view to_string(AlertNotice notice)
{
    switch (notice) {
    case AlertNotice::escalated:
        return "escalated";
    case AlertNotice::repeated:
        return "repeated";
    case AlertNotice::cleared:
        return "cleared";
    default:
        return "raised";
    }
}

bool concerns(const AlertRoute& route, AlertKind kind, std::string_view brand)
{
    const bool of_kind = route.kinds.empty() || std::find(route.kinds.begin(), route.kinds.end(), kind) != route.kinds.end();
    const bool of_brand =
        brand.empty() || route.brands.empty() || std::find(route.brands.begin(), route.brands.end(), brand) != route.brands.end();
    return of_kind && of_brand;
}

AlertDecision decide_alert(const AlertRoute& route, const AlertState& alert, const AlertProgress& progress, bool open, base::Instant now)
{
    AlertDecision decision{.tellings = {}, .progress = progress};
    AlertProgress& after = decision.progress;
    if (alert.ended_at) {
        clear(decision, alert);
        return decision;
    }
    if (alert.acknowledged_at || !is_time_for(route.hours, open)) return decision;
    if (after.steps_told > 0 && alert.passing) return decision;

    const base::Instant begun = after.first_told_at.value_or(now);
    const std::size_t told_before = after.steps_told;
    while (after.steps_told < route.steps.size() && begun + route.steps[after.steps_told] <= now) {
        if (alert.passing && after.steps_told > 0) break;
        decision.tellings.push_back({after.steps_told == 0 ? AlertNotice::raised : AlertNotice::escalated, after.steps_told});
        ++after.steps_told;
    }
    const bool repeats = told_before > 0 && route.repeat > base::Duration{} && after.last_told_at && *after.last_told_at + route.repeat <= now;
    if (repeats) {
        for (std::size_t step = 0; step < told_before; ++step) decision.tellings.push_back({AlertNotice::repeated, step});
    }
    if (after.steps_told == 0) return decision;
    after.first_told_at = begun;
    // A step that joins does not put the others' next telling off.
    if (repeats || told_before == 0) after.last_told_at = now;
    after.reached = std::max(after.reached, after.steps_told);
    return decision;
}

AlertProgress begin_anew(const AlertProgress& progress)
{
    AlertProgress fresh;
    fresh.reached = progress.reached;
    return fresh;
}

std::int64_t usage_mark(double used, double allowed)
{
    if (allowed <= 0) return 0;
    return used >= allowed ? 100 : used >= 0.8 * allowed ? 80 : 0;
}

} // namespace sportello::domain
