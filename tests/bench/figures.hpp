#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <string>
#include <vector>

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

/// How long something took, of many times that it was done.
struct Spread {
    double p50 = 0;
    double p95 = 0;
    double p99 = 0;
};
/// @param seconds  one for each time; put in order by this
[[nodiscard]] Spread spread_of(std::vector<double>& seconds);
/// "p50 0.21, p95 0.30, p99 0.45 ms"
[[nodiscard]] std::string milliseconds(const Spread& spread);

/// Seconds that `work` takes.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

} // namespace sportello::bench
