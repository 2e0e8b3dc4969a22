#include "oidc.hpp"
#include "json_body.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/http/url.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr base::Duration believed_for = 1h;
constexpr base::Duration keys_again_after = 1min; ///< at the earliest, when a key is not known
constexpr base::Duration back_within = 10min;
constexpr std::string_view cookie_place = "oidc";

Error not_reached(const std::string& why)
{
    spdlog::warn("OpenID provider: {}", why);
    return Error(ErrorKind::unavailable, "OpenID provider: " + why);
}

/// What a person reads; the log has the reason.
Error not_believed(const std::string& why)
{
    spdlog::warn("log-in by OpenID Connect refused: {}", why);
    return Error(ErrorKind::unauthenticated, "The log-in at the provider could not be taken: " + why + ". Begin again.");
}

/// Secrets go over TLS; in a test the provider is on this machine.
bool is_safe(const std::string& url)
{
    const auto parsed = http::parse_url(url);
    return parsed && (parsed->scheme == "https" || http::is_loopback(parsed->host));
}

bool lists(const json& document, const char* name, const char* word)
{
    const auto found = document.find(name);
    if (found == document.end() || !found->is_array()) return false;
    return std::any_of(found->begin(), found->end(), [&](const json& one) { return one.is_string() && one.get<std::string>() == word; });
}

} // namespace

Oidc::Oidc(base::Clock& clock, base::Random& random, const Options& options) : clock_(clock), random_(random), options_(options) {}

Result<const base::Sealer*> Oidc::sealer()
{
    if (options_.sealer) return options_.sealer();
    if (!own_sealer_) own_sealer_.emplace(base::SealingKey::fresh(random_), std::vector<base::SealingKey>(), random_);
    return &*own_sealer_;
}

awaitable<Result<std::string>> Oidc::get(std::string url, std::string bearer)
{
    http::ClientRequest request;
    request.url = std::move(url);
    request.headers.add("Accept", "application/json");
    if (!bearer.empty()) request.headers.add("Authorization", "Bearer " + bearer);
    auto exchange = co_await provider().transport->send(std::move(request));
    if (!exchange.response) co_return not_reached("it cannot be reached: " + exchange.failure);
    if (exchange.response->status != 200) co_return not_reached("it answers " + std::to_string(exchange.response->status));
    co_return std::move(exchange.response->body);
}

awaitable<Result<Oidc::Metadata>> Oidc::metadata()
{
    const auto now = clock_.now();
    if (metadata_ && now < metadata_until_) co_return *metadata_;
    std::string url = provider().issuer;
    if (url.ends_with('/')) url.pop_back();
    const auto body = co_await get(url + "/.well-known/openid-configuration", "");
    if (!body) co_return body.error();
    const json document = json::parse(*body, nullptr, false);
    if (!document.is_object()) co_return not_reached("its configuration cannot be read");
    if (text_of(document, "issuer") != provider().issuer) co_return not_reached("it calls itself by another name than [oidc] issuer");
    Metadata found;
    found.authorization_endpoint = text_of(document, "authorization_endpoint");
    found.token_endpoint = text_of(document, "token_endpoint");
    found.userinfo_endpoint = text_of(document, "userinfo_endpoint");
    found.jwks_uri = text_of(document, "jwks_uri");
    for (const auto& address : {found.authorization_endpoint, found.token_endpoint, found.jwks_uri}) {
        if (!is_safe(address)) co_return not_reached("its configuration lacks an address, or has one without TLS");
    }
    if (!found.userinfo_endpoint.empty() && !is_safe(found.userinfo_endpoint)) found.userinfo_endpoint.clear();
    constexpr const char* methods = "token_endpoint_auth_methods_supported";
    found.secret_in_body = document.contains(methods) && !lists(document, methods, "client_secret_basic");
    const auto tells = document.find("authorization_response_iss_parameter_supported");
    found.tells_issuer = tells != document.end() && tells->is_boolean() && tells->get<bool>();
    metadata_ = found;
    metadata_until_ = now + believed_for;
    co_return found;
}

awaitable<Result<std::string>> Oidc::keys(std::string url, bool fresh)
{
    const auto now = clock_.now();
    const auto good_for = fresh ? keys_again_after : believed_for;
    if (!keys_.empty() && now < keys_read_ + good_for) co_return keys_;
    auto body = co_await get(std::move(url), "");
    if (!body) co_return body.error();
    keys_ = std::move(*body);
    keys_read_ = now;
    co_return keys_;
}

awaitable<Result<Oidc::Begun>> Oidc::begin(std::string redirect_uri, Purpose purpose)
{
    const auto found = co_await metadata();
    if (!found) co_return found.error();
    const auto state = random_.token();
    const auto nonce = random_.token();
    const auto verifier = random_.token();
    json kept{{"state", state},
              {"nonce", nonce},
              {"verifier", verifier},
              {"until", base::to_micros(clock_.now() + back_within)},
              {"to", purpose.return_to}};
    if (purpose.link_to) kept["link"] = *purpose.link_to;
    std::string scopes;
    for (const auto& scope : provider().scopes) scopes += (scopes.empty() ? "" : " ") + scope;
    http::Parameters asked;
    asked.add("response_type", "code");
    asked.add("client_id", provider().client_id);
    asked.add("redirect_uri", std::move(redirect_uri));
    asked.add("scope", scopes);
    asked.add("state", state);
    asked.add("nonce", nonce);
    asked.add("code_challenge", base::sha256_base64url(verifier));
    asked.add("code_challenge_method", "S256");
    const auto with = sealer();
    if (!with) co_return with.error();
    const char joint = found->authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
    co_return Begun{.url = found->authorization_endpoint + joint + asked.encode(), .cookie = (*with)->seal(kept.dump(), cookie_place)};
}

