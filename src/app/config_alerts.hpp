#pragma once

#include "config.hpp"
#include "toml_reader.hpp"

#include <functional>

namespace sportello::app {

/// What stands behind "env:NAME" or "file:PATH".
using SecretBehind = std::function<base::Result<std::string>(const std::string& source)>;

/// [alerts], [[alert]], [mail] and [backup]. Brands were read before.
void read_alerts(TableReader& root, const SecretBehind& secret, Config& config);

} // namespace sportello::app
