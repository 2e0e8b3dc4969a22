#pragma once

#include "graph_input.hpp"

#include <boost/asio/awaitable.hpp>

namespace sportello::simulator {

/// The app's own calls, which need its id and secret and no token: tokens for codes, longer tokens, revoking.
/// @param path  {"oauth", "access_token"} or {"oauth", "revoke"}
[[nodiscard]] ordered_json answer_oauth(House& house, const std::vector<std::string>& path, const GraphInput& input);

/// What a token is worth: {"data": {…}}. A bad one is told inside the answer.
[[nodiscard]] ordered_json debug_token(const GraphView& view, const GraphInput& input);

/// A system user's new token. @return {"access_token"}
[[nodiscard]] ordered_json issue_system_token(const GraphView& view, const GraphInput& input);

/// The permissions of a person's token, and their end (error 190/458 from then on).
[[nodiscard]] ordered_json list_permissions(const GraphView& view);
[[nodiscard]] ordered_json revoke_permissions(const GraphView& view);

/// Where the app is told of Pages. Subscribing asks the callback first whether it wants that.
[[nodiscard]] boost::asio::awaitable<void> subscribe_app(const GraphView& view, const GraphInput& input);
[[nodiscard]] ordered_json list_subscriptions(const GraphView& view, std::string_view version);
[[nodiscard]] ordered_json unsubscribe_app(const GraphView& view);

/// What the app is told of one Page.
[[nodiscard]] ordered_json subscribe_page(const GraphView& view, const GraphInput& input);
[[nodiscard]] ordered_json list_subscribed_apps(const GraphView& view);
[[nodiscard]] ordered_json unsubscribe_page(const GraphView& view);

/// The page on which a person lets the app act for Pages, and what follows: back to `redirect_uri` with a code.
[[nodiscard]] http::Response oauth_dialog(House& house, const http::Request& request);

} // namespace sportello::simulator
