#pragma once

#include "toml_reader.hpp"

#include <sportello/domain/targets.hpp>
#include <sportello/engine/settings.hpp>

#include <functional>
#include <map>
#include <string>

namespace sportello::app {

using TargetPlans = std::map<std::string, domain::TargetPlan, std::less<>>;

/// Reads [targets]: "default" is always there.
[[nodiscard]] TargetPlans read_targets(TableReader& root);

/// Once the channels are known: targets that name a channel which does not exist are mistakes.
void check_target_channels(TableReader& root, const engine::Settings& settings);

/// Reads [acknowledgement] into the brands, which are known by now.
void read_acknowledgement(TableReader& root, engine::Settings& settings);

} // namespace sportello::app
