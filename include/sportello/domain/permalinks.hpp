#pragma once

#include <sportello/domain/model.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// The platform's id of a message that a person names: the id itself, or its address as copied from the browser (X:
/// ".../status/ID"; Facebook: a comment's address, with the ids of post and comment). Nothing when neither.
[[nodiscard]] std::optional<std::string> platform_id_in(Platform platform, std::string_view pasted);

} // namespace sportello::domain
