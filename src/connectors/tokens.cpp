#include <sportello/connectors/tokens.hpp>

#include "json.hpp"

namespace sportello::connectors {

std::string_view to_string(Tokens::Kind kind)
{
    switch (kind) {
    case Tokens::Kind::facebook_page:
        return "facebook_page";
    case Tokens::Kind::x_oauth1:
        return "x_oauth1";
    case Tokens::Kind::x_oauth2:
        return "x_oauth2";
    }
    return "facebook_page";
}

std::optional<Tokens::Kind> parse_tokens_kind(std::string_view word)
{
    for (const auto kind : {Tokens::Kind::facebook_page, Tokens::Kind::x_oauth1, Tokens::Kind::x_oauth2}) {
        if (word == to_string(kind)) return kind;
    }
    return std::nullopt;
}

std::string to_json(const Tokens& tokens)
{
    Json json{{"access_token", tokens.access_token}};
    if (!tokens.token_secret.empty()) json["token_secret"] = tokens.token_secret;
    if (!tokens.refresh_token.empty()) json["refresh_token"] = tokens.refresh_token;
    if (tokens.expires_at) json["expires_at"] = base::to_micros(*tokens.expires_at);
    if (!tokens.scope.empty()) json["scope"] = tokens.scope;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Tokens> tokens_from_json(Tokens::Kind kind, std::string_view text)
{
    const auto json = parse_json(text);
    Tokens tokens;
    tokens.kind = kind;
    if (json) {
        tokens.access_token = text_of(member(*json, "access_token"));
        tokens.token_secret = text_of(member(*json, "token_secret"));
        tokens.refresh_token = text_of(member(*json, "refresh_token"));
        tokens.scope = text_of(member(*json, "scope"));
        if (const auto expires_at = integer_of(member(*json, "expires_at"))) tokens.expires_at = base::from_micros(*expires_at);
    }
    if (tokens.access_token.empty()) return base::Error(base::ErrorKind::invalid_input, "the stored tokens hold no access token");
    return tokens;
}

} // namespace sportello::connectors
