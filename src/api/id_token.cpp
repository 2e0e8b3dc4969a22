#include "id_token.hpp"
#include "json_body.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include <cjose/cjose.h>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::size_t longest_token = 32 * 1024;
constexpr std::chrono::seconds clocks_differ{60};

struct JwsRelease {
    void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct JwkRelease {
    void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
};
using Jws = std::unique_ptr<cjose_jws_t, JwsRelease>;
using Jwk = std::unique_ptr<cjose_jwk_t, JwkRelease>;

Error refused(const std::string& why)
{
    return Error(ErrorKind::unauthenticated, "the ID token " + why);
}

bool is_of_two_keys(std::string_view algorithm)
{
    static constexpr std::array<std::string_view, 9> known{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"};
    return std::find(known.begin(), known.end(), algorithm) != known.end();
}

/// The public half of a key, and nothing else of what it says; nothing when it is none for signatures of this kind.
Jwk public_key(const json& given, std::string_view algorithm)
{
    const std::string type = text_of(given, "kty");
    const std::string wanted = algorithm.starts_with("ES") ? "EC" : "RSA";
    const std::string use = text_of(given, "use");
    const std::string own = text_of(given, "alg");
    if (type != wanted || (!use.empty() && use != "sig") || (!own.empty() && own != algorithm)) return nullptr;
    json bare{{"kty", type}};
    for (const char* part : {"n", "e", "crv", "x", "y"}) {
        if (const std::string value = text_of(given, part); !value.empty()) bare[part] = value;
    }
    const std::string text = bare.dump();
    return Jwk(cjose_jwk_import(text.data(), text.size(), nullptr));
}

/// Whether one of the keys signed it. @return not_found when no key fits its name.
Result<void> verify(cjose_jws_t* jws, std::string_view jwks)
{
    cjose_header_t* header = cjose_jws_get_protected(jws);
    const char* algorithm = header ? cjose_header_get(header, CJOSE_HDR_ALG, nullptr) : nullptr;
    const char* name = header ? cjose_header_get(header, CJOSE_HDR_KID, nullptr) : nullptr;
    if (!algorithm || !is_of_two_keys(algorithm)) return refused("is signed in a way that we do not take");
    const json set = json::parse(jwks, nullptr, false);
    if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) return refused("comes with keys that cannot be read");
    bool tried = false;
    for (const json& key : set["keys"]) {
        if (!key.is_object() || (name && text_of(key, "kid") != name)) continue;
        const Jwk fitting = public_key(key, algorithm);
        if (!fitting) continue;
        tried = true;
        if (cjose_jws_verify(jws, fitting.get(), nullptr)) return {};
    }
    if (!tried) return Error(ErrorKind::not_found, "the ID token is signed with a key that the provider does not publish");
    return refused("is not signed by the provider");
}

/// Whether `aud` names us, and nobody else is meant.
bool is_for(const json& claims, const std::string& client)
{
    const auto aud = claims.find("aud");
    if (aud == claims.end()) return false;
    const std::string azp = text_of(claims, "azp");
    if (aud->is_string()) return aud->get<std::string>() == client && (azp.empty() || azp == client);
    if (!aud->is_array()) return false;
    const bool named =
        std::any_of(aud->begin(), aud->end(), [&](const json& one) { return one.is_string() && one.get<std::string>() == client; });
    return named && (aud->size() == 1 ? azp.empty() || azp == client : azp == client);
}

std::optional<base::Instant> time_of(const json& claims, const char* name)
{
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_number()) return std::nullopt;
    const double seconds = found->get<double>();
    if (!(seconds > 0) || seconds > 1e11) return std::nullopt;
    return base::Instant(std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds)));
}

Result<IdClaims> check_claims(const json& claims, const IdTokenRules& rules)
{
    if (!claims.is_object()) return refused("cannot be read");
    if (text_of(claims, "iss") != rules.issuer) return refused("is another issuer's");
    if (!is_for(claims, rules.client_id)) return refused("is not for us");
    if (rules.nonce.empty() || text_of(claims, "nonce") != rules.nonce) return refused("is of another log-in");
    const auto expires = time_of(claims, "exp");
    const auto issued = time_of(claims, "iat");
    if (!expires || *expires + clocks_differ <= rules.now) return refused("has expired");
    if (!issued || *issued > rules.now + clocks_differ) return refused("is from the future");
    IdClaims person;
    person.subject = text_of(claims, "sub");
    if (person.subject.empty() || person.subject.size() > 255) return refused("does not say whom it is about");
    person.email = text_of(claims, "email");
    for (char& c : person.email) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto verified = claims.find("email_verified");
    person.email_verified = verified != claims.end() && verified->is_boolean() && verified->get<bool>();
    person.name = text_of(claims, "name");
    return person;
}

} // namespace

Result<IdClaims> check_id_token(std::string_view token, std::string_view jwks, const IdTokenRules& rules)
{
    if (token.size() > longest_token) return refused("is too long");
    const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
    if (!jws) return refused("cannot be read");
    if (const auto verified = verify(jws.get(), jwks); !verified) return verified.error();
    std::uint8_t* text = nullptr;
    std::size_t length = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &text, &length, nullptr)) return refused("cannot be read");
    const json claims = json::parse(std::string_view(reinterpret_cast<const char*>(text), length), nullptr, false);
    return check_claims(claims, rules);
}

} // namespace sportello::api
