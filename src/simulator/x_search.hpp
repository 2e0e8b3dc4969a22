#pragma once

#include "house.hpp"

#include <functional>
#include <string>

namespace sportello::simulator {

using Matches = std::function<bool(const Item&)>;

/// Compiles a query of recent search: conversation_id:, from:, to:, @user, in_reply_to_tweet_id:, is:reply, #tag, words
/// and "phrases"; blank is AND, OR, - and (). @throw XFailure 400 for an operator that is not known or an open bracket.
[[nodiscard]] Matches compile_search(const World& world, const std::string& query);

} // namespace sportello::simulator
