#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Codes of a second factor (TOTP, RFC 6238: SHA-1, 30 seconds, six digits, as every app on a phone makes them), by liboath.
namespace sportello::api {

/// Which 30 seconds `code` is of: those of now, or the ones before or after, since clocks differ. Nothing for a wrong code.
[[nodiscard]] std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, base::Instant now);
/// The code of an instant.
[[nodiscard]] std::string totp_code(std::string_view secret, base::Instant at);
/// As people type secrets: base32 without padding.
[[nodiscard]] std::string base32(std::string_view bytes);
/// What apps read from a picture: "otpauth://totp/Sportello:anna?secret=…".
[[nodiscard]] std::string otpauth_url(std::string_view issuer, std::string_view login, std::string_view secret);

} // namespace sportello::api
