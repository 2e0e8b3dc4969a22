#pragma once

#include <sportello/connectors/connector.hpp>

#include <sportello/base/time.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace sportello::connectors {

/// What of a channel is known to be stored already, so that the overlap of each poll costs storage nothing. An item
/// counts only once the caller has come back with the cursor that was handed out together with it.
class Delivered {
public:
    /// To be called first in a poll. @return the step of `cursor_step` was the last one handed out: what went with it
    /// is stored. Otherwise all is forgotten and read anew.
    bool begin(std::uint64_t cursor_step);
    /// Removes from `items` what is stored in just this form, and remembers the rest as on its way.
    void keep_news(std::vector<domain::PlatformItem>& items);
    void keep_news(std::vector<RejectedItem>& rejected);
    /// The number of the step now handed out, for the cursor: one that neither this nor, by the clock, another node on the same
    /// channel has handed out. What that one stored under its number is not what was read here.
    std::uint64_t finish(base::Instant now)
    {
        step_ = std::max({step_ + 1, came_with_ + 1, static_cast<std::uint64_t>(base::to_micros(now))});
        return step_;
    }

private:
    bool is_news(const std::string& id, std::size_t form);

    std::uint64_t step_ = 0;
    std::uint64_t came_with_ = 0;
    std::unordered_map<std::string, std::size_t> stored_; ///< platform id -> fingerprint
    std::unordered_map<std::string, std::size_t> on_its_way_;
};

} // namespace sportello::connectors
