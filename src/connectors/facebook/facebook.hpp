#pragma once

#include <sportello/connectors/factory.hpp>

#include <memory>

namespace sportello::connectors::facebook {

class App;

/// @param app  what the channel shares with the others of its app
[[nodiscard]] std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock,
                                              std::shared_ptr<App> app);

} // namespace sportello::connectors::facebook
