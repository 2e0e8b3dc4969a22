#pragma once

#include "problem.hpp"
#include "sessions.hpp"

#include <sportello/api/api.hpp>

#include <optional>
#include <string_view>

namespace sportello::api {

/// Whether this caller (null: nobody) may use this route: the role, the scopes of a token, what only a person in front of
/// a browser may do, and a log-in that is not finished yet. The one place that says so; every request passes it before
/// anything else is read. What a caller may do to one *thing* (which brand's? which team's?) is asked where the thing is
/// read: engine::visible_ticket(), engine::workable_ticket() and Actor::may_see(), all of them domain::authorize().
/// @param remote_address  where the request comes from: some routes are open to this machine
/// @return nothing when they may, else what to answer.
[[nodiscard]] std::optional<Problem> authorize(const Caller* caller, Access access, http::Method method, std::string_view pattern,
                                               std::string_view remote_address);

/// Routes that no token opens, whatever its scopes: a stolen one must not become a lasting way in.
[[nodiscard]] bool is_for_people_only(std::string_view pattern);

} // namespace sportello::api
