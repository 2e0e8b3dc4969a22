#pragma once

#include <sportello/http/message.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a token may be limited to. A route belongs to an area, told by the first word of its path ("/v1/tickets/…" to
/// `tickets`); reading it needs "AREA:read", changing "AREA:write", and who may write may read.
namespace sportello::api {

/// The scope that a route asks for; empty: none (who am I). Routes of no area answer "?": no scope covers that, and
/// the access test says what to do.
[[nodiscard]] std::string scope_of(http::Method method, std::string_view pattern);
/// Every scope there is.
[[nodiscard]] std::vector<std::string> all_scopes();
/// @param scopes  a token's; empty: everything
[[nodiscard]] bool covers(std::span<const std::string> scopes, std::string_view needed);

} // namespace sportello::api
