#pragma once

#include "../json.hpp"

#include <functional>
#include <string>

namespace sportello::connectors::twitter {

/// What a person reads: every short link of `entities.urls` replaced by the address it stands for, links to media that
/// are `attached` anyway left out, HTML entities decoded once. Offsets count code points of the text as it came;
/// entities that do not fit the text are looked for by their short link, and otherwise left alone.
[[nodiscard]] std::string readable_text(const Json& text, const Json& entities,
                                        const std::function<bool(const std::string& media_key)>& attached);

} // namespace sportello::connectors::twitter
