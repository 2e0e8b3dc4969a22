#include "address_throttle.hpp"

#include <chrono>

namespace sportello::api {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration window_length = 1min;
constexpr std::size_t most_windows = 10'000;

} // namespace

base::Duration AddressThrottle::wait(std::string_view address, base::Duration now) const
{
    const auto found = windows_.find(address);
    if (found == windows_.end() || found->second.offences < most_) return base::Duration::zero();
    const base::Duration end = found->second.begun + window_length;
    return end > now ? end - now : base::Duration::zero();
}

void AddressThrottle::offended(std::string_view address, base::Duration now)
{
    if (windows_.size() >= most_windows) {
        std::erase_if(windows_, [&](const auto& entry) { return entry.second.begun + window_length <= now; });
        if (windows_.size() >= most_windows) windows_.clear(); // from so many addresses nobody is told apart
    }
    auto found = windows_.find(address);
    if (found == windows_.end()) found = windows_.emplace(std::string(address), Window{.begun = now}).first;
    if (found->second.begun + window_length <= now) found->second = Window{.begun = now};
    ++found->second.offences;
}

} // namespace sportello::api
