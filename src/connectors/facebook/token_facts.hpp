#pragma once

#include "../answer.hpp"
#include <sportello/connectors/factory.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::connectors::facebook {

/// What Facebook says that a token is good for (GET /debug_token).
struct TokenFacts {
    bool valid = false;
    std::string type; ///< "PAGE", "SYSTEM_USER", "USER", "APP"
    std::string app_id;
    std::string page_id;                              ///< of a page token
    std::optional<Instant> expires_at;                ///< nothing: never, or not told
    std::optional<Instant> data_access_expires_at;    ///< likewise
    std::vector<std::pair<std::string, bool>> scopes; ///< each with whether it holds for the Page that was asked about
    std::string error;                                ///< why it is not valid, in Facebook's words
};
/// @param page  the Page whose grants count
[[nodiscard]] std::optional<TokenFacts> token_facts(const Json& body, const std::string& page);

/// The permissions that a counter asks for, separated by commas.
[[nodiscard]] std::string wanted_permissions();
/// Which of them the token lacks, each with what cannot be done without it; empty: none.
[[nodiscard]] std::string lacking_permissions(const TokenFacts& facts);
[[nodiscard]] ChannelAccess access_of(const TokenFacts& facts);

/// The appsecret_proof of a token.
[[nodiscard]] std::string proof_of(const std::string& token, const std::string& app_secret);
/// Asks what `token` is good for, in the name of the app.
[[nodiscard]] http::ClientRequest ask_about(const std::string& token, const ChannelSettings& settings);

/// Looks once a day at what the channel's token is good for, so that its end is known ahead.
class AccessWatch {
public:
    AccessWatch(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock);
    /// @return what was found when it is time to look again or the token is another; else nothing. Without the app's id and
    /// secret nobody can be asked.
    boost::asio::awaitable<std::optional<ChannelAccess>> look(std::string token);

private:
    ChannelSettings settings_;
    http::Transport& transport_;
    base::Clock& clock_;
    std::string looked_at_;
    Instant next_{};
};

} // namespace sportello::connectors::facebook
