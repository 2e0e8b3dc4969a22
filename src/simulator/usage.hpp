#pragma once

#include <sportello/base/time.hpp>

#include <map>
#include <string>

namespace sportello::simulator {

/// Counts calls in fixed windows, one count a key.
class Usage {
public:
    struct State {
        int used = 0; ///< what is counted now included
        base::Instant resets;
    };

    /// @param times  how many calls this one counts as
    State count(const std::string& key, base::Instant now, base::Duration window, int times = 1)
    {
        auto& state = states_[key];
        if (now >= state.resets) state = {0, now + window};
        state.used += times;
        return state;
    }

    [[nodiscard]] State look(const std::string& key) const
    {
        const auto found = states_.find(key);
        return found == states_.end() ? State{} : found->second;
    }

private:
    std::map<std::string, State> states_;
};

} // namespace sportello::simulator
