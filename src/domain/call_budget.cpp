#include <sportello/domain/call_budget.hpp>

#include <algorithm>
#include <cstdio>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;
using std::chrono::days;
using std::chrono::sys_days;

// The part that reading leaves to answers: a fifth.
constexpr std::int64_t kept_part = 5;

sys_days day_of(Instant t)
{
    return std::chrono::floor<days>(t);
}

std::chrono::year_month month_of(sys_days day)
{
    const std::chrono::year_month_day date(day);
    return date.year() / date.month();
}

Instant first_of_next_month(sys_days day)
{
    const auto next = month_of(day) + std::chrono::months(1);
    return Instant(sys_days(next / std::chrono::day(1)));
}

std::int64_t without_kept_part(std::int64_t whole)
{
    return whole - (whole + kept_part - 1) / kept_part;
}

std::string dollars(MicroDollars amount)
{
    char text[32];
    std::snprintf(text, sizeof text, "$%.2f", static_cast<double>(amount) / 1e6);
    return text;
}

/// How many more calls of this kind the quota lets through at `now`.
std::int64_t calls_left(const Quota& quota, CallUse use, Instant now)
{
    const std::int64_t left = now >= quota.resets_at ? quota.limit : std::min(quota.remaining, quota.limit);
    const bool keeps = use == CallUse::reading && quota.kept_for_answers;
    return keeps ? left - (quota.limit - without_kept_part(quota.limit)) : left;
}

/// The later of two permits is the one that counts.
void restrict_to(Permit& permit, Instant at, std::string reason, bool money)
{
    if (at > permit.at) permit = {at, std::move(reason), money};
}

void restrict_by_cap(Permit& permit, std::optional<MicroDollars> cap, MicroDollars spent, MicroDollars worst, CallUse use, const char* of,
                     Instant renewed_at)
{
    if (!cap) return;
    const bool over_cap = spent + worst > *cap;
    const bool into_kept = use == CallUse::reading && spent >= without_kept_part(*cap);
    if (!over_cap && !into_kept) return;
    std::string reason = "The money for " + std::string(of) + " is spent: " + dollars(spent) + " of " + dollars(*cap);
    if (use == CallUse::reading) reason += "; what is left is kept for answers";
    restrict_to(permit, renewed_at, std::move(reason), true);
}

std::optional<MicroDollars> left_of(const MoneyCaps& caps, const Spending& spent)
{
    std::optional<MicroDollars> left;
    if (caps.a_day) left = *caps.a_day - spent.today;
    if (caps.a_month) left = std::min(left.value_or(*caps.a_month), *caps.a_month - spent.month);
    return left ? std::optional(std::max<MicroDollars>(0, *left)) : std::nullopt;
}

} // namespace

void CallBudget::expect(std::string_view endpoint, std::string_view window, std::int64_t limit, Duration length, bool kept_for_answers)
{
    Quota& quota = at(endpoint, window);
    quota.length = length;
    quota.kept_for_answers = kept_for_answers;
    if (quota.resets_at == Instant{}) quota.limit = quota.remaining = limit;
}

Permit CallBudget::ask(std::string_view endpoint, CallUse use, MicroDollars worst_cost, Instant now) const
{
    Permit permit{now, {}, false};
    if (const auto found = quotas_.find(endpoint); found != quotas_.end()) {
        for (const Quota& quota : found->second) {
            if (calls_left(quota, use, now) > 0 || now >= quota.resets_at) continue;
            restrict_to(permit, quota.resets_at,
                        "The calls that " + quota.endpoint + " allows in " + quota.window + " (" + std::to_string(quota.limit) +
                            ") are used" + (quota.remaining > 0 ? "; the rest is kept for answers" : ""),
                        false);
        }
    }
    const Spending spent = spending(now);
    restrict_by_cap(permit, caps_.a_day, spent.today, worst_cost, use, "today", Instant(spent.day + days(1)));
    restrict_by_cap(permit, caps_.a_month, spent.month, worst_cost, use, "this month", first_of_next_month(spent.day));
    return permit;
}

