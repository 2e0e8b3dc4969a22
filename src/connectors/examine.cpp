#include <sportello/connectors/examine.hpp>

#include "answer.hpp"
#include "facebook/token_facts.hpp"
#include "read_only.hpp"
#include "twitter/scopes.hpp"

#include <algorithm>

namespace sportello::connectors {
namespace {

using Weight = Finding::Weight;
using Findings = std::vector<Finding>;
using State = ChannelTrouble::State;

std::string connect_command(const ChannelSettings& settings)
{
    return "run `sportello channel connect " + settings.id + "`";
}

/// The token that the channel would use; empty: it has none.
std::string token_of(const ChannelSettings& settings)
{
    if (!settings.token_store) return settings.credentials.access_token;
    return settings.tokens ? settings.tokens->access_token : "";
}

void tell_of_end(Findings& findings, std::string_view what, std::optional<Instant> at, Instant now, const ChannelSettings& settings)
{
    if (!at) return;
    const auto days = std::chrono::duration_cast<std::chrono::hours>(*at - now).count() / 24;
    const bool over = *at <= now;
    std::string text = std::string(what) + (over ? " ended at " : " ends at ") + base::to_rfc3339(*at);
    if (!over) text += " (in " + std::to_string(days) + " days)";
    if (days < 14) text += ": " + connect_command(settings);
    findings.push_back({over ? Weight::problem : days < 14 ? Weight::warning : Weight::good, "token", text});
}

void tell_of_permissions(Findings& findings, const std::string& lacks, const ChannelSettings& settings)
{
    if (lacks.empty()) findings.push_back({Weight::good, "permissions", "all that a counter needs are granted"});
    else findings.push_back({Weight::warning, "permissions", "missing: " + lacks + ". To grant them, " + connect_command(settings)});
}

/// @return whether the token is good enough to go on
boost::asio::awaitable<bool> look_at_facebook_token(const ChannelSettings& settings, http::Transport& transport, Instant now,
                                                    Findings& findings)
{
    const Credentials& secrets = settings.credentials;
    if (secrets.app_secret.empty()) {
        findings.push_back({Weight::warning, "token", "`app_secret` is not configured: calls go without proof, and webhooks are off"});
    }
    if (secrets.app_id.empty() || secrets.app_secret.empty()) {
        findings.push_back({Weight::note, "permissions",
                            "not known: give `app_id` and `app_secret`, so that Facebook can be asked what the token is good for"});
        co_return true;
    }
    http::Exchange exchange = co_await transport.send(facebook::ask_about(token_of(settings), settings));
    const Answer answer = read_answer(std::move(exchange));
    const auto facts = answer.success() ? facebook::token_facts(answer.json(), settings.account) : std::nullopt;
    if (!facts) {
        findings.push_back({Weight::warning, "token",
                            answer.arrived() ? "Facebook does not say what the token is good for: check `app_id` and `app_secret`"
                                             : "Facebook cannot be reached: " + answer.failure});
        co_return answer.arrived();
    }
    if (!facts->valid) {
        findings.push_back(
            {Weight::problem, "token", "Facebook refuses it: " + facts->error + ". To mend it, " + connect_command(settings)});
        co_return false;
    }
    findings.push_back({facts->type == "USER" ? Weight::warning : Weight::good, "token",
                        "valid, of kind " + facts->type + (facts->type == "USER" ? ": a person's token cannot act as the Page" : "")});
    if (facts->app_id != secrets.app_id) {
        findings.push_back({Weight::problem, "token", "it is of the app " + facts->app_id + ", `app_id` is " + secrets.app_id});
    }
    if (!facts->expires_at) findings.push_back({Weight::good, "token", "does not expire by itself"});
    tell_of_end(findings, "the token", facts->expires_at, now, settings);
    tell_of_end(findings, "the access to data", facts->data_access_expires_at, now, settings);
    tell_of_permissions(findings, facebook::lacking_permissions(*facts), settings);
    co_return true;
}

boost::asio::awaitable<void> look_at_facebook_hook(const ChannelSettings& settings, http::Transport& transport, Findings& findings)
{
    http::ClientRequest request;
    request.url = settings.api_base + "/" + http::percent_encode(settings.account) + "/subscribed_apps";
    const std::string token = token_of(settings);
    if (!settings.credentials.app_secret.empty()) {
        request.url += "?appsecret_proof=" + facebook::proof_of(token, settings.credentials.app_secret);
    }
    request.headers.set("Authorization", "Bearer " + token);
    http::Exchange exchange = co_await transport.send(std::move(request));
    const Answer answer = read_answer(std::move(exchange));
    if (!answer.success()) co_return;
    std::string fields;
    for (const Json& app : elements(member(answer.json(), "data"))) {
        for (const Json& field : elements(member(app, "subscribed_fields"))) {
            fields += (fields.empty() ? "" : ", ") + (field.is_string() ? text_of(field) : text_of(member(field, "name")));
        }
    }
    findings.push_back({Weight::note, "webhooks",
                        fields.empty() ? "none are subscribed: the channel is polled, which is enough" : "subscribed: " + fields});
}

void tell_facebook_rules(const ChannelSettings& settings, Findings& findings)
{
    findings.push_back({Weight::note, "reply rule", "comments: at any time, in public; one private answer to each, within 7 days"});
    findings.push_back({Weight::note, "reply rule",
                        settings.human_agent ? "Messenger: 24 hours after the person wrote, and up to 7 days with the Human Agent "
                                               "feature, which `human_agent` says that Facebook granted"
                                             : "Messenger: 24 hours after the person wrote. With Facebook's Human Agent feature (App "
                                               "Review) and `human_agent = true` it is 7 days"});
    findings.push_back({Weight::note, "price", "none: Facebook takes no money for these calls"});
}

void tell_facebook_quota(const ReadOnly& seen, Findings& findings)
{
    for (const std::string_view header : {"X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"}) {
        if (const auto value = seen.last_header(header)) {
            findings.push_back({Weight::note, "quota", std::string(header) + " (percent used): " + value->substr(0, 300)});
        }
    }
    if (findings.empty() || findings.back().topic != "quota") {
        findings.push_back({Weight::good, "quota", "Facebook reports no use worth telling"});
    }
}

/// @return whether there is a token that X can be asked with
bool look_at_twitter_token(const ChannelSettings& settings, Instant now, Findings& findings)
{
    if (!settings.token_store) {
        const bool oauth1 = !settings.credentials.consumer_key.empty();
        findings.push_back({oauth1 ? Weight::good : Weight::warning, "token",
                            oauth1 ? "OAuth 1.0a, from the configuration: lasts until it is revoked"
                                   : "a bearer from the configuration: it cannot be renewed, and one of OAuth 2.0 ends after two hours"});
        return true;
    }
    const Tokens& tokens = *settings.tokens;
    if (tokens.kind == Tokens::Kind::x_oauth1) {
        findings.push_back({Weight::good, "token", "OAuth 1.0a: lasts until it is revoked"});
        return true;
    }
    if (tokens.refresh_token.empty()) {
        findings.push_back(
            {Weight::warning, "token", "OAuth 2.0 without a refresh token: ends after two hours; " + connect_command(settings)});
    }
    if (!tokens.scope.empty()) tell_of_permissions(findings, twitter::lacking_scopes(tokens.scope), settings);
    if (!tokens.expires_at || *tokens.expires_at > now) {
        if (!tokens.refresh_token.empty()) findings.push_back({Weight::good, "token", "OAuth 2.0: the server renews it by itself"});
        return true;
    }
    findings.push_back({Weight::warning, "token",
                        "the access token ended at " + base::to_rfc3339(*tokens.expires_at) +
                            "; the running server renews it, a look does not: start the server, or " + connect_command(settings)});
    return false;
}

void tell_twitter_rules(const ChannelSettings& settings, Findings& findings)
{
    findings.push_back({Weight::note, "reply rule",
                        "on pay-per-use, Basic and Pro a public reply is taken only if the post mentions or quotes @" + settings.account +
                            " itself; the mention that a reply in a thread carries by itself does not count. An Enterprise account "
                            "has no such rule"});
    findings.push_back({Weight::note, "reply rule", "direct messages: only after the person wrote one; no automatic public answers"});
    findings.push_back({Weight::note, "price",
                        "pay-per-use in US dollars: 0.005 a post read, 0.001 one of our own mentions or posts, 0.010 a direct message "
                        "read; 0.010 a reply to a mention, 0.015 any other post, 0.200 one with a link, 0.015 a direct message sent"});
}

void tell_twitter_quota(const ReadOnly& seen, Findings& findings)
{
    if (const auto level = seen.last_header("x-access-level")) {
        findings.push_back({*level == "read"         ? Weight::problem
                            : *level == "read-write" ? Weight::warning
                                                     : Weight::good,
                            "permissions",
                            "the app's access is \"" + level->substr(0, 60) + "\"" +
                                (*level == "read-write-directmessages" ? "" : ": change it in the developer console, then sign in again")});
    }
    for (const auto& [path, headers] : seen.answers()) {
        const auto limit = number_in(headers, "x-rate-limit-limit");
        const auto remaining = number_in(headers, "x-rate-limit-remaining");
        if (!limit || !remaining) continue;
        findings.push_back(
            {*remaining == 0 ? Weight::warning : Weight::good, "quota",
             path + ": " + std::to_string(*remaining) + " of " + std::to_string(*limit) + " calls left in these 15 minutes"});
    }
}

/// One poll with an empty cursor, as the first of the channel would be.
boost::asio::awaitable<bool> read_once(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random,
                                       Findings& findings)
{
    const auto connector = make_connector(std::move(settings), transport, clock, random);
    const PollResult result = co_await connector->poll("");
    if (result.trouble.state == State::ok) {
        findings.push_back({Weight::good, "account", "the token belongs to the channel's account"});
        findings.push_back({Weight::good, "reading", "one page read: " + std::to_string(result.items.size()) + " items"});
    } else {
        const bool passing = result.trouble.state == State::rate_limited || result.trouble.state == State::unavailable;
        findings.push_back({passing ? Weight::warning : Weight::problem, "reading", result.trouble.reason});
    }
    for (const RejectedItem& item : result.rejected) {
        findings.push_back({Weight::warning, "reading", "an item was not understood: " + item.reason});
    }
    co_return result.trouble.state == State::ok;
}

} // namespace

std::string_view to_string(Finding::Weight weight)
{
    switch (weight) {
    case Weight::good:
        return "good";
    case Weight::note:
        return "note";
    case Weight::warning:
        return "warning";
    case Weight::problem:
        return "problem";
    }
    return "note";
}

boost::asio::awaitable<std::vector<Finding>> examine(ChannelSettings settings, http::Transport& transport, base::Clock& clock,
                                                     base::Random& random)
{
    Findings findings;
    ReadOnly reading(transport, settings.api_base);
    if (token_of(settings).empty()) {
        findings.push_back({Weight::problem, "token", "this channel has no token: " + connect_command(settings)});
        co_return findings;
    }
    const bool twitter = settings.platform == domain::Platform::twitter;
    bool good = false;
    if (twitter) good = look_at_twitter_token(settings, clock.now(), findings);
    else {
        const bool looked = co_await look_at_facebook_token(settings, reading, clock.now(), findings);
        good = looked;
    }
    if (good) {
        const bool read = co_await read_once(settings, reading, clock, random, findings);
        if (read && !twitter) co_await look_at_facebook_hook(settings, reading, findings);
        if (twitter) tell_twitter_quota(reading, findings);
        else tell_facebook_quota(reading, findings);
    }
    if (twitter) tell_twitter_rules(settings, findings);
    else tell_facebook_rules(settings, findings);
    co_return findings;
}

} // namespace sportello::connectors
