#include "oauth1.hpp"

#include <sportello/base/digest.hpp>

#include <algorithm>
#include <vector>

namespace sportello::connectors::twitter {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs protocol_parameters(const OAuth1Keys& keys, const OAuth1Stamp& stamp)
{
    Pairs pairs{{"oauth_consumer_key", keys.consumer_key},
                {"oauth_nonce", stamp.nonce},
                {"oauth_signature_method", "HMAC-SHA1"},
                {"oauth_timestamp", stamp.timestamp}};
    if (!keys.token.empty()) pairs.emplace_back("oauth_token", keys.token);
    pairs.emplace_back("oauth_version", "1.0");
    return pairs;
}

} // namespace

std::string oauth1_signature(std::string_view method, std::string_view url, const http::Parameters& parameters, const OAuth1Keys& keys,
                             const OAuth1Stamp& stamp)
{
    Pairs encoded;
    for (const auto& [name, value] : parameters) encoded.emplace_back(http::percent_encode(name), http::percent_encode(value));
    for (const auto& [name, value] : protocol_parameters(keys, stamp)) {
        encoded.emplace_back(http::percent_encode(name), http::percent_encode(value));
    }
    std::sort(encoded.begin(), encoded.end());

    std::string joined;
    for (const auto& [name, value] : encoded) joined += (joined.empty() ? "" : "&") + name + "=" + value;

    const std::string base = std::string(method) + "&" + http::percent_encode(url) + "&" + http::percent_encode(joined);
    const std::string key = http::percent_encode(keys.consumer_secret) + "&" + http::percent_encode(keys.token_secret);
    return base::hmac_sha1_base64(key, base);
}

std::string oauth1_header(std::string_view method, std::string_view url, const http::Parameters& parameters, const OAuth1Keys& keys,
                          const OAuth1Stamp& stamp)
{
    Pairs pairs = protocol_parameters(keys, stamp);
    pairs.emplace_back("oauth_signature", oauth1_signature(method, url, parameters, keys, stamp));
    std::string header = "OAuth ";
    bool first = true;
    for (const auto& [name, value] : pairs) {
        if (!first) header += ", ";
        first = false;
        header += name + "=\"" + http::percent_encode(value) + "\"";
    }
    return header;
}

} // namespace sportello::connectors::twitter
