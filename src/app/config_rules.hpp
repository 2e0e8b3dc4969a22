#pragma once

#include "config.hpp"
#include "toml_reader.hpp"

namespace sportello::app {

/// [[rule]], [triage], [tickets] and [personal_data]. Brands and channels were read before.
void read_rules(TableReader& root, Config& config);
void read_personal_data(TableReader& root, Config& config);

} // namespace sportello::app
