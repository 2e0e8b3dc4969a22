#include "x_oauth.hpp"

#include "graph_input.hpp"
#include "text_list.hpp"
#include "x_auth.hpp"
#include "x_wire.hpp"
#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>
#include <set>

namespace sportello::simulator {
using base::escape_html;
namespace {

constexpr auto code_lives = std::chrono::seconds(30);
constexpr auto access_lives = std::chrono::hours(2);

const std::set<std::string> known_scopes{"tweet.read", "tweet.write", "tweet.moderate.write", "users.read",    "users.email",   "dm.read",
                                         "dm.write",   "media.write", "offline.access",       "follows.read",  "follows.write", "like.read",
                                         "like.write", "list.read",   "list.write",           "block.read",    "block.write",   "mute.read",
                                         "mute.write", "space.read",  "bookmark.read",        "bookmark.write"};

http::Response oauth_error(int status, const char* error, const char* description)
{
    return x_answer(status, {{"error", error}, {"error_description", description}});
}

http::Response form(const http::Parameters& fields)
{
    // The platform says "text/html" here, and clients read it as a form all the same.
    return http::Response::text(200, fields.encode(), "text/html; charset=utf-8");
}

http::Response send_back(const std::string& callback, const http::Parameters& fields)
{
    http::Response response;
    response.status = 302;
    response.headers.add("Location", callback + (callback.find('?') == std::string::npos ? "?" : "&") + fields.encode());
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response html(int status, const std::string& body)
{
    auto response = http::Response::text(status, body, "text/html; charset=utf-8");
    // form-action would also hold for the address that the page sends back to.
    response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

std::string digest_of(const std::string& verifier, const std::string& method)
{
    if (method == "plain") return verifier;
    const auto hex = base::sha256_hex(verifier);
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : hex) {
        group = (group << 4) | static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
        bits += 4;
        if (bits >= 6) text += digits[(group >> (bits -= 6)) & 63];
    }
    if (bits > 0) text += digits[(group << (6 - bits)) & 63];
    return text;
}

std::string field(const http::Request& request, std::string_view name)
{
    if (const auto found = request.query.find(name)) return std::string(*found);
    return std::string(http::Parameters::parse(request.body).find(name).value_or(""));
}

} // namespace

std::optional<http::Response> XOauth::serve(const http::Request& request, std::string_view path)
{
    const bool post = request.method == http::Method::post;
    if (path == "/oauth/request_token" && post) return request_token(request);
    if (path == "/oauth/authorize" || path == "/oauth/authenticate") return authorize1(request);
    if (path == "/oauth/access_token" && post) return access_token1(request);
    if (path == "/i/oauth2/authorize" || path == "/2/oauth2/authorize") return authorize2(request);
    if (path == "/2/oauth2/token" && post) return token2(request);
    if (path == "/2/oauth2/revoke" && post) return revoke2(request);
    if (path == "/oauth2/invalidate_token" && post) return x_answer(200, {{"access_token", field(request, "access_token")}});
    return std::nullopt;
}

std::string XOauth::page(const std::string& action, const std::string& asks) const
{
    std::string choices;
    for (const auto& account : house_.world.accounts()) {
        if (account.platform != Platform::twitter) continue;
        choices += "<p><button name=\"account\" value=\"" + escape_html(account.account) + "\">" + escape_html(account.name) + " @" +
                   escape_html(account.account) + "</button></p>";
    }
    return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
           "initial-scale=1\"><title>Authorise the app</title><link rel=\"stylesheet\" href=\"/assets/simulator.css\"></head><body><header>"
           "<h1>Authorise the app</h1><p>" +
           escape_html(asks) + "</p></header><main><form method=\"post\" action=\"" + escape_html(action) + "\">" + choices +
           "<p><button name=\"deny\" value=\"1\">Cancel</button></p></form></main></body></html>";
}

http::Response XOauth::request_token(const http::Request& request)
{
    auto oauth = read_oauth1(request);
    if (!signed_with(request, "")) {
        ordered_json error{{"code", 32}, {"message", "Could not authenticate you."}};
        return x_answer(401, {{"errors", ordered_json::array({error})}});
    }
    auto callback = oauth["oauth_callback"];
    if (callback.empty()) callback = field(request, "oauth_callback");
    if (callback.empty()) {
        ordered_json error{{"code", 417}, {"message", "Desktop applications only support the oauth_callback value 'oob'"}};
        return x_answer(403, {{"errors", ordered_json::array({error})}});
    }
    const auto token = house_.random.token(27);
    Request waiting;
    waiting.callback = callback;
    waiting.until = house_.clock.now() + std::chrono::minutes(15);
    tokens_[token] = waiting;
    http::Parameters fields;
    fields.add("oauth_token", token);
    fields.add("oauth_token_secret", "secret-of-" + token);
    fields.add("oauth_callback_confirmed", "true");
    return form(fields);
}

http::Response XOauth::authorize1(const http::Request& request)
{
    const auto token = field(request, "oauth_token");
    const auto found = tokens_.find(token);
    if (found == tokens_.end() || found->second.until < house_.clock.now()) {
        return html(401, "<!doctype html><title>Whoa there!</title><p>The request token for this page is invalid.</p>");
    }
    auto& waiting = found->second;
    auto account = request.method == http::Method::post ? field(request, "account") : house_.x.auto_grant;
    const bool denied = !field(request, "deny").empty();
    http::Parameters fields;
    if (denied) {
        fields.add("denied", token);
        tokens_.erase(found);
        return send_back(waiting.callback, fields);
    }
    if (!house_.world.find_account(Platform::twitter, account)) {
        return html(200, page("?oauth_token=" + http::percent_encode(token), "It will read and write in the account's name."));
    }
    waiting.account = account;
    const auto verifier = base::sha256_hex(token).substr(0, 7);
    if (waiting.callback == "oob") return html(200, "<!doctype html><title>PIN</title><p>PIN: <code>" + verifier + "</code></p>");
    fields.add("oauth_token", token);
    fields.add("oauth_verifier", verifier);
    return send_back(waiting.callback, fields);
}

http::Response XOauth::access_token1(const http::Request& request)
{
    auto oauth = read_oauth1(request);
    auto token = oauth["oauth_token"];
    auto verifier = oauth["oauth_verifier"];
    if (verifier.empty()) verifier = field(request, "oauth_verifier");
    if (token.empty()) token = field(request, "oauth_token");
    const auto found = tokens_.find(token);
    const bool fits = found != tokens_.end() && !found->second.account.empty() && verifier == base::sha256_hex(token).substr(0, 7);
    if (!fits || (!oauth.empty() && !signed_with(request, "secret-of-" + token))) {
        return http::Response::text(401, "Reverse auth credentials are invalid");
    }
    const auto& account = house_.world.accounts()[*house_.world.find_account(Platform::twitter, found->second.account)];
    tokens_.erase(found);
    http::Parameters fields;
    fields.add("oauth_token", access_token(account));
    fields.add("oauth_token_secret", access_token_secret(account));
    fields.add("user_id", account.id);
    fields.add("screen_name", account.account);
    return form(fields);
}

http::Response XOauth::authorize2(const http::Request& request)
{
    const auto query = [&](std::string_view name) { return std::string(request.query.find(name).value_or("")); };
    Request asked{query("redirect_uri"),
                  query("state"),
                  query("code_challenge"),
                  query("code_challenge_method"),
                  query("client_id"),
                  query("scope"),
                  {},
                  house_.clock.now() + code_lives};
    std::ranges::transform(asked.method, asked.method.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto scopes = split_list(asked.scope, ' ');
    const bool scopes_known = std::ranges::all_of(scopes, [](const auto& scope) { return known_scopes.contains(scope); });
    const bool method_known = asked.method == "s256" || asked.method == "plain";
    if (query("response_type") != "code" || asked.client != consumer_key || asked.callback.empty() || scopes.empty() || !scopes_known ||
        asked.state.empty() || asked.state.size() > 500 || asked.challenge.empty() || !method_known) {
        return html(400, "<!doctype html><title>Something went wrong</title><p>You weren't able to give access to the App.</p>");
    }
    http::Parameters fields;
    fields.add("state", asked.state);
    const auto body = http::Parameters::parse(request.body);
    if (body.find("deny")) {
        fields.add("error", "access_denied");
        return send_back(asked.callback, fields);
    }
    const auto account = request.method == http::Method::post ? std::string(body.find("account").value_or("")) : house_.x.auto_grant;
    if (!house_.world.find_account(Platform::twitter, account)) {
        return html(200, page(request.target.substr(request.target.find('?')), "It asks for: " + asked.scope));
    }
    asked.account = account;
    const auto callback = asked.callback;
    const auto code = house_.random.token(60);
    codes_[code] = std::move(asked);
    fields.add("code", code);
    return send_back(callback, fields);
}

http::Response XOauth::token2(const http::Request& request)
{
    GraphInput input;
    try {
        input = read_graph_input(request); // forms and JSON alike, as third-party libraries send either
    } catch (const GraphFailure&) {
        return oauth_error(400, "invalid_request", "The body cannot be read.");
    }
    // A confidential client names itself by Basic, a public one in the body; the app here may be either.
    const auto basic = read_basic(request);
    if (basic && basic->first.empty()) return oauth_error(401, "unauthorized_client", "Missing valid authorization header");
    const auto client = basic ? basic->first : input.text("client_id");
    if (client != consumer_key) return oauth_error(401, "unauthorized_client", "Missing valid authorization header");
    const auto grant = input.text("grant_type");
    if (grant == "refresh_token") return refresh(input.text("refresh_token"), client);
    if (grant != "authorization_code") return oauth_error(400, "unsupported_grant_type", "Value passed for the grant type was invalid.");

    const auto found = codes_.find(input.text("code"));
    const auto invalid = [] { return oauth_error(400, "invalid_request", "Value passed for the authorization code was invalid."); };
    if (found == codes_.end()) return invalid();
    const Request asked = found->second;
    codes_.erase(found); // it serves once, whatever comes of it
    if (asked.until < house_.clock.now()) return invalid();
    if (asked.callback != input.text("redirect_uri")) {
        return oauth_error(400, "invalid_request", "Value passed for the redirect uri did not match the uri of the authorization code.");
    }
    if (digest_of(input.text("code_verifier"), asked.method) != asked.challenge) {
        return oauth_error(400, "invalid_request", "Value passed for the code verifier did not match the code challenge.");
    }
    return issue(asked.account, asked.scope, client);
}

http::Response XOauth::refresh(const std::string& token, const std::string& client)
{
    const auto key = "x/refresh/" + token;
    const auto kept = ordered_json::parse(house_.world.kept(key), nullptr, false);
    if (token.empty() || !kept.is_object() || kept.value("client", "") != client) {
        return oauth_error(400, "invalid_request", "Value passed for the token was invalid.");
    }
    house_.world.keep(key, "");
    house_.world.keep(access_key(kept.value("access", "")), "");
    return issue(kept.value("account", ""), kept.value("scope", ""), client);
}

http::Response XOauth::issue(const std::string& account, const std::string& scope, const std::string& client)
{
    const auto access = house_.random.token(80);
    const ordered_json granted{{"account", account}, {"scope", scope}, {"expires", base::to_micros(house_.clock.now() + access_lives)}};
    house_.world.keep(access_key(access), granted.dump());
    ordered_json body{{"token_type", "bearer"},
                      {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(access_lives).count()},
                      {"access_token", access},
                      {"scope", scope}};
    const auto scopes = split_list(scope, ' ');
    if (std::ranges::find(scopes, "offline.access") != scopes.end()) {
        const auto refresh = house_.random.token(80);
        house_.world.keep("x/refresh/" + refresh,
                          ordered_json{{"account", account}, {"scope", scope}, {"client", client}, {"access", access}}.dump());
        body["refresh_token"] = refresh;
    }
    return x_answer(200, body);
}

http::Response XOauth::revoke2(const http::Request& request)
{
    GraphInput input;
    try {
        input = read_graph_input(request);
    } catch (const GraphFailure&) {
        return oauth_error(400, "invalid_request", "The body cannot be read.");
    }
    const auto token = input.text("token");
    if (token.empty()) return oauth_error(400, "invalid_request", "Missing required parameter [token].");
    house_.world.keep(access_key(token), "");
    house_.world.keep("x/refresh/" + token, "");
    return x_answer(200, {{"revoked", true}});
}

} // namespace sportello::simulator
