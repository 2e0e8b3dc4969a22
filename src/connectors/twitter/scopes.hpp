#pragma once

#include <string>
#include <string_view>

namespace sportello::connectors::twitter {

/// The OAuth 2.0 scopes that a counter asks for, separated by blanks.
[[nodiscard]] std::string wanted_scopes();
/// Which of them `granted` (separated by blanks) lacks, each with what cannot be done without it; empty: none.
[[nodiscard]] std::string lacking_scopes(std::string_view granted);

} // namespace sportello::connectors::twitter
