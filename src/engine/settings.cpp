#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

template <class Item> const Item* find_by_id(const std::vector<Item>& items, std::string_view id)
{
    const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
    return found == items.end() ? nullptr : &*found;
}

} // namespace

const BrandSettings* Settings::brand(std::string_view id) const
{
    return find_by_id(brands, id);
}

const ChannelSettings* Settings::channel(std::string_view id) const
{
    return find_by_id(channels, id);
}

const TeamSettings* Settings::team(std::string_view id) const
{
    return find_by_id(teams, id);
}

const TeamSettings* Settings::phone_desk() const
{
    const auto found = std::find_if(teams.begin(), teams.end(), [](const TeamSettings& team) { return team.is_phone_desk(); });
    return found == teams.end() ? nullptr : &*found;
}

std::string private_link_of(const ChannelSettings& channel)
{
    if (!channel.private_link.empty()) return channel.private_link;
    return (channel.platform == domain::Platform::facebook ? "https://m.me/" : "https://x.com/") + channel.account;
}

bool Actor::may_see(std::string_view brand) const
{
    return domain::authorize(standing(), domain::Deed::see, {.brand = brand}) == domain::Verdict::allowed;
}

const domain::OutageReader& OutageSettings::words() const
{
    return reader ? *reader : *domain::OutageReader::usual();
}

base::Duration OutageSettings::pace(domain::Platform platform, domain::Visibility visibility) const
{
    if (platform == domain::Platform::facebook) return pace_facebook;
    return visibility == domain::Visibility::private_ ? pace_twitter_private : pace_twitter;
}

} // namespace sportello::engine
