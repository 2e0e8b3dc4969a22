#pragma once

#include <sportello/base/error.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sportello::api {

/// A body as JSON. @return invalid_input, in words, for what is none, nests deeper than 64 levels or gives a key twice.
[[nodiscard]] base::Result<nlohmann::json> read_json(std::string_view body);

/// A member of an object that is a text; empty when there is none.
[[nodiscard]] std::string text_of(const nlohmann::json& object, const char* name);

} // namespace sportello::api
