#pragma once

#include <sportello/connectors/sign_in.hpp>

namespace sportello::connectors::twitter {

[[nodiscard]] std::unique_ptr<SignIn> make_oauth2_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport,
                                                          base::Clock& clock, base::Random& random);
[[nodiscard]] std::unique_ptr<SignIn> make_oauth1_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport,
                                                          base::Clock& clock, base::Random& random);

} // namespace sportello::connectors::twitter