void CallBudget::sent(std::string_view endpoint, Instant now)
{
    turn_day(now);
    ++spent_.calls;
    const auto found = quotas_.find(endpoint);
    if (found == quotas_.end()) return;
    for (Quota& quota : found->second) {
        if (now >= quota.resets_at) {
            quota.remaining = quota.limit;
            quota.resets_at = now + quota.length;
        }
        quota.remaining = std::max<std::int64_t>(0, quota.remaining - 1);
    }
}

void CallBudget::told(std::string_view endpoint, std::string_view window, std::int64_t limit, std::int64_t remaining, Instant resets_at,
                      Instant now)
{
    // A window that ends far away would silence the channel for ever; it is asked again when one of its length is over.
    Quota& quota = at(endpoint, window);
    if (quota.length == Duration{}) quota.length = std::chrono::minutes(15);
    const Instant latest = now + quota.length;
    const Instant ends = std::min(resets_at, latest);
    const bool same_window = now < quota.resets_at && std::chrono::abs(ends - quota.resets_at) < quota.length / 2;
    const std::int64_t used = quota.limit - quota.remaining;
    quota.limit = std::max<std::int64_t>(limit, 0);
    const std::int64_t left = std::clamp<std::int64_t>(remaining, 0, quota.limit);
    quota.remaining = same_window ? std::clamp<std::int64_t>(quota.limit - used, 0, left) : left;
    quota.resets_at = ends;
}

void CallBudget::charge(MicroDollars cost, Instant now)
{
    turn_day(now);
    spent_.today += std::max<MicroDollars>(cost, 0);
    spent_.month += std::max<MicroDollars>(cost, 0);
}

void CallBudget::restore(const Spending& spent)
{
    if (spent_.day == sys_days{}) {
        spent_ = spent;
        return;
    }
    if (month_of(spent.day) == month_of(spent_.day)) spent_.month += spent.month;
    if (spent.day != spent_.day) return;
    spent_.today += spent.today;
    spent_.calls += spent.calls;
}

Spending CallBudget::spending(Instant now) const
{
    Spending spent = spent_;
    const sys_days today = day_of(now);
    if (today <= spent.day) return spent; // a clock set back does not give money back
    if (month_of(today) != month_of(spent.day)) spent.month = 0;
    spent.day = today;
    spent.today = 0;
    spent.calls = 0;
    return spent;
}

std::optional<MicroDollars> CallBudget::left(Instant now) const
{
    return left_of(caps_, spending(now));
}

std::optional<MicroDollars> CallBudget::left_for_reading(Instant now) const
{
    MoneyCaps for_reading = caps_;
    if (caps_.a_day) for_reading.a_day = without_kept_part(*caps_.a_day);
    if (caps_.a_month) for_reading.a_month = without_kept_part(*caps_.a_month);
    return left_of(for_reading, spending(now));
}

std::vector<Quota> CallBudget::quotas(Instant now) const
{
    std::vector<Quota> running;
    for (const auto& [endpoint, windows] : quotas_) {
        for (const Quota& quota : windows) {
            if (now < quota.resets_at) running.push_back(quota);
        }
    }
    return running;
}

void CallBudget::turn_day(Instant now)
{
    spent_ = spending(now);
}

Quota& CallBudget::at(std::string_view endpoint, std::string_view window)
{
    auto& windows = quotas_.try_emplace(std::string(endpoint)).first->second;
    const auto found = std::find_if(windows.begin(), windows.end(), [&](const Quota& quota) { return quota.window == window; });
    if (found != windows.end()) return *found;
    Quota& fresh = windows.emplace_back();
    fresh.endpoint = endpoint;
    fresh.window = window;
    return fresh;
}

} // namespace sportello::domain
