#pragma once

#include <sportello/base/time.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::connectors {

using Json = nlohmann::json;

/// Reads a platform's answer. Bytes that are no UTF-8 and lone surrogates become U+FFFD, and so does what lies deeper
/// than 64 levels: one bad text must not hide the page it stands on.
/// @return nothing when the text is no JSON or names a member twice.
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

// Looking into an answer that may have any shape: none of these throws.

/// The member `name` of an object; null when there is none or `value` is no object.
[[nodiscard]] const Json& member(const Json& value, std::string_view name);
/// The elements of an array; an empty array for anything else.
[[nodiscard]] const Json& elements(const Json& value);
/// A string as clean UTF-8; empty for anything else.
[[nodiscard]] std::string text_of(const Json& value);
/// An id given as string or whole number; empty unless it is 1..512 visible ASCII characters.
[[nodiscard]] std::string id_of(const Json& value);
/// A whole number, also when it is written as a string.
[[nodiscard]] std::optional<std::int64_t> integer_of(const Json& value);
/// RFC 3339, Facebook's form of it, or Unix seconds as a number.
[[nodiscard]] std::optional<base::Instant> instant_of(const Json& value);

/// Whether a text anywhere in `value` holds U+0000 or U+FFFD: what was written there is not known any more.
[[nodiscard]] bool is_damaged(const Json& value);

/// `value` on one line for keeping: registered secrets and access tokens inside URLs removed, at most 64 KiB.
[[nodiscard]] std::string scrubbed(const Json& value);

} // namespace sportello::connectors
