#pragma once

#include "context.hpp"

/// ETag, If-None-Match and If-Match, for every resource alike. A tag is `"REVISION-DIGEST"` where people edit together,
/// `"DIGEST"` elsewhere: If-None-Match compares all of it, since an answer tells more than what was edited (clocks, routes);
/// If-Match compares the revision where there is one.
namespace sportello::api {

/// Gives a success its ETag: of the body, and of the revision that the handler set, if it did.
void add_tag(http::Response& response);
/// The answer to a conditional GET: 304 without a body when the client has this one already.
[[nodiscard]] http::Response unless_known(const http::Request& request, http::Response response);
/// Whether an If-Match names what `present`, the answer of GET with its tag, shows.
[[nodiscard]] bool is_wanted(const http::Request& request, const http::Response& present);

} // namespace sportello::api
