#include "figures.hpp"

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

double seconds_of(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace sportello::bench
