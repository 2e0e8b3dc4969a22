#pragma once

#include <cstddef>
#include <string_view>

namespace sportello::domain {

/// How many code points at the beginning of `text` are a top-level domain after which a host may end; 0 if none.
[[nodiscard]] std::size_t top_level_domain_length(std::u32string_view text);

} // namespace sportello::domain
