#pragma once

#include <sportello/base/time.hpp>

#include <map>
#include <string>

namespace sportello::simulator {

/// Counts calls in fixed windows, one count a key.
class Usage {
public:
    struct State {
        int used = 0; ///< this call included
        base::Instant resets;
    };

    State count(const std::string& key, base::Instant now, base::Duration window)
    {
        auto& state = states_[key];
        if (now >= state.resets) state = {0, now + window};
        ++state.used;
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
