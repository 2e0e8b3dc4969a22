#include "config_access.hpp"

#include <sportello/http/url.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

void read_sessions(TableReader& reader, AccessConfig& access)
{
    base::Duration idle = access.session_idle;
    base::Duration longest = access.session_longest;
    reader.duration("session_idle", 1min, 24h * 7, idle);
    reader.duration("session_longest", 5min, 24h * 30, longest);
    access.session_idle = std::chrono::floor<std::chrono::minutes>(idle);
    access.session_longest = std::chrono::floor<std::chrono::minutes>(longest);
    if (access.session_idle > access.session_longest) reader.problem("session_idle", "expected at most session_longest");
    std::vector<std::string> roles;
    reader.texts("second_factor_for", roles);
    for (const std::string& word : roles) {
        const auto role = domain::parse_role(word);
        if (role) access.second_factor_for.push_back(*role);
        else reader.problem("second_factor_for", "expected \"phone\", \"agent\", \"supervisor\" or \"admin\", not \"" + word + "\"");
    }
}

void read_people(TableReader& reader, const std::vector<AgentConfig>& agents, api::OidcProvider& provider)
{
    const toml::table* people = reader.table("people");
    if (!people) return;
    for (auto&& [subject, node] : *people) {
        const auto login = node.value<std::string>();
        if (!login || login->empty()) {
            reader.problems().add(node, "oidc.people: expected \"SUBJECT\" = \"LOGIN\"");
            continue;
        }
        // People may also have been added over the API, so an unknown login is no mistake.
        const bool known = std::any_of(agents.begin(), agents.end(), [&](const AgentConfig& agent) { return agent.login == *login; });
        if (!known) reader.problems().warn(node, "oidc.people: no [[agent]] has the login " + *login);
        provider.people[std::string(subject.str())] = *login;
    }
}

void read_oidc(TableReader& reader, const std::function<std::string(TableReader&, std::string_view)>& secret, Config& config)
{
    api::OidcProvider provider;
    reader.text("issuer", provider.issuer);
    reader.text("client_id", provider.client_id);
    provider.client_secret = secret(reader, "client_secret");
    reader.text("name", provider.name);
    reader.texts("scopes", provider.scopes);
    reader.boolean("match_email", provider.match_email);
    reader.boolean("second_factor", provider.second_factor);
    read_people(reader, config.agents, provider);
    if (provider.issuer.empty()) return;
    const auto url = http::parse_url(provider.issuer);
    if (!url || (url->scheme != "https" && !http::is_loopback(url->host))) {
        reader.problem("issuer", "expected the provider's address with https://, as its own configuration writes it");
    }
    if (provider.client_id.empty()) reader.problem("client_id", "expected what the provider calls Sportello");
    if (std::find(provider.scopes.begin(), provider.scopes.end(), "openid") == provider.scopes.end()) {
        reader.problem("scopes", "expected \"openid\" among them");
    }
    config.access.oidc = std::move(provider);
}

} // namespace

void read_access(TableReader& root, const std::function<std::string(TableReader&, std::string_view)>& secret, Config& config)
{
    if (const toml::table* table = root.table("access")) {
        TableReader reader(*table, "access", root.problems());
        read_sessions(reader, config.access);
        reader.end();
    }
    if (const toml::table* table = root.table("oidc")) {
        TableReader reader(*table, "oidc", root.problems());
        read_oidc(reader, secret, config);
        reader.end();
    }
}

} // namespace sportello::app
