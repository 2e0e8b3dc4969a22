#include "facebook/app.hpp"
#include "facebook/facebook.hpp"
#include "twitter/twitter.hpp"
#include <sportello/base/log.hpp>
#include <sportello/connectors/factory.hpp>

namespace sportello::connectors {
namespace {

std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random,
                                std::shared_ptr<facebook::App> app)
{
    const auto& secrets = settings.credentials;
    for (const auto& secret : {secrets.access_token, secrets.access_token_secret, secrets.consumer_secret, secrets.app_secret}) {
        if (secret.size() >= 8) base::hide_in_logs(secret);
    }
    if (settings.platform == domain::Platform::facebook) return facebook::make(std::move(settings), transport, clock, std::move(app));
    return twitter::make(std::move(settings), transport, clock, random);
}

} // namespace

std::map<std::string, std::unique_ptr<Connector>, std::less<>>
make_connectors(std::span<const ChannelSettings> channels, http::Transport& transport, base::Clock& clock, base::Random& random)
{
    std::map<std::string, std::unique_ptr<Connector>, std::less<>> connectors;
    std::map<std::string, std::shared_ptr<facebook::App>> apps; // the secret is what channels of one app have in common
    for (const auto& channel : channels) {
        const std::string& secret = channel.credentials.app_secret;
        auto& app = apps[secret.empty() ? "of " + channel.id : channel.api_base + " " + secret];
        if (!app) app = std::make_shared<facebook::App>();
        connectors.emplace(channel.id, make(channel, transport, clock, random, app));
    }
    return connectors;
}

std::unique_ptr<Connector> make_connector(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random)
{
    return make(std::move(settings), transport, clock, random, std::make_shared<facebook::App>());
}

} // namespace sportello::connectors
