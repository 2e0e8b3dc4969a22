#include "token_facts.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 24h;
constexpr auto look_again = 1h; ///< when there was no answer

struct Permission {
    std::string_view name;
    std::string_view without;
};

constexpr Permission permissions[] = {
    {"pages_show_list", "the Page is not found at sign-in"},
    {"pages_read_engagement", "posts and comments are not read"},
    {"pages_read_user_content", "what people write on the Page is not read"},
    {"pages_manage_engagement", "no comment can be answered or hidden"},
    {"pages_manage_posts", "no post of our own can be published"},
    {"pages_manage_metadata", "conversations are not read, and no webhooks come"},
    {"pages_messaging", "Messenger is neither read nor answered"},
};

/// Unix seconds; 0 is how Facebook says never.
std::optional<Instant> instant_or_never(const Json& value)
{
    const auto seconds = integer_of(value);
    if (!seconds || *seconds <= 0 || *seconds > 253'402'300'799) return std::nullopt;
    return Instant(std::chrono::seconds(*seconds));
}

/// A grant for some Pages only names them.
bool holds_for(const Json& granular_scopes, const std::string& scope, const std::string& page)
{
    for (const Json& grant : elements(granular_scopes)) {
        if (text_of(member(grant, "scope")) != scope) continue;
        const Json& targets = elements(member(grant, "target_ids"));
        return targets.empty() || std::any_of(targets.begin(), targets.end(), [&](const Json& id) { return id_of(id) == page; });
    }
    return true;
}

} // namespace

std::optional<TokenFacts> token_facts(const Json& body, const std::string& page)
{
    const Json& data = member(body, "data");
    if (!data.is_object()) return std::nullopt;
    TokenFacts facts;
    facts.valid = member(data, "is_valid") == true;
    facts.type = text_of(member(data, "type"));
    facts.app_id = id_of(member(data, "app_id"));
    facts.page_id = id_of(member(data, "profile_id"));
    facts.expires_at = instant_or_never(member(data, "expires_at"));
    facts.data_access_expires_at = instant_or_never(member(data, "data_access_expires_at"));
    for (const Json& scope : elements(member(data, "scopes"))) {
        const std::string name = text_of(scope);
        if (!name.empty()) facts.scopes.emplace_back(name, holds_for(member(data, "granular_scopes"), name, page));
    }
    facts.error = base::shorten(text_of(member(member(data, "error"), "message")), 300);
    return facts;
}

std::string wanted_permissions()
{
    std::string all;
    for (const Permission& permission : permissions) all.append(all.empty() ? "" : ",").append(permission.name);
    return all;
}

std::string lacking_permissions(const TokenFacts& facts)
{
    if (facts.scopes.empty()) return {}; // not told
    std::string words;
    for (const Permission& permission : permissions) {
        const auto granted =
            std::find_if(facts.scopes.begin(), facts.scopes.end(), [&](const auto& scope) { return scope.first == permission.name; });
        if (granted != facts.scopes.end() && granted->second) continue;
        words.append(words.empty() ? "" : "; ").append(permission.name).append(" (").append(permission.without);
        words.append(granted != facts.scopes.end() ? "; it was granted for other Pages only)" : ")");
    }
    return words;
}

ChannelAccess access_of(const TokenFacts& facts)
{
    ChannelAccess access;
    access.ends_at = facts.expires_at;
    if (facts.data_access_expires_at) {
        access.ends_at = std::min(access.ends_at.value_or(*facts.data_access_expires_at), *facts.data_access_expires_at);
    }
    access.lacks = lacking_permissions(facts);
    return access;
}

std::string proof_of(const std::string& token, const std::string& app_secret)
{
    std::string proof = base::hmac_sha256_hex(app_secret, token);
    base::hide_in_logs(proof);
    return proof;
}

http::ClientRequest ask_about(const std::string& token, const ChannelSettings& settings)
{
    const std::string app_token = settings.credentials.app_id + "|" + settings.credentials.app_secret;
    base::hide_in_logs(app_token);
    http::Parameters query;
    query.add("input_token", token);
    query.add("appsecret_proof", proof_of(app_token, settings.credentials.app_secret));
    http::ClientRequest request;
    request.url = settings.api_base + "/debug_token?" + query.encode();
    request.headers.set("Authorization", "Bearer " + app_token);
    request.headers.set("Accept", "application/json");
    return request;
}

AccessWatch::AccessWatch(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock)
    : settings_(settings), transport_(transport), clock_(clock)
{
}

boost::asio::awaitable<std::optional<ChannelAccess>> AccessWatch::look(std::string token)
{
    const Credentials& secrets = settings_.credentials;
    if (token.empty() || secrets.app_id.empty() || secrets.app_secret.empty()) co_return std::nullopt;
    if (token == looked_at_ && clock_.now() < next_) co_return std::nullopt;
    looked_at_ = token;
    next_ = clock_.now() + look_again;
    http::Exchange exchange = co_await transport_.send(ask_about(token, settings_));
    const Answer answer = read_answer(std::move(exchange));
    const auto facts = answer.success() ? token_facts(answer.json(), settings_.account) : std::nullopt;
    if (!facts) co_return std::nullopt;
    next_ = clock_.now() + look_every;
    // What is refused altogether shows in the calls themselves, with the reason.
    if (!facts->valid) co_return std::nullopt;
    co_return access_of(*facts);
}

} // namespace sportello::connectors::facebook
