#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace sportello::bench {

void report(const std::string& name, const std::string& value, const std::string& ratio, const std::string& goal, bool reached)
{
    std::cout << name << ": " << value << ", " << ratio << ", goal " << goal << ", " << (reached ? "reached" : "not reached") << std::endl;
}

std::string number(double value)
{
    if (value < 100) {
        char text[32];
        std::snprintf(text, sizeof text, value < 10 ? "%.2f" : "%.1f", value);
        return text;
    }
    std::string digits = std::to_string(std::llround(value));
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

Spread spread_of(std::vector<double>& seconds)
{
    if (seconds.empty()) return {};
    std::ranges::sort(seconds);
    // The least that is not shorter than so many of a hundred.
    const auto at = [&](std::size_t part) { return seconds[(seconds.size() * part + 99) / 100 - 1]; };
    return {.p50 = at(50), .p95 = at(95), .p99 = at(99)};
}

std::string milliseconds(const Spread& spread)
{
    return "p50 " + number(spread.p50 * 1e3) + ", p95 " + number(spread.p95 * 1e3) + ", p99 " + number(spread.p99 * 1e3) + " ms";
}

double seconds_of(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace sportello::bench
