#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/connectors/connector.hpp>
#include <sportello/connectors/tokens.hpp>
#include <sportello/http/client.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>

namespace sportello::connectors {

/// Secrets of one channel, read from the environment or a file by `app`; never logged.
struct Credentials {
    std::string access_token;        ///< Facebook: page token; X: OAuth 1.0a token or OAuth 2.0 bearer
    std::string access_token_secret; ///< X, OAuth 1.0a only
    std::string consumer_key;        ///< X, OAuth 1.0a only
    std::string consumer_secret;
    std::string app_secret; ///< Facebook: for appsecret_proof; empty: no proof is sent
    std::string app_id;     ///< Facebook: with the secret, for asking what a token is good for; may be empty
    // X, OAuth 2.0: of the app, for renewing tokens. No secret: a public client.
    std::string client_id;
    std::string client_secret;
};

struct ChannelSettings {
    std::string id; ///< "tim-facebook"
    std::string brand;
    domain::Platform platform = domain::Platform::facebook;
    std::string account;  ///< Page id, or handle without '@'
    std::string api_base; ///< "https://graph.facebook.com/v25.0" or "https://api.x.com/2"; no slash at the end
    Credentials credentials;
    /// Where the channel's tokens are kept; then those of `credentials` are empty. Null: `credentials` has the only ones,
    /// and they cannot be renewed.
    TokenStore* token_store = nullptr;
    std::optional<Tokens> tokens;                      ///< what the store has at the start; nothing: the channel was not connected yet
    base::Duration overlap = std::chrono::minutes(15); ///< re-read at least so much each time
    domain::MoneyCaps money;                           ///< what the channel may cost
    bool owned_reads = false; ///< X: the account itself owns the app, so that reading its mentions and posts is cheaper
    bool human_agent = false; ///< Facebook: the Human Agent feature is granted (7 days instead of 24 h)
};

/// The connectors of all channels, by the channels' ids. Channels of one Facebook app share its quota: none starves the
/// others.
[[nodiscard]] std::map<std::string, std::unique_ptr<Connector>, std::less<>>
make_connectors(std::span<const ChannelSettings> channels, http::Transport& transport, base::Clock& clock, base::Random& random);
/// One channel by itself.
[[nodiscard]] std::unique_ptr<Connector> make_connector(ChannelSettings settings, http::Transport& transport, base::Clock& clock,
                                                        base::Random& random);

} // namespace sportello::connectors
