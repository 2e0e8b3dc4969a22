#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <string>

namespace sportello::bench {

/// Prints one figure: "name: value, ratio, goal, reached". Never fails: figures are for people to judge.
/// @param ratio  in words what it is compared with and how it compares
void report(const std::string& name, const std::string& value, const std::string& ratio, const std::string& goal, bool reached);

/// A number with as many digits as it deserves: "12,300", "41.7", "0.62".
[[nodiscard]] std::string number(double value);
template <std::integral Whole> [[nodiscard]] std::string number(Whole value)
{
    return number(static_cast<double>(value));
}

/// Seconds that `work` takes.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

} // namespace sportello::bench
