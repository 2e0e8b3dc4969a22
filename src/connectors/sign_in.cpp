#include <sportello/connectors/sign_in.hpp>

#include "facebook/sign_in.hpp"
#include "twitter/sign_in.hpp"

namespace sportello::connectors {

std::unique_ptr<SignIn> make_sign_in(SignInWay way, ChannelSettings settings, std::string redirect, http::Transport& transport,
                                     base::Clock& clock, base::Random& random)
{
    switch (way) {
    case SignInWay::x_oauth2:
        return twitter::make_oauth2_sign_in(std::move(settings), std::move(redirect), transport, clock, random);
    case SignInWay::x_oauth1:
        return twitter::make_oauth1_sign_in(std::move(settings), std::move(redirect), transport, clock, random);
    case SignInWay::facebook:
        break;
    }
    return facebook::make_sign_in(std::move(settings), std::move(redirect), transport, clock, random);
}

boost::asio::awaitable<base::Result<SignedIn>> page_token_from(std::string token, ChannelSettings settings, http::Transport& transport,
                                                               base::Clock& clock)
{
    return facebook::page_token_from(std::move(token), std::move(settings), transport, clock);
}

} // namespace sportello::connectors
