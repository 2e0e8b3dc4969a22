#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sportello::domain {

/// What is known of a channel when it is asked whether it lives.
struct ChannelPulse {
    std::int64_t arrived = 0;                  ///< messages of customers in the time that is looked at
    base::Duration looked_at{};                ///< the length of that time, ending now
    std::span<const double> usual;             ///< in the same time of the same weekday, one figure for each earlier week
    std::optional<base::Instant> last_read_at; ///< the last time it was read without trouble
    base::Duration pause{};                    ///< the longest between two looks that is right at this time
    std::optional<base::Duration> lag;         ///< of the newest item: from when it was written to when it was stored
};

/// Why a channel deserves a look, in words; empty: it does not.
struct ChannelFlags {
    std::string quiet;
    std::string behind;
    friend bool operator==(const ChannelFlags&, const ChannelFlags&) = default;
};

/// Quiet: so few messages come in an hour as usual for it only once in a hundred times (Poisson, by the mean of the weeks
/// before; at least three of them). Behind: it has not been read for five minutes or three pauses, whichever is longer, or
/// what it brings is older than that when it arrives.
[[nodiscard]] ChannelFlags flags_of(const ChannelPulse& pulse, base::Instant now);

} // namespace sportello::domain
