#pragma once

#include <sportello/http/message.hpp>

#include <string_view>

namespace sportello::http {

/// Whether an Accept-Encoding allows `coding` ("gzip", "br"): named, or meant by `*`, and not with q=0.
[[nodiscard]] bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

/// Packs an answer with gzip when its reader takes that and it is worth it: text (JSON, CSV, HTML, JavaScript, CSS, SVG),
/// at least a kilobyte or a stream of rows, and not packed already. Adds Vary either way; a strong ETag becomes a weak one,
/// as the bytes are others. Event streams are left alone: each event leaves at once.
void compress(Response& response, std::string_view accept_encoding);

} // namespace sportello::http
