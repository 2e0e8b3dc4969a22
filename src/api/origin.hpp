#pragma once

#include <sportello/http/message.hpp>

#include <string_view>

namespace sportello::api {

/// Whether a request of a browser came from a page of this server: `Sec-Fetch-Site` must be same-origin (or none, typed by
/// hand) and `Origin` must name the Host asked, or `public_url`. What no browser sends is not judged: the token is.
[[nodiscard]] bool from_own_page(const http::Request& request, std::string_view public_url);

/// Whether a request's Host is the one of `public_url`; with an empty one every Host is right. A name that somebody else
/// points at this server must not become part of its cookies, links and caches.
[[nodiscard]] bool names_own_host(const http::Request& request, std::string_view public_url);

} // namespace sportello::api
