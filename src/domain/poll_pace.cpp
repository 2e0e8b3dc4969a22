#include <sportello/domain/calendar.hpp>
#include <sportello/domain/poll_pace.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;
using Seconds = std::chrono::duration<double>;

constexpr Duration longest = std::chrono::hours(1);
// With so many messages in ten minutes a channel is as lively as can be told from polling alone.
constexpr std::int64_t lively = 3;

/// How many polls would be made until the UTC day ends if all went as wished.
double polls_wished_for(const PollSituation& situation, const Calendar& calendar, Instant now)
{
    const Instant midnight = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
    const Duration open = calendar.between(now, midnight);
    const Duration closed = (midnight - now) - open;
    return Seconds(open) / Seconds(situation.open) + Seconds(closed) / Seconds(situation.closed);
}

double stretch(const PollSituation& situation, const Calendar& calendar, Instant now)
{
    if (!situation.money_left || situation.poll_costs <= 0) return 1;
    const double needed = polls_wished_for(situation, calendar, now) * static_cast<double>(situation.poll_costs);
    return std::max(1.0, needed / static_cast<double>(std::max<MicroDollars>(*situation.money_left, 1)));
}

} // namespace

Duration poll_pause(const PollSituation& situation, const Calendar& calendar, Instant now)
{
    const bool open = calendar.is_open(now);
    const Duration wished = open ? situation.open : situation.closed;
    Duration pause = wished / (1 + std::clamp<std::int64_t>(situation.lately, 0, lively));
    if (!open) pause = std::max(pause, std::min(situation.open, wished));
    const double stretched = Seconds(pause).count() * stretch(situation, calendar, now);
    return stretched >= Seconds(longest).count() ? std::max(longest, std::min(wished, longest))
                                                 : std::chrono::duration_cast<Duration>(Seconds(stretched));
}

} // namespace sportello::domain
