#pragma once

#include <sportello/domain/reply_routes.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// "Continue in private": one step for an agent, whatever the platform allows at the moment.
namespace sportello::domain {

/// The best way that is open: a private message, else the one private reply to a comment, else a public answer that invites
/// the customer to write to us. Nothing: none is.
[[nodiscard]] std::optional<RouteKind> private_turn(std::span<const ReplyRoute> routes);

/// What is said when the agent words nothing.
/// @param name  how the person is spoken to, may be empty
/// @param link  where an invitation leads; of no account for the other ways
[[nodiscard]] std::string private_turn_text(RouteKind kind, std::string_view language, std::string_view name, std::string_view link);

} // namespace sportello::domain
