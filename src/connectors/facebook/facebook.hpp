#pragma once

#include <sportello/connectors/factory.hpp>

#include <memory>

namespace sportello::connectors::facebook {

[[nodiscard]] std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock);

} // namespace sportello::connectors::facebook
