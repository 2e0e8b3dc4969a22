#include <sportello/domain/channel_watch.hpp>

#include "duration_words.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace sportello::domain {
namespace {

using base::Duration;
using namespace std::chrono_literals;

constexpr std::size_t least_weeks = 3;
constexpr double rare = 0.01;
constexpr Duration least_delay = 5min;

/// How probable it is that no more than `most` come when `mean` are usual.
double at_most(std::int64_t most, double mean)
{
    return boost::math::gamma_q(static_cast<double>(most) + 1.0, mean);
}

std::string why_quiet(const ChannelPulse& pulse)
{
    if (pulse.usual.size() < least_weeks) return {};
    const double mean = std::accumulate(pulse.usual.begin(), pulse.usual.end(), 0.0) / static_cast<double>(pulse.usual.size());
    if (static_cast<double>(pulse.arrived) >= mean || at_most(pulse.arrived, mean) >= rare) return {};
    char usual[32];
    std::snprintf(usual, sizeof usual, "%.0f", mean);
    return std::to_string(pulse.arrived) + " messages in the last " + in_minutes(pulse.looked_at) + ", " + usual +
           " are usual at this time of the week";
}

std::string why_behind(const ChannelPulse& pulse, base::Instant now)
{
    const Duration allowed = std::max(least_delay, 3 * pulse.pause);
    if (pulse.last_read_at && now - *pulse.last_read_at > allowed) return "It has not been read for " + in_minutes(now - *pulse.last_read_at);
    if (pulse.lag && *pulse.lag > allowed) return "What arrives was written " + in_minutes(*pulse.lag) + " before";
    return {};
}

} // namespace

ChannelFlags flags_of(const ChannelPulse& pulse, base::Instant now)
{
    return {why_quiet(pulse), why_behind(pulse, now)};
}

} // namespace sportello::domain
