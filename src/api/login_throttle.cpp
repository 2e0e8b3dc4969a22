#include "login_throttle.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace sportello::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_counters = 30'000;
constexpr std::size_t most_known = 10'000;
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
        {key_of('l', login, ""), of_login_},
    }};
    const bool spared = spares_known_ && known_.contains(counted[0].first);
    base::Duration wait{0};
    for (const auto& [key, rule] : counted) {
        if (spared && key.front() == 'l') continue;
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
    if (spares_known_) {
        if (known_.size() >= most_known) known_.clear();
        known_.insert(key_of('p', login, address));
    }
    counters_.erase(key_of('p', login, address));
    const auto anywhere = counters_.find(key_of('l', login, ""));
    if (!spares_known_ && anywhere != counters_.end()) counters_.erase(anywhere);
    // Who guesses elsewhere goes on being slowed down: the owner's success is not theirs.
    else if (anywhere != counters_.end()) --anywhere->second.failures;
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
