#pragma once

#include <sportello/domain/model.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// What is due when, in office time.
struct TargetTimes {
    Duration first_response = std::chrono::hours(1);
    Duration next_response = std::chrono::hours(2);
    Duration resolution = std::chrono::hours(8); ///< zero: none
    double warn_at = 0.75;                       ///< of each, above 0, at most 1
    friend bool operator==(const TargetTimes&, const TargetTimes&) = default;
};

/// Other times for a channel, a priority, or a priority in a channel. What is not set stays.
struct TargetOverride {
    std::string channel;              ///< a channel's id, or "facebook" or "twitter"; empty: all
    std::optional<Priority> priority; ///< nothing: all
    std::optional<Duration> first_response;
    std::optional<Duration> next_response;
    std::optional<Duration> resolution;
    std::optional<double> warn_at;
};

/// A brand's targets.
struct TargetPlan {
    TargetTimes usual;
    std::vector<TargetOverride> overrides;
};

/// The times of one ticket. What is narrower lies over what is wider: priority, then platform, then channel, then a priority
/// in a platform, then in a channel.
[[nodiscard]] TargetTimes target_times(const TargetPlan& plan, std::string_view channel, Platform platform, Priority priority);

} // namespace sportello::domain