awaitable<Result<Oidc::Tokens>> Oidc::redeem(Metadata with, std::string code, std::string verifier, std::string redirect_uri)
{
    const auto& client = provider();
    http::Parameters form;
    form.add("grant_type", "authorization_code");
    form.add("code", std::move(code));
    form.add("redirect_uri", std::move(redirect_uri));
    form.add("code_verifier", std::move(verifier));
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = with.token_endpoint;
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.add("Accept", "application/json");
    const bool basic = !client.client_secret.empty() && !with.secret_in_body;
    if (basic) {
        const auto pair = http::percent_encode(client.client_id) + ':' + http::percent_encode(client.client_secret);
        request.headers.add("Authorization", "Basic " + base::base64(pair));
    } else {
        form.add("client_id", client.client_id);
        if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    }
    request.body = form.encode();
    request.fresh_connection = true;
    auto exchange = co_await client.transport->send(std::move(request));
    if (!exchange.response) co_return not_reached("it cannot be reached: " + exchange.failure);
    const json answer = json::parse(exchange.response->body, nullptr, false);
    if (exchange.response->status != 200 || !answer.is_object()) {
        const std::string why = answer.is_object() ? text_of(answer, "error") : std::string();
        co_return not_believed("the provider does not take the code" + (why.empty() ? std::string() : " (" + why.substr(0, 100) + ")"));
    }
    Tokens tokens{.id_token = text_of(answer, "id_token"), .access_token = text_of(answer, "access_token")};
    if (tokens.id_token.empty()) co_return not_believed("the provider sent no ID token");
    co_return tokens;
}

awaitable<Result<void>> Oidc::add_userinfo(std::string url, std::string access_token, IdClaims& claims)
{
    const auto body = co_await get(std::move(url), std::move(access_token));
    if (!body) co_return body.error();
    const json info = json::parse(*body, nullptr, false);
    if (!info.is_object() || text_of(info, "sub") != claims.subject) co_return not_believed("the provider tells of somebody else");
    claims.email = text_of(info, "email");
    for (char& c : claims.email) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto verified = info.find("email_verified");
    claims.email_verified = verified != info.end() && verified->is_boolean() && verified->get<bool>();
    co_return Result<void>();
}

awaitable<Result<Oidc::Finished>> Oidc::finish(http::Parameters parameters, std::string cookie, std::string redirect_uri)
{
    const auto with = sealer();
    if (!with) co_return with.error();
    const auto opened = (*with)->open(cookie, cookie_place);
    if (!opened) co_return not_believed("it was not begun in this browser, or too long ago");
    const json kept = json::parse(opened->plain);
    if (base::to_micros(clock_.now()) > kept.at("until").get<std::int64_t>()) co_return not_believed("it took too long");
    const auto state = parameters.find("state").value_or("");
    if (!base::equal_secret(state, kept.at("state").get<std::string>())) co_return not_believed("it was not begun in this browser");
    const auto issuer = parameters.find("iss");
    if (issuer && *issuer != provider().issuer) co_return not_believed("another provider answered");
    if (const auto error = parameters.find("error")) { co_return not_believed("the provider said " + std::string(error->substr(0, 100))); }
    const auto found = co_await metadata();
    if (!found) co_return found.error();
    if (found->tells_issuer && !issuer) co_return not_believed("it is not said which provider answered");
    std::string code(parameters.find("code").value_or(""));
    if (code.empty()) co_return not_believed("there is no code");
    const auto tokens = co_await redeem(*found, std::move(code), kept.at("verifier").get<std::string>(), std::move(redirect_uri));
    if (!tokens) co_return tokens.error();

    const IdTokenRules rules{
        .issuer = provider().issuer, .client_id = provider().client_id, .nonce = kept.at("nonce").get<std::string>(), .now = clock_.now()};
    auto jwks = co_await keys(found->jwks_uri, false);
    if (!jwks) co_return jwks.error();
    auto claims = check_id_token(tokens->id_token, *jwks, rules);
    if (!claims && claims.error().kind() == ErrorKind::not_found) {
        jwks = co_await keys(found->jwks_uri, true); // the provider may have changed its keys
        if (!jwks) co_return jwks.error();
        claims = check_id_token(tokens->id_token, *jwks, rules);
    }
    if (!claims) co_return not_believed(claims.error().what());
    if (provider().match_email && claims->email.empty() && !found->userinfo_endpoint.empty() && !tokens->access_token.empty()) {
        const auto added = co_await add_userinfo(found->userinfo_endpoint, tokens->access_token, *claims);
        if (!added) co_return added.error();
    }
    Finished finished{.claims = std::move(*claims), .purpose = {.return_to = kept.at("to").get<std::string>(), .link_to = std::nullopt}};
    if (kept.contains("link")) finished.purpose.link_to = kept.at("link").get<std::int64_t>();
    co_return finished;
}

} // namespace sportello::api
