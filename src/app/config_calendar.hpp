#pragma once

#include "toml_reader.hpp"

#include <sportello/domain/calendar.hpp>

#include <memory>

namespace sportello::app {

/// Reads one [calendar.NAME] with its holiday files; null when it has mistakes, which are reported. A holiday file that has
/// no date in the twelve months after `now` is worth a warning.
[[nodiscard]] std::shared_ptr<const domain::Calendar> read_calendar(TableReader& reader, base::Instant now);

} // namespace sportello::app
