#pragma once

#include "house.hpp"

#include <map>
#include <optional>
#include <string>

namespace sportello::simulator {

/// Sign-in on X: OAuth 1.0a (request_token, authorize, access_token), OAuth 2.0 with PKCE (authorize, token, refresh,
/// revoke) and the app's own token. The two authorise pages ask a person which account grants; the control API can have
/// them send back at once.
class XOauth {
public:
    explicit XOauth(House& house) : house_(house) {}
    /// @param path  without the simulator's own prefix. @return nothing when the path is none of these
    std::optional<http::Response> serve(const http::Request& request, std::string_view path);

private:
    /// An authorisation on its way, by its code, request token or nothing yet.
    struct Request {
        std::string callback, state, challenge, method, client, scope;
        std::string account; ///< handle; empty: nobody has granted yet
        Instant until;
    };

    http::Response request_token(const http::Request& request);
    http::Response authorize1(const http::Request& request);
    http::Response access_token1(const http::Request& request);
    http::Response authorize2(const http::Request& request);
    http::Response token2(const http::Request& request);
    http::Response revoke2(const http::Request& request);
    http::Response refresh(const std::string& token, const std::string& client);
    http::Response issue(const std::string& account, const std::string& scope, const std::string& client);
    [[nodiscard]] std::string page(const std::string& action, const std::string& asks) const;

    House& house_;
    std::map<std::string, Request> tokens_; ///< OAuth 1.0a, by request token; the verifier is the token's own end
    std::map<std::string, Request> codes_;  ///< OAuth 2.0, by code
};

} // namespace sportello::simulator
