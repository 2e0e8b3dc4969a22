#include <sportello/domain/attendance.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;

bool is_watched(const AttendanceFacts& facts)
{
    return facts.absent_after > Duration::zero();
}

bool gives_signs(const AttendanceFacts& facts, Instant now)
{
    return facts.last_seen && now - *facts.last_seen < facts.absent_after;
}

} // namespace

Presence presence_of(const AttendanceFacts& facts, Instant now)
{
    using Kind = Presence::Kind;
    const auto told = [&](Kind kind, std::string_view what) { return Presence{kind, std::string(facts.name).append(what)}; };
    if (facts.disabled) return told(Kind::disabled, " no longer works here");
    const bool on_break = facts.plan && facts.plan->on_break(now);
    if (facts.plan && !on_break && !facts.plan->on_shift(now)) return told(Kind::off_shift, " is off shift");
    if (!facts.available && !on_break) return told(Kind::unavailable, " is not available");
    if (is_watched(facts) && !gives_signs(facts, now)) {
        if (!facts.last_seen) return told(Kind::vanished, " is not signed in");
        const auto minutes = std::chrono::floor<std::chrono::minutes>(now - *facts.last_seen).count();
        return told(Kind::vanished, " has given no sign of life for " + std::to_string(minutes) + " min");
    }
    if (on_break) return told(Kind::on_break, " has a break");
    return {};
}

bool takes_back(const Presence& presence, const AttendanceFacts& facts, const Absence& absence, const TakeBackRule& rule, Instant now)
{
    using Kind = Presence::Kind;
    if (!presence.away()) return false;
    if (presence.kind == Kind::disabled) return true;
    const bool watching = now - rule.watching_since >= facts.absent_after; // since our own start, long enough to tell
    if (presence.kind == Kind::vanished) return watching;
    if (is_watched(facts) && watching && !gives_signs(facts, now)) return true;
    const Instant since = absence.away_since.value_or(now);
    const Duration limit = presence.kind == Kind::unavailable ? rule.break_limit : Duration::zero();
    const auto swept_since = [&](Instant when) { return absence.swept_at && *absence.swept_at >= when; };
    if (since + limit <= now && !swept_since(since + limit)) return true;
    return rule.opened && since < *rule.opened && !swept_since(*rule.opened);
}

} // namespace sportello::domain
