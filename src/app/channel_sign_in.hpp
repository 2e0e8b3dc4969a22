#pragma once

#include "token_store.hpp"

#include <sportello/api/channel_sign_in.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/engine/engine.hpp>

#include <map>
#include <memory>

namespace sportello::app {

/// What `sportello channel connect` does, for the running server: from POST /v1/channels/{id}/connect to the browser's return.
class ServerSignIn final : public api::ChannelSignIn {
public:
    ServerSignIn(const Config& config, StoredTokens& store, http::Transport& transport, engine::Engine& engine, base::Clock& clock,
                 base::Random& random)
        : config_(config), store_(store), transport_(transport), engine_(engine), clock_(clock), random_(random)
    {
    }

    boost::asio::awaitable<base::Result<Begun>> begin(std::string channel, std::string redirect, std::int64_t by) override;
    boost::asio::awaitable<base::Result<Ended>> finish(http::Parameters answer) override;

private:
    struct Pending {
        std::string channel;
        std::int64_t by = 0;
        base::Instant expires_at{};
        std::unique_ptr<connectors::SignIn> steps;
    };

    const Config& config_;
    StoredTokens& store_;
    http::Transport& transport_;
    engine::Engine& engine_;
    base::Clock& clock_;
    base::Random& random_;
    std::map<std::string, Pending, std::less<>> pending_; ///< by the state, or OAuth 1.0a's token, that comes back
};

} // namespace sportello::app
