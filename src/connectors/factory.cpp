#include "facebook/facebook.hpp"
#include "twitter/twitter.hpp"
#include <sportello/base/log.hpp>
#include <sportello/connectors/factory.hpp>

namespace sportello::connectors {

std::unique_ptr<Connector> make_connector(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random)
{
    const auto& secrets = settings.credentials;
    for (const auto& secret : {secrets.access_token, secrets.access_token_secret, secrets.consumer_secret, secrets.app_secret}) {
        if (secret.size() >= 8) base::hide_in_logs(secret);
    }
    if (settings.platform == domain::Platform::facebook) return facebook::make(std::move(settings), transport, clock);
    return twitter::make(std::move(settings), transport, clock, random);
}

} // namespace sportello::connectors
