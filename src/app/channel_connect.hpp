#pragma once

#include "command_line.hpp"
#include "config.hpp"

namespace sportello::app {

/// `sportello channel connect ID`. @return the exit status.
int connect_channel(const CommandLine& line, const Config& config, const connectors::ChannelSettings& settings);

} // namespace sportello::app
