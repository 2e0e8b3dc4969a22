#include "listings.hpp"

#include "ids.hpp"

namespace sportello::simulator {
namespace {

/// "Ask_WellsFargo" -> "ask-wellsfargo": ids of brands and channels.
std::string slug(const std::string& account)
{
    auto id = ascii_lower(account);
    for (char& c : id) {
        if (c == '_') c = '-';
    }
    return id;
}

} // namespace

std::string credentials_name(const Account& account)
{
    std::string name = "SPORTELLO_" + std::string(to_string(account.platform)) + "_" + account.account;
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        const bool fits = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!fits) c = '_';
    }
    return name;
}

std::string channels_toml(const std::vector<Account>& accounts)
{
    std::string toml;
    for (const auto& account : accounts) {
        const auto id = slug(account.account);
        toml += "[[brand]]\nid = \"" + id + "\"\nname = \"" + account.name + "\"\ncalendar = \"office\"\n\n";
        toml += "[[channel]]\nid = \"" + id + (account.platform == Platform::facebook ? "-facebook" : "-x") + "\"\nbrand = \"" + id +
                "\"\nplatform = \"" + std::string(to_string(account.platform)) + "\"\naccount = \"" + account.account +
                "\"\ncredentials = \"env:" + credentials_name(account) + "\"\nstart_at = \"2000-01-01T00:00:00Z\"\n\n";
    }
    return toml;
}

std::string credentials_env(const std::vector<Account>& accounts)
{
    std::string lines;
    for (const auto& account : accounts) lines += credentials_name(account) + "=" + access_token(account) + "\n";
    return lines;
}

std::string pages_list(const std::vector<Account>& accounts)
{
    std::string lines;
    for (const auto& account : accounts) {
        lines += std::string(to_string(account.platform)) + "\t" + account.account + "\t" + page_path(account) + "\n";
    }
    return lines;
}

} // namespace sportello::simulator
