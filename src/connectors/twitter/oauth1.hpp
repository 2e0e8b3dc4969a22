#pragma once

#include <sportello/http/message.hpp>

#include <string>
#include <string_view>

namespace sportello::connectors::twitter {

/// The four secrets of an OAuth 1.0a user context.
struct OAuth1Keys {
    std::string consumer_key;
    std::string consumer_secret;
    std::string token; ///< empty before a token was obtained
    std::string token_secret;
};

/// What makes one signature unlike the next.
struct OAuth1Stamp {
    std::string nonce;
    std::string timestamp; ///< Unix seconds
};

/// The signature (RFC 5849, HMAC-SHA1, base64) of a request.
/// @param url         scheme, host, port unless it is the scheme's, path; no query
/// @param parameters  query and, for a form body only, its fields; a JSON body is not signed
[[nodiscard]] std::string oauth1_signature(std::string_view method, std::string_view url, const http::Parameters& parameters,
                                           const OAuth1Keys& keys, const OAuth1Stamp& stamp);
/// The value of the Authorization header for the same request.
[[nodiscard]] std::string oauth1_header(std::string_view method, std::string_view url, const http::Parameters& parameters,
                                        const OAuth1Keys& keys, const OAuth1Stamp& stamp);

} // namespace sportello::connectors::twitter
