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

std::string_view to_string(ActionKind kind)
{
    switch (kind) {
    case ActionKind::hide:
        return "hide";
    case ActionKind::unhide:
        return "unhide";
    case ActionKind::like:
        return "like";
    case ActionKind::unlike:
        return "unlike";
    case ActionKind::remove:
        return "remove";
    case ActionKind::edit:
        return "edit";
    case ActionKind::post:
        return "post";
    }
    return "";
}

boost::asio::awaitable<ActionOutcome> Connector::act(Action action)
{
    ActionOutcome outcome;
    outcome.outcome = ActionOutcome::Class::failed;
    outcome.reason = "\"" + std::string(to_string(action.kind)) + "\" cannot be done on this platform";
    co_return outcome;
}

std::vector<Confirmation> Connector::confirmations(std::string_view) const
{
    return {};
}

DeliveryNews Connector::news_in(std::string_view delivery) const
{
    DeliveryNews news;
    news.confirmations = confirmations(delivery);
    return news;
}

} // namespace sportello::connectors
