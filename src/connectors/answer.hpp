#pragma once

#include "json.hpp"
#include <sportello/connectors/connector.hpp>
#include <sportello/http/client.hpp>

#include <optional>
#include <string>

namespace sportello::connectors {

/// A platform's answer to one call, read as far as it can be.
struct Answer {
    int status = 0; ///< 0: there was no answer; then `failure` says why
    http::Headers headers;
    std::optional<Json> body;        ///< nothing when the body is no JSON (gateways answer HTML)
    std::string raw;                 ///< then the first 64 KiB of it
    std::string failure;             ///< without URL and secrets
    bool request_bytes_left = false; ///< without answer: false only if provably no byte of the request left
    /// What the channel itself says, and then counts: nobody was asked since there is no token or no budget, or the token
    /// was refused and there is a new one.
    std::optional<ChannelTrouble> obstacle;

    [[nodiscard]] bool arrived() const { return status != 0; }
    [[nodiscard]] bool success() const { return status >= 200 && status < 300; }
    [[nodiscard]] const Json& json() const;
};

[[nodiscard]] Answer read_answer(http::Exchange exchange);
/// Of a call that was not made.
[[nodiscard]] Answer not_asked(ChannelTrouble why);

/// Of a call that the channel's budget does not permit now.
[[nodiscard]] Answer held_back(const domain::Permit& permit, Instant now);

/// The platform's clock by the Date header, to the second.
[[nodiscard]] std::optional<Instant> date_of(const http::Headers& headers);
/// Until when Retry-After (seconds or a date) asks us to wait.
[[nodiscard]] std::optional<Instant> retry_after(const http::Headers& headers, Instant now);
/// A whole number in a header.
[[nodiscard]] std::optional<std::int64_t> number_in(const http::Headers& headers, std::string_view name);

/// A channel is never left unasked for longer than an hour, whatever a platform says (I12).
[[nodiscard]] Instant within_an_hour(Instant wanted, Instant now);

} // namespace sportello::connectors
