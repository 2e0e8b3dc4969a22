#pragma once

#include <sportello/domain/model.hpp>

#include <string>

namespace sportello::connectors {

/// Cuts what is larger than an item may be. @return what was cut, in words; empty when nothing was.
std::string cut_to_limits(domain::PlatformItem& item);

} // namespace sportello::connectors
