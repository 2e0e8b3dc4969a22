#pragma once

#include "id_token.hpp"

#include <sportello/api/api.hpp>
#include <sportello/base/seal.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace sportello::api {

/// Logging in at an OpenID provider: code flow with PKCE, state and nonce (OpenID Connect Core, RFC 7636, RFC 9207). What must
/// come back is sealed into a cookie of the browser that began, so no other browser can end what it did not begin.
class Oidc {
public:
    Oidc(base::Clock& clock, base::Random& random, const Options& options);

    /// What was asked for.
    struct Purpose {
        std::string return_to = "/";         ///< a path of ours
        std::optional<std::int64_t> link_to; ///< the agent who adds the account to theirs; nothing: a log-in
    };
    struct Begun {
        std::string url;    ///< at the provider
        std::string cookie; ///< to give back to finish()
    };
    /// @return unavailable when the provider cannot be reached or is not what is configured.
    boost::asio::awaitable<base::Result<Begun>> begin(std::string redirect_uri, Purpose purpose);

    struct Finished {
        IdClaims claims;
        Purpose purpose;
    };
    /// @param parameters  with which the browser came back
    /// @return unauthenticated when what came back does not belong to what was begun or does not check; unavailable.
    boost::asio::awaitable<base::Result<Finished>> finish(http::Parameters parameters, std::string cookie, std::string redirect_uri);

    [[nodiscard]] bool configured() const { return options_.oidc.has_value(); }
    [[nodiscard]] const OidcProvider& provider() const { return *options_.oidc; }

private:
    struct Metadata {
        std::string authorization_endpoint;
        std::string token_endpoint;
        std::string userinfo_endpoint; ///< may be empty
        std::string jwks_uri;
        bool secret_in_body = false; ///< client_secret_post is the only way it takes
        bool tells_issuer = false;   ///< RFC 9207
    };
    struct Tokens {
        std::string id_token;
        std::string access_token;
    };
    boost::asio::awaitable<base::Result<std::string>> get(std::string url, std::string bearer);
    boost::asio::awaitable<base::Result<Metadata>> metadata();
    boost::asio::awaitable<base::Result<std::string>> keys(std::string url, bool fresh);
    boost::asio::awaitable<base::Result<Tokens>> redeem(Metadata provider, std::string code, std::string verifier,
                                                        std::string redirect_uri);
    boost::asio::awaitable<base::Result<void>> add_userinfo(std::string url, std::string access_token, IdClaims& claims);
    [[nodiscard]] base::Result<const base::Sealer*> sealer();

    base::Clock& clock_;
    base::Random& random_;
    const Options& options_;
    std::optional<base::Sealer> own_sealer_;
    std::optional<Metadata> metadata_;
    base::Instant metadata_until_{};
    std::string keys_;
    base::Instant keys_read_{};
};

} // namespace sportello::api
