#pragma once

#include <sportello/connectors/factory.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sportello::connectors {

/// How a channel is signed in.
enum class SignInWay {
    facebook, ///< the app's dialog; from the person's token to the Page's own
    x_oauth2, ///< authorization code with PKCE; tokens that renew themselves
    x_oauth1  ///< tokens that last; with a PIN where no redirect is possible
};
/// What the redirect is for x_oauth1 when X shows a PIN instead.
inline constexpr std::string_view no_redirect = "oob";

/// A sign-in that came to its end, with the right account. Nothing is stored yet.
struct SignedIn {
    Tokens tokens;
    std::string account;            ///< as the platform names it: "TIM (104000000000002)", "@TIM_Sportello"
    std::vector<std::string> notes; ///< what should be known: tasks that the person lacks, when it ends
};

/// One sign-in of one channel: begin(), then a person in a browser, then finish().
class SignIn {
public:
    virtual ~SignIn() = default;
    /// @return the address to be opened in a browser
    virtual boost::asio::awaitable<base::Result<std::string>> begin() = 0;
    /// @param answer  the query that came with the redirect; or what was typed: `code` (OAuth 2.0) or `oauth_verifier`
    /// @param typed   there was no redirect whose state could be compared
    /// @return errors in words, with what to do: refused, another account, a code too old
    virtual boost::asio::awaitable<base::Result<SignedIn>> finish(http::Parameters answer, bool typed) = 0;
};

/// @param redirect  where the browser is sent afterwards: one that is registered with the app
[[nodiscard]] std::unique_ptr<SignIn> make_sign_in(SignInWay way, ChannelSettings settings, std::string redirect,
                                                   http::Transport& transport, base::Clock& clock, base::Random& random);

/// From a token that was made elsewhere (a system user's, a person's long-lived one, the Page's own) to the Page's token.
[[nodiscard]] boost::asio::awaitable<base::Result<SignedIn>> page_token_from(std::string token, ChannelSettings settings,
                                                                             http::Transport& transport, base::Clock& clock);

} // namespace sportello::connectors
