#pragma once

#include <sportello/http/message.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace sportello::api {

/// The names of an operation's query parameters, as the contract declares them.
[[nodiscard]] const std::set<std::string, std::less<>>& declared_parameters(http::Method method, std::string_view pattern);

} // namespace sportello::api
