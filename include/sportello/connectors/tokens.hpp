#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::connectors {

/// What a channel signs its calls with, as a sign-in or a refresh gave it. Secret from the first byte to the last.
struct Tokens {
    enum class Kind {
        facebook_page, ///< a token of the Page, or of a system user
        x_oauth1,      ///< token and secret of an account; the app's two keys are the configuration's
        x_oauth2       ///< two hours long, with a refresh token that serves once
    };
    Kind kind = Kind::facebook_page;
    std::string access_token;
    std::string token_secret;                ///< x_oauth1
    std::string refresh_token;               ///< x_oauth2; empty: it cannot be renewed
    std::optional<base::Instant> expires_at; ///< nothing: never, or not known
    std::string scope;                       ///< as granted, separated by blanks; empty: not known
};
[[nodiscard]] std::string_view to_string(Tokens::Kind kind);
[[nodiscard]] std::optional<Tokens::Kind> parse_tokens_kind(std::string_view word);

/// For sealing: everything but the kind, as JSON.
[[nodiscard]] std::string to_json(const Tokens& tokens);
/// @return invalid_input without repeating anything of `json`.
[[nodiscard]] base::Result<Tokens> tokens_from_json(Tokens::Kind kind, std::string_view json);

/// Where tokens live between two runs. All calls on the connectors' executor.
class TokenStore {
public:
    virtual ~TokenStore() = default;
    /// What was kept last, by this process or another; nothing before the channel was connected.
    virtual boost::asio::awaitable<base::Result<std::optional<Tokens>>> load(std::string channel) = 0;
    /// Takes the place of what was there. Durable when it returns: only then may the tokens be used.
    virtual boost::asio::awaitable<base::Result<void>> keep(std::string channel, Tokens tokens) = 0;
};

} // namespace sportello::connectors
