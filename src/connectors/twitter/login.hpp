#pragma once

#include "../answer.hpp"
#include "oauth1.hpp"
#include <sportello/connectors/factory.hpp>

#include <list>
#include <memory>
#include <string>

namespace sportello::connectors::twitter {

/// What the calls of one account are signed with, and how it stays good: OAuth 2.0 tokens last two hours and are renewed
/// ahead of their end, or when X refuses them. Each refresh token serves once, so there is one refresh at a time, and the
/// new pair is kept durably before anything is signed with it. OAuth 1.0a tokens last; they are only signed with.
class Login {
public:
    Login(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, base::Random& random);

    /// Makes sure that calls can be signed. @return ok, or why none can be made.
    boost::asio::awaitable<ChannelTrouble> ready();
    /// X refused a call that was signed while the token was `used`. Looks for a newer one, once.
    /// @return ok: there is a newer one; else why not.
    boost::asio::awaitable<ChannelTrouble> renew(std::string used);

    /// The Authorization header of a call; ready() was ok.
    [[nodiscard]] std::string authorization(http::Method method, const std::string& url, const http::Parameters& query);
    /// The token that authorization() uses now; empty: none.
    [[nodiscard]] const std::string& token() const { return tokens_.access_token; }
    [[nodiscard]] const Tokens& tokens() const { return tokens_; }
    /// Whether the tokens are ours to renew: they live in a store.
    [[nodiscard]] bool stored() const { return store_ != nullptr; }

private:
    /// The refresh that is under way, and who waits for its end. Coroutines of a server that is taken apart end in any
    /// order, after the connector too: they share this, and touch nothing else on their way out.
    struct Refreshing {
        bool under_way = false;
        std::list<base::Timer*> waiting;
    };
    class UnderWay;
    class Waiting;

    boost::asio::awaitable<ChannelTrouble> refresh(std::string used);
    boost::asio::awaitable<ChannelTrouble> refresh_alone();
    boost::asio::awaitable<ChannelTrouble> keep_new();
    boost::asio::awaitable<bool> take_stored();
    boost::asio::awaitable<void> wait_for_refresh();
    [[nodiscard]] ChannelTrouble refusal(const Answer& answer);
    [[nodiscard]] ChannelTrouble not_connected(const std::string& why) const;
    void take(Tokens tokens);

    std::string channel_;
    std::string token_url_;
    std::string client_id_;
    std::string client_secret_;
    OAuth1Keys keys_; ///< the app's two; the token's two are those of tokens_
    TokenStore* store_;
    http::Transport& transport_;
    base::Clock& clock_;
    base::Random& random_;

    Tokens tokens_;
    std::optional<Tokens> unkept_; ///< obtained, not yet durable: nothing is signed with these
    std::string store_trouble_;    ///< why the store could not be read the last time
    std::string dead_refresh_token_;
    bool answer_lost_ = false; ///< of the last refresh: if the token is refused now, that was why
    std::shared_ptr<Refreshing> refreshing_ = std::make_shared<Refreshing>();
    ChannelTrouble last_; ///< how the last refresh ended
    Instant not_before_{};
};

} // namespace sportello::connectors::twitter
