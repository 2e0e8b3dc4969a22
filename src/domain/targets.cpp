#include <sportello/domain/targets.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

/// How narrow an override is; nothing when it is not about this ticket.
std::optional<int> width_of(const TargetOverride& rule, std::string_view channel, Platform platform, Priority priority)
{
    if (rule.priority && *rule.priority != priority) return std::nullopt;
    const bool of_platform = rule.channel == to_string(platform);
    if (!rule.channel.empty() && !of_platform && rule.channel != channel) return std::nullopt;
    const int place = rule.channel.empty() ? 0 : of_platform ? 2 : 3;
    if (!rule.priority) return place;
    return place == 0 ? 1 : place + 2;
}

void lay_over(TargetTimes& times, const TargetOverride& rule)
{
    times.first_response = rule.first_response.value_or(times.first_response);
    times.next_response = rule.next_response.value_or(times.next_response);
    times.resolution = rule.resolution.value_or(times.resolution);
    times.warn_at = rule.warn_at.value_or(times.warn_at);
}

} // namespace

TargetTimes target_times(const TargetPlan& plan, std::string_view channel, Platform platform, Priority priority)
{
    std::vector<std::pair<int, const TargetOverride*>> fitting;
    for (const TargetOverride& rule : plan.overrides) {
        if (const auto width = width_of(rule, channel, platform, priority)) fitting.emplace_back(*width, &rule);
    }
    std::ranges::stable_sort(fitting, {}, [](const auto& entry) { return entry.first; });
    TargetTimes times = plan.usual;
    for (const auto& [width, rule] : fitting) lay_over(times, *rule);
    return times;
}

} // namespace sportello::domain
