#include <sportello/connectors/connector.hpp>

namespace sportello::connectors {

std::string_view to_string(ChannelTrouble::State state)
{
    switch (state) {
    case ChannelTrouble::State::ok:
        return "ok";
    case ChannelTrouble::State::rate_limited:
        return "rate_limited";
    case ChannelTrouble::State::needs_authorisation:
        return "needs_authorisation";
    case ChannelTrouble::State::misconfigured:
        return "misconfigured";
    case ChannelTrouble::State::unavailable:
        return "unavailable";
    }
    return "ok";
}

} // namespace sportello::connectors
