#pragma once

#include <sportello/base/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sportello::http {

/// An absolute http or https URL, taken apart.
struct Url {
    std::string scheme;     ///< "http" or "https", lower case
    std::string host;       ///< decoded, lower case, without brackets: "graph.facebook.com", "::1"
    std::uint16_t port = 0; ///< the one given, else 80 or 443
    std::string target;     ///< encoded path and query, at least "/": "/v19.0/me?fields=id"
};

/// Reads an absolute URL. A fragment is dropped.
/// @return invalid_input for another scheme, a missing host, user information, or a text that is no URL; the error does
///         not repeat the text, which may hold a token.
[[nodiscard]] base::Result<Url> parse_url(std::string_view text);

/// The value of a Host header for `url`: with brackets around an IPv6 address, with the port unless it is the scheme's.
[[nodiscard]] std::string host_header(const Url& url);

/// Whether a URL's host is this machine itself: "localhost", "::1", "127.0.0.1" and its kind.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace sportello::http
