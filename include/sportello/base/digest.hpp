#pragma once

#include <string>
#include <string_view>

namespace sportello::base {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits: token hashes, migration checksums, entity tags.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// HMAC-SHA256 as lower-case hexadecimal (Facebook's appsecret_proof and webhook signatures).
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view message);
/// HMAC-SHA256 as base64 (X's webhook answers and signatures).
[[nodiscard]] std::string hmac_sha256_base64(std::string_view key, std::string_view message);
/// HMAC-SHA1 as lower-case hexadecimal (the older signature of Facebook's webhooks).
[[nodiscard]] std::string hmac_sha1_hex(std::string_view key, std::string_view message);
/// HMAC-SHA1 as base64 (OAuth 1.0a).
[[nodiscard]] std::string hmac_sha1_base64(std::string_view key, std::string_view message);

/// `bytes` as base64url without padding.
[[nodiscard]] std::string base64url(std::string_view bytes);
/// SHA-256 of `bytes` as base64url without padding (PKCE's S256).
[[nodiscard]] std::string sha256_base64url(std::string_view bytes);
/// `bytes` as base64 with padding (HTTP Basic).
[[nodiscard]] std::string base64(std::string_view bytes);

/// Argon2id hash of a password, with its salt and parameters, for storing. Slow on purpose (tens of milliseconds, 64 MiB).
[[nodiscard]] std::string hash_password(std::string_view password);
/// Whether `password` belongs to `hash`; constant time in the comparison.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);
/// Compares two secrets in constant time.
[[nodiscard]] bool equal_secret(std::string_view a, std::string_view b);

} // namespace sportello::base
