#pragma once

#include "toml_reader.hpp"

#include <sportello/domain/calendar.hpp>

#include <memory>

namespace sportello::app {

/// Reads one [calendar.NAME]; null when it has mistakes, which are reported.
[[nodiscard]] std::shared_ptr<const domain::Calendar> read_calendar(TableReader& reader);

} // namespace sportello::app
