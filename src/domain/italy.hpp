#pragma once

#include <string_view>

namespace sportello::domain {

/// config/places/italy.tsv as it was when the program was built: no installation lacks it.
[[nodiscard]] std::string_view italy_tsv();

} // namespace sportello::domain
