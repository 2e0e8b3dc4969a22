#pragma once

#include "toml_reader.hpp"

namespace sportello::app {

/// Each [[crm_link]]; after the brands.
void read_crm_links(TableReader& root, Config& config);
/// [practice]: the address of the simulator; empty: this house is a real one.
[[nodiscard]] std::string read_practice(TableReader& root);

} // namespace sportello::app
