#include "x_auth.hpp"

#include "ids.hpp"
#include "text_list.hpp"
#include "x_wire.hpp"
#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace sportello::simulator {
namespace {

constexpr std::string_view app_token = "sim-twitter-app";

std::optional<std::size_t> account_of_token(const World& world, std::string_view token)
{
    const auto wanted = ascii_lower(token);
    for (std::size_t i = 0; i < world.accounts().size(); ++i) {
        const auto& account = world.accounts()[i];
        if (account.platform != Platform::twitter || ascii_lower(access_token(account)) != wanted) continue;
        return account.token_valid ? std::optional(i) : std::nullopt;
    }
    return std::nullopt;
}

std::string decode(std::string_view text)
{
    for (const auto& [name, value] : http::Parameters::parse("v=" + std::string(text))) return value;
    return {};
}

} // namespace

/// `OAuth k="v", k="v"` with or without blanks.
std::map<std::string, std::string> read_oauth1(const http::Request& request)
{
    const auto header = request.headers.find("Authorization").value_or("");
    std::map<std::string, std::string> fields;
    if (!header.starts_with("OAuth ")) return fields;
    for (const auto& part : split_list(header.substr(std::string_view("OAuth ").size()))) {
        const auto field = base::trim(part);
        const auto equals = field.find('=');
        if (equals == std::string_view::npos) continue;
        auto value = field.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        fields[std::string(field.substr(0, equals))] = decode(value);
    }
    return fields;
}

namespace {

std::string base_string(const http::Request& request, const std::map<std::string, std::string>& oauth)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto add = [&](const std::string& name, const std::string& value) {
        pairs.emplace_back(http::percent_encode(name), http::percent_encode(value));
    };
    for (const auto& [name, value] : request.query) add(name, value);
    if (request.headers.find("Content-Type").value_or("").starts_with("application/x-www-form-urlencoded")) {
        for (const auto& [name, value] : http::Parameters::parse(request.body)) {
            if (!oauth.contains(name)) add(name, value); // some repeat in the body what the header says; it counts once
        }
    }
    for (const auto& [name, value] : oauth) {
        if (name != "oauth_signature" && name != "realm") add(name, value);
    }
    std::ranges::sort(pairs);
    std::string parameters;
    for (const auto& [name, value] : pairs) parameters += (parameters.empty() ? "" : "&") + name + "=" + value;

    const auto path = request.target.substr(0, request.target.find('?'));
    const auto url = std::string(request.secure ? "https://" : "http://") + ascii_lower(request.headers.find("Host").value_or("")) + path;
    return std::string(http::to_string(request.method)) + "&" + http::percent_encode(url) + "&" + http::percent_encode(parameters);
}

std::string to_base64(std::string_view bytes)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) { group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U); }
        for (std::size_t j = 0; j < 4; ++j) { text += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '='; }
    }
    return text;
}

} // namespace

bool signed_with(const http::Request& request, std::string_view token_secret)
{
    auto oauth = read_oauth1(request);
    if (oauth["oauth_consumer_key"] != consumer_key || oauth["oauth_signature_method"] != "HMAC-SHA1") return false;
    const auto key = http::percent_encode(consumer_secret) + "&" + http::percent_encode(token_secret);
    return base::hmac_sha1_base64(key, base_string(request, oauth)) == oauth["oauth_signature"];
}

std::optional<std::pair<std::string, std::string>> read_basic(const http::Request& request)
{
    const auto header = request.headers.find("Authorization").value_or("");
    if (!header.starts_with("Basic ")) return std::nullopt;
    const auto wanted = header.substr(std::string_view("Basic ").size());
    // The app has one name and one secret, so that nothing needs to be decoded but what it could say.
    const std::string known = std::string(consumer_key) + ":" + std::string(consumer_secret);
    if (wanted != to_base64(known)) return std::pair<std::string, std::string>();
    return std::pair{std::string(consumer_key), std::string(consumer_secret)};
}

std::string access_key(const std::string& token)
{
    return "x/access/" + token;
}

std::optional<XCaller> authenticate_x(const House& house, const http::Request& request)
{
    const auto header = request.headers.find("Authorization").value_or("");
    if (header.starts_with("OAuth ")) {
        const auto account = account_of_token(house.world, read_oauth1(request)["oauth_token"]);
        if (!account || !signed_with(request, access_token_secret(house.world.accounts()[*account]))) return std::nullopt;
        return XCaller{account, std::nullopt, true};
    }
    if (!header.starts_with("Bearer ")) return std::nullopt;
    const auto token = header.substr(std::string_view("Bearer ").size());
    if (token == app_token) return XCaller{};
    if (const auto account = account_of_token(house.world, token)) return XCaller{account};
    const auto granted = ordered_json::parse(house.world.kept(access_key(std::string(token))), nullptr, false);
    if (!granted.is_object() || granted.value("expires", std::int64_t{0}) <= base::to_micros(house.clock.now())) return std::nullopt;
    const auto account = house.world.find_account(Platform::twitter, granted.value("account", ""));
    if (!account || !house.world.accounts()[*account].token_valid) return std::nullopt;
    const auto scopes = split_list(granted.value("scope", ""), ' ');
    return XCaller{account, std::set<std::string>(scopes.begin(), scopes.end())};
}

http::Response issue_app_token(const http::Request& request)
{
    const auto basic = read_basic(request);
    const auto form = http::Parameters::parse(request.body);
    if (!basic || basic->first.empty()) {
        ordered_json error{{"code", 99}, {"message", "Unable to verify your credentials"}, {"label", "authenticity_token_error"}};
        return x_answer(403, {{"errors", ordered_json::array({error})}});
    }
    if (form.find("grant_type").value_or("") != "client_credentials") {
        ordered_json error{{"code", 170}, {"message", "Missing required parameter: grant_type"}};
        return x_answer(400, {{"errors", ordered_json::array({error})}});
    }
    return x_answer(200, {{"token_type", "bearer"}, {"access_token", app_token}});
}

} // namespace sportello::simulator
