#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <string>
#include <string_view>

namespace sportello::api {

/// What an ID token must say.
struct IdTokenRules {
    std::string issuer;
    std::string client_id;
    std::string nonce;
    base::Instant now{};
};

/// What one says of a person.
struct IdClaims {
    std::string subject;
    std::string email; ///< lower case; empty: not told
    bool email_verified = false;
    std::string name;
};

/// Checks an ID token (OpenID Connect Core 3.1.3.7): signed by one of the provider's keys with an algorithm of two keys
/// (RS, PS, ES; never `none`, never a shared secret), from this issuer, for us, for this log-in, and in time. By cjose.
/// @param jwks  the provider's keys (RFC 7517)
/// @return not_found when it is signed with a key that is not among them (they may have been changed), unauthenticated for
///         all else, in words for the log.
[[nodiscard]] base::Result<IdClaims> check_id_token(std::string_view token, std::string_view jwks, const IdTokenRules& rules);

} // namespace sportello::api
