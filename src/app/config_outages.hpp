#pragma once

#include "toml_reader.hpp"

#include <sportello/engine/settings.hpp>

namespace sportello::app {

/// Reads [outages]: the radar, further words and places, and how fast a text to all leaves.
void read_outages(TableReader& root, engine::OutageSettings& outages);

} // namespace sportello::app
