#pragma once

#include <sportello/connectors/sign_in.hpp>

namespace sportello::connectors::facebook {

[[nodiscard]] std::unique_ptr<SignIn> make_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport,
                                                   base::Clock& clock, base::Random& random);
[[nodiscard]] boost::asio::awaitable<base::Result<SignedIn>> page_token_from(std::string token, ChannelSettings settings,
                                                                             http::Transport& transport, base::Clock& clock);

} // namespace sportello::connectors::facebook
