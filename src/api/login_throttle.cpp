#include "login_throttle.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace sportello::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_counters = 30'000;
constexpr base::Duration memory = 1h;

std::string key_of(char kind, std::string_view login, std::string_view address)
{
    return std::string(1, kind).append(address).append("\n").append(login);
}

} // namespace

base::Duration LoginThrottle::attempt(std::string_view login, std::string_view address, base::Duration now)
{
    const std::array<std::pair<std::string, Rule>, 3> counted{{
        {key_of('p', login, address), {5, 15min}},
        {key_of('a', "", address), {30, 15min}},
        {key_of('l', login, ""), {10, 5s}},
    }};
    base::Duration wait{0};
    for (const auto& [key, rule] : counted) {
        const auto found = counters_.find(key);
        if (found != counters_.end()) wait = std::max(wait, found->second.heard_again - now);
    }
    if (wait > base::Duration::zero()) return wait;

    if (counters_.size() > most_counters) forget_old(now);
    for (const auto& [key, rule] : counted) count(key, rule, now);
    return base::Duration::zero();
}

void LoginThrottle::count(const std::string& key, Rule rule, base::Duration now)
{
    auto& counter = counters_[key];
    if (now - counter.last > memory) counter = Counter{};
    counter.last = now;
    ++counter.failures;
    const int excess = counter.failures - rule.free_attempts;
    if (excess < 0) return;
    const base::Duration delay = std::chrono::seconds(1) * (1 << std::min(excess, 10));
    counter.heard_again = now + std::min(delay, rule.longest);
}

void LoginThrottle::succeeded(std::string_view login, std::string_view address)
{
    counters_.erase(key_of('p', login, address));
    counters_.erase(key_of('l', login, ""));
    const auto found = counters_.find(key_of('a', "", address));
    if (found == counters_.end()) return;
    --found->second.failures; // the others of this address did not come any closer
    found->second.heard_again = base::Duration{0};
}

void LoginThrottle::forget_old(base::Duration now)
{
    std::erase_if(counters_, [&](const auto& entry) { return now - entry.second.last > memory; });
    // A flood of made-up names within the hour: the weakest counters go, the ones that hold somebody back stay.
    if (counters_.size() > most_counters) {
        std::erase_if(counters_, [&](const auto& entry) { return entry.second.heard_again <= now; });
    }
}

} // namespace sportello::api
