#pragma once

#include "house.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace sportello::simulator {

/// Who calls the X API: an account, or only its app.
struct XCaller {
    std::optional<std::size_t> account;            ///< absent: app-only
    std::optional<std::set<std::string>> scopes{}; ///< OAuth 2.0: what was granted; absent: everything
    bool oauth1 = false;
};

/// Reads a bearer token or verifies an OAuth 1.0a signature. Nothing when the call is not authenticated.
[[nodiscard]] std::optional<XCaller> authenticate_x(const House& house, const http::Request& request);

/// The fields of an `Authorization: OAuth …` header, decoded; empty when there is none.
[[nodiscard]] std::map<std::string, std::string> read_oauth1(const http::Request& request);
/// Whether the request carries the app's signature made with that token secret (empty before there is a token).
[[nodiscard]] bool signed_with(const http::Request& request, std::string_view token_secret);
/// "Basic base64(user:password)" taken apart; nothing when the header has another form.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> read_basic(const http::Request& request);
/// Where a token of OAuth 2.0 is kept in the world.
[[nodiscard]] std::string access_key(const std::string& token);

/// POST /oauth2/token: the app-only token for the app's key and secret.
[[nodiscard]] http::Response issue_app_token(const http::Request& request);

} // namespace sportello::simulator
