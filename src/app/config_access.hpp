#pragma once

#include "toml_reader.hpp"

#include <functional>

namespace sportello::app {

/// The tables [access] and [oidc].
/// @param secret  reads "env:NAME" and "file:PATH"
void read_access(TableReader& root, const std::function<std::string(TableReader&, std::string_view)>& secret, Config& config);

} // namespace sportello::app
