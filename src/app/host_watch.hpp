#pragma once

#include "config.hpp"

#include <sportello/engine/alerts.hpp>

namespace sportello::app {

/// Looks at the disk of the database and at the folder of backups. Both are asked once a second at most.
[[nodiscard]] engine::HostWatch watch_host(const Config& config, base::Clock& clock);

} // namespace sportello::app
