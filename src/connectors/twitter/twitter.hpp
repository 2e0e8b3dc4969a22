#pragma once

#include <sportello/connectors/factory.hpp>

#include <memory>

namespace sportello::connectors::twitter {

[[nodiscard]] std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock,
                                              base::Random& random);

} // namespace sportello::connectors::twitter
