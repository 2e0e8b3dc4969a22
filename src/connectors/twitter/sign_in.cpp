#include "sign_in.hpp"

#include "../answer.hpp"
#include "ids.hpp"
#include "oauth1.hpp"
#include "problems.hpp"
#include "scopes.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>
#include <cctype>

namespace sportello::connectors::twitter {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t usual_life_seconds = 7200;
constexpr std::int64_t longest_life_seconds = 30LL * 24 * 3600;

/// "https://api.x.com" of "https://api.x.com/2".
std::string origin_of(const std::string& api_base)
{
    const auto scheme = api_base.find("://");
    return api_base.substr(0, api_base.find('/', scheme == std::string::npos ? 0 : scheme + 3));
}

/// Where people log in: beside the API, or on it where a simulator stands in for both.
std::string login_origin(const std::string& api_base)
{
    const std::string origin = origin_of(api_base);
    if (origin == "https://api.x.com") return "https://x.com";
    if (origin == "https://api.twitter.com") return "https://twitter.com";
    return origin;
}

bool equal_handles(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void hide(std::initializer_list<std::string> secrets)
{
    for (const std::string& secret : secrets) {
        if (secret.size() >= 8) base::hide_in_logs(secret);
    }
}

std::string in_words(const Answer& answer)
{
    if (!answer.arrived()) return "X cannot be reached: " + answer.failure;
    const Problem problem = problem_of(answer.json());
    const std::string& words = !problem.detail.empty() ? problem.detail : problem.title;
    return "X answered " + std::to_string(answer.status) + (words.empty() ? "" : ": " + base::shorten(words, 300));
}

Result<SignedIn> for_account(SignedIn signed_in, const std::string& handle, const ChannelSettings& settings)
{
    if (!equal_handles(handle, settings.account)) {
        return Error(ErrorKind::invalid_input, "you logged in as @" + handle + ", channel " + settings.id + " is @" + settings.account +
                                                   ": log out on X, log in as @" + settings.account +
                                                   " and start again. Nothing was stored");
    }
    signed_in.account = "@" + handle;
    return signed_in;
}

Error another_sign_in()
{
    return Error(ErrorKind::invalid_input, "the answer belongs to another sign-in: start again");
}

/// Authorization code with PKCE.
class OAuth2SignIn final : public SignIn {
public:
    OAuth2SignIn(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock, base::Random& random)
        : settings_(std::move(settings)), redirect_(std::move(redirect)), transport_(transport), clock_(clock), state_(random.token(24)),
          verifier_(random.token(48))
    {
        hide({verifier_});
    }

    boost::asio::awaitable<Result<std::string>> begin() override
    {
        if (settings_.credentials.client_id.empty()) {
            co_return Error(ErrorKind::invalid_input, "channel " + settings_.id + " needs the app's `client_id` in the configuration");
        }
        http::Parameters query;
        query.add("response_type", "code");
        query.add("client_id", settings_.credentials.client_id);
        query.add("redirect_uri", redirect_);
        query.add("scope", wanted_scopes());
        query.add("state", state_);
        query.add("code_challenge", base::sha256_base64url(verifier_));
        query.add("code_challenge_method", "S256");
        co_return login_origin(settings_.api_base) + "/i/oauth2/authorize?" + query.encode();
    }

    boost::asio::awaitable<Result<SignedIn>> finish(http::Parameters given, bool typed) override
    {
        if (const auto refused = given.find("error")) {
            co_return Error(ErrorKind::invalid_input,
                            "X did not let the app in: " + base::shorten(given.find("error_description").value_or(*refused), 300));
        }
        if (!typed && !base::equal_secret(given.find("state").value_or(""), state_)) co_return another_sign_in();
        const std::string code(given.find("code").value_or(""));
        if (code.empty()) co_return Error(ErrorKind::invalid_input, "the answer holds no code: start again");
        auto tokens = co_await exchange(code);
        if (!tokens) co_return tokens.error();
        SignedIn signed_in;
        signed_in.tokens = std::move(*tokens);
        if (signed_in.tokens.refresh_token.empty()) {
            signed_in.notes.emplace_back("X gave no refresh token: this login ends after two hours. Allow offline.access to the app");
        }
        if (const std::string lacks = lacking_scopes(signed_in.tokens.scope); !lacks.empty() && !signed_in.tokens.scope.empty()) {
            signed_in.notes.push_back("The token lacks " + lacks);
        }
        auto handle = co_await who(signed_in.tokens.access_token);
        if (!handle) co_return handle.error();
        co_return for_account(std::move(signed_in), *handle, settings_);
    }

private:
    boost::asio::awaitable<Result<Tokens>> exchange(std::string code)
    {
        const Credentials& secrets = settings_.credentials;
        http::Parameters form;
        form.add("grant_type", "authorization_code");
        form.add("code", std::move(code));
        form.add("redirect_uri", redirect_);
        form.add("code_verifier", verifier_);
        form.add("client_id", secrets.client_id);
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = settings_.api_base + "/oauth2/token";
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.headers.set("Accept", "application/json");
        if (!secrets.client_secret.empty()) {
            request.headers.set("Authorization", "Basic " + base::base64(http::percent_encode(secrets.client_id) + ":" +
                                                                         http::percent_encode(secrets.client_secret)));
        }
        request.body = form.encode();
        request.fresh_connection = true;
        http::Exchange exchanged = co_await transport_.send(std::move(request));
        const Answer answer = read_answer(std::move(exchanged));
        Tokens tokens;
        tokens.kind = Tokens::Kind::x_oauth2;
        tokens.access_token = text_of(member(answer.json(), "access_token"));
        if (!answer.success() || tokens.access_token.empty()) {
            co_return Error(ErrorKind::invalid_input, "exchange the code: " + in_words(answer) + ". A code lives 30 seconds: start again");
        }
        tokens.refresh_token = text_of(member(answer.json(), "refresh_token"));
        tokens.scope = text_of(member(answer.json(), "scope"));
        const std::int64_t life = integer_of(member(answer.json(), "expires_in")).value_or(usual_life_seconds);
        tokens.expires_at = clock_.now() + std::chrono::seconds(std::clamp<std::int64_t>(life, 0, longest_life_seconds));
        hide({tokens.access_token, tokens.refresh_token});
        co_return tokens;
    }

    boost::asio::awaitable<Result<std::string>> who(std::string token)
    {
        http::ClientRequest request;
        request.url = settings_.api_base + "/users/me?user.fields=username";
        request.headers.set("Authorization", "Bearer " + token);
        request.headers.set("Accept", "application/json");
        http::Exchange exchanged = co_await transport_.send(std::move(request));
        const Answer answer = read_answer(std::move(exchanged));
        std::string handle = text_of(member(member(answer.json(), "data"), "username"));
        if (!answer.success() || handle.empty())
            co_return Error(ErrorKind::unavailable, "ask who logged in: " + in_words(answer) + "; nothing was stored");
        co_return handle;
    }

    ChannelSettings settings_;
    std::string redirect_;
    http::Transport& transport_;
    base::Clock& clock_;
    std::string state_;
    std::string verifier_;
};

/// Three legs, with a PIN where the redirect is "oob".
class OAuth1SignIn final : public SignIn {
public:
    OAuth1SignIn(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock, base::Random& random)
        : settings_(std::move(settings)), redirect_(std::move(redirect)), transport_(transport), clock_(clock), random_(random)
    {
    }

    boost::asio::awaitable<Result<std::string>> begin() override
    {
        const Credentials& secrets = settings_.credentials;
        if (secrets.consumer_key.empty()) {
            co_return Error(ErrorKind::invalid_input,
                            "channel " + settings_.id + " needs the app's `consumer_key` and `consumer_secret` in the configuration");
        }
        keys_ = {secrets.consumer_key, secrets.consumer_secret, "", ""};
        http::Parameters form;
        form.add("oauth_callback", redirect_);
        auto answer = co_await post("/oauth/request_token", std::move(form), "begin the sign-in");
        if (!answer) co_return answer.error();
        keys_.token = answer->find("oauth_token").value_or("");
        keys_.token_secret = answer->find("oauth_token_secret").value_or("");
        if (keys_.token.empty() || answer->find("oauth_callback_confirmed").value_or("") != "true") {
            co_return Error(ErrorKind::invalid_input,
                            "begin the sign-in: X does not take the address to come back to; register " + redirect_ + " with the app");
        }
        hide({keys_.token_secret});
        http::Parameters query;
        query.add("oauth_token", keys_.token);
        query.add("force_login", "true");
        co_return origin_of(settings_.api_base) + "/oauth/authorize?" + query.encode();
    }

    boost::asio::awaitable<Result<SignedIn>> finish(http::Parameters given, bool typed) override
    {
        if (given.find("denied")) co_return Error(ErrorKind::invalid_input, "X did not let the app in: it was declined");
        if (!typed && !base::equal_secret(given.find("oauth_token").value_or(""), keys_.token)) co_return another_sign_in();
        http::Parameters form;
        form.add("oauth_verifier", std::string(given.find("oauth_verifier").value_or("")));
        auto answer = co_await post("/oauth/access_token", std::move(form), "exchange the PIN");
        if (!answer) co_return answer.error();
        SignedIn signed_in;
        signed_in.tokens.kind = Tokens::Kind::x_oauth1;
        signed_in.tokens.access_token = answer->find("oauth_token").value_or("");
        signed_in.tokens.token_secret = answer->find("oauth_token_secret").value_or("");
        if (signed_in.tokens.access_token.empty() || signed_in.tokens.token_secret.empty()) {
            co_return Error(ErrorKind::invalid_input, "exchange the PIN: X's answer holds no token; start again");
        }
        hide({signed_in.tokens.access_token, signed_in.tokens.token_secret});
        co_return for_account(std::move(signed_in), std::string(answer->find("screen_name").value_or("")), settings_);
    }

private:
    boost::asio::awaitable<Result<http::Parameters>> post(std::string path, http::Parameters form, std::string doing)
    {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = origin_of(settings_.api_base) + path;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
        const OAuth1Stamp stamp{random_.token(24), std::to_string(seconds)};
        request.headers.set("Authorization", oauth1_header("POST", request.url, form, keys_, stamp));
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = form.encode();
        request.fresh_connection = true;
        http::Exchange exchanged = co_await transport_.send(std::move(request));
        const bool good = exchanged.response && exchanged.response->status == 200;
        if (good) co_return http::Parameters::parse(exchanged.response->body);
        const Answer answer = read_answer(std::move(exchanged));
        co_return Error(ErrorKind::invalid_input, doing + ": " + in_words(answer));
    }

    ChannelSettings settings_;
    std::string redirect_;
    http::Transport& transport_;
    base::Clock& clock_;
    base::Random& random_;
    OAuth1Keys keys_;
};

} // namespace

std::unique_ptr<SignIn> make_oauth2_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock,
                                            base::Random& random)
{
    return std::make_unique<OAuth2SignIn>(std::move(settings), std::move(redirect), transport, clock, random);
}

std::unique_ptr<SignIn> make_oauth1_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock,
                                            base::Random& random)
{
    return std::make_unique<OAuth1SignIn>(std::move(settings), std::move(redirect), transport, clock, random);
}

} // namespace sportello::connectors::twitter
