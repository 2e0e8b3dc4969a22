#include "sign_in.hpp"

#include "../answer.hpp"
#include "errors.hpp"
#include "token_facts.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int most_pages_of_accounts = 50;

/// Where people log in: beside the Graph API, or on it where a simulator stands in for both.
std::string dialog_address(const std::string& api_base)
{
    const std::string graph = "https://graph.facebook.com";
    return (api_base.starts_with(graph) ? "https://www.facebook.com" + api_base.substr(graph.size()) : api_base) + "/dialog/oauth";
}

void hide(const std::string& token)
{
    if (token.size() >= 8) base::hide_in_logs(token);
}

/// The calls that a sign-in makes, in the name of whatever token it has so far.
class Steps {
public:
    Steps(ChannelSettings settings, http::Transport& transport, base::Clock& clock)
        : settings_(std::move(settings)), transport_(transport), clock_(clock)
    {
    }

    [[nodiscard]] const ChannelSettings& settings() const { return settings_; }

    /// @return the answer's body, or in Facebook's words why there is none
    boost::asio::awaitable<Result<Json>> get(std::string path, http::Parameters query, std::string token, std::string doing)
    {
        http::ClientRequest request;
        if (!token.empty()) {
            request.headers.set("Authorization", "Bearer " + token);
            if (!settings_.credentials.app_secret.empty()) {
                query.add("appsecret_proof", proof_of(token, settings_.credentials.app_secret));
            }
        }
        request.url = settings_.api_base + path + "?" + query.encode();
        request.headers.set("Accept", "application/json");
        http::Exchange exchange = co_await transport_.send(std::move(request));
        const Answer answer = read_answer(std::move(exchange));
        if (!answer.arrived()) co_return Error(ErrorKind::unavailable, doing + ": Facebook cannot be reached: " + answer.failure);
        const GraphError error = error_of(answer.json());
        if (!answer.success() || error.code != 0 || !answer.body) {
            co_return Error(ErrorKind::invalid_input, doing + ": " +
                                                          (error.message.empty() ? "Facebook answered " + std::to_string(answer.status)
                                                                                 : base::shorten(error.message, 300)));
        }
        co_return *answer.body;
    }

    /// GET /oauth/access_token
    boost::asio::awaitable<Result<std::string>> token(http::Parameters query, std::string doing)
    {
        query.add("client_id", settings_.credentials.app_id);
        query.add("client_secret", settings_.credentials.app_secret);
        auto body = co_await get("/oauth/access_token", std::move(query), "", doing);
        if (!body) co_return body.error();
        std::string token = text_of(member(*body, "access_token"));
        if (token.empty()) co_return Error(ErrorKind::invalid_input, doing + ": Facebook's answer holds no token");
        hide(token);
        co_return token;
    }

    boost::asio::awaitable<Result<SignedIn>> page_of(std::string token);

private:
    boost::asio::awaitable<Result<Json>> own_page(std::string token);
    boost::asio::awaitable<Result<SignedIn>> with_facts(SignedIn signed_in);

    ChannelSettings settings_;
    http::Transport& transport_;
    base::Clock& clock_;
};

/// The channel's Page in the list of Pages that the token may act for; null when it is not in there.
boost::asio::awaitable<Result<Json>> Steps::own_page(std::string token)
{
    std::string after, seen;
    for (int page = 0; page < most_pages_of_accounts; ++page) {
        http::Parameters query;
        query.add("fields", "id,name,access_token,tasks");
        query.add("limit", "100");
        if (!after.empty()) query.add("after", after);
        auto body = co_await get("/me/accounts", std::move(query), token, "list the Pages of this token");
        if (!body) co_return body.error();
        for (const Json& row : elements(member(*body, "data"))) {
            if (id_of(member(row, "id")) == settings_.account) co_return row;
        }
        const Json& paging = member(*body, "paging");
        after = text_of(member(member(paging, "cursors"), "after"));
        if (text_of(member(paging, "next")).empty() || after.empty() || after == seen) break;
        seen = after;
    }
    co_return Json();
}

boost::asio::awaitable<Result<SignedIn>> Steps::page_of(std::string token)
{
    hide(token);
    SignedIn signed_in;
    http::Parameters who;
    who.add("fields", "id,name");
    auto me = co_await get("/me", who, token, "ask whose token it is");
    if (!me) co_return me.error();
    if (id_of(member(*me, "id")) == settings_.account) { // the Page's own already
        signed_in.tokens.access_token = token;
        signed_in.account = text_of(member(*me, "name")) + " (" + settings_.account + ")";
        co_return co_await with_facts(std::move(signed_in));
    }
    auto page = co_await own_page(token);
    if (!page) co_return page.error();
    signed_in.tokens.access_token = text_of(member(*page, "access_token"));
    if (signed_in.tokens.access_token.empty()) {
        co_return Error(ErrorKind::invalid_input,
                        text_of(member(*me, "name")) + " may not act for the Page " + settings_.account + " of channel " + settings_.id +
                            ": log in as somebody with a role on that Page, and choose it in the dialog. Nothing was stored");
    }
    hide(signed_in.tokens.access_token);
    signed_in.account = text_of(member(*page, "name")) + " (" + settings_.account + ")";
    for (const std::string_view task : {"MESSAGING", "MODERATE", "CREATE_CONTENT"}) {
        const Json& tasks = elements(member(*page, "tasks"));
        if (tasks.empty() || std::any_of(tasks.begin(), tasks.end(), [&](const Json& one) { return one == task; })) continue;
        signed_in.notes.push_back("The person lacks the task " + std::string(task) + " on the Page" +
                                  (task == "MESSAGING"  ? ": Messenger is neither read nor answered"
                                   : task == "MODERATE" ? ": comments are neither answered nor hidden"
                                                        : ": no post of our own can be published"));
    }
    auto check = co_await get("/me", who, signed_in.tokens.access_token, "ask whose token the Page's is");
    if (!check) co_return check.error();
    if (id_of(member(*check, "id")) != settings_.account) {
        co_return Error(ErrorKind::invalid_input,
                        "Facebook gave the token of another Page than " + settings_.account + "; nothing was stored");
    }
    co_return co_await with_facts(std::move(signed_in));
}

/// What the token is good for, and until when, as far as it can be asked.
boost::asio::awaitable<Result<SignedIn>> Steps::with_facts(SignedIn signed_in)
{
    const Credentials& secrets = settings_.credentials;
    if (secrets.app_id.empty() || secrets.app_secret.empty()) co_return signed_in;
    http::Exchange exchange = co_await transport_.send(ask_about(signed_in.tokens.access_token, settings_));
    const Answer answer = read_answer(std::move(exchange));
    const auto facts = answer.success() ? token_facts(answer.json(), settings_.account) : std::nullopt;
    if (!facts) co_return signed_in;
    if (facts->app_id != secrets.app_id) {
        signed_in.notes.push_back("The token is of the app " + facts->app_id + ", `app_id` is " + secrets.app_id +
                                  ": calls will be refused for a false proof");
    }
    const ChannelAccess access = access_of(*facts);
    signed_in.tokens.expires_at = facts->expires_at;
    if (access.ends_at)
        signed_in.notes.push_back("The access ends at " + base::to_rfc3339(*access.ends_at) + "; the server tells 14, 7 and 1 days ahead");
    if (!access.lacks.empty()) signed_in.notes.push_back("The token lacks " + access.lacks);
    for (const auto& [scope, holds] : facts->scopes) {
        if (holds) signed_in.tokens.scope += (signed_in.tokens.scope.empty() ? "" : " ") + scope;
    }
    co_return signed_in;
}

class FacebookSignIn final : public SignIn {
public:
    FacebookSignIn(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock, base::Random& random)
        : steps_(std::move(settings), transport, clock), redirect_(std::move(redirect)), state_(random.token(24))
    {
    }

    boost::asio::awaitable<Result<std::string>> begin() override
    {
        const Credentials& secrets = steps_.settings().credentials;
        if (secrets.app_id.empty() || secrets.app_secret.empty()) {
            co_return Error(ErrorKind::invalid_input, "channel " + steps_.settings().id +
                                                          " needs `app_id` and `app_secret` of the Facebook app in the configuration");
        }
        http::Parameters query;
        query.add("client_id", secrets.app_id);
        query.add("redirect_uri", redirect_);
        query.add("state", state_);
        query.add("response_type", "code");
        query.add("scope", wanted_permissions());
        query.add("auth_type", "rerequest"); // ask again for what was declined before
        co_return dialog_address(steps_.settings().api_base) + "?" + query.encode();
    }

    boost::asio::awaitable<Result<SignedIn>> finish(http::Parameters answer, bool typed) override
    {
        if (const auto refused = answer.find("error")) {
            co_return Error(ErrorKind::invalid_input,
                            "Facebook did not let the app in: " + base::shorten(answer.find("error_description").value_or(*refused), 300));
        }
        if (!typed && !base::equal_secret(answer.find("state").value_or(""), state_)) {
            co_return Error(ErrorKind::invalid_input, "the answer belongs to another sign-in (its state differs): start again");
        }
        const std::string code(answer.find("code").value_or(""));
        if (code.empty()) co_return Error(ErrorKind::invalid_input, "the answer holds no code: start again");
        http::Parameters short_lived;
        short_lived.add("redirect_uri", redirect_);
        short_lived.add("code", code);
        auto person = co_await steps_.token(std::move(short_lived), "exchange the code");
        if (!person) co_return person.error();
        http::Parameters long_lived;
        long_lived.add("grant_type", "fb_exchange_token");
        long_lived.add("fb_exchange_token", *person);
        // A Page's token taken with the long-lived one does not expire.
        auto lasting = co_await steps_.token(std::move(long_lived), "exchange the token for one that lasts");
        if (!lasting) co_return lasting.error();
        co_return co_await steps_.page_of(std::move(*lasting));
    }

private:
    Steps steps_;
    std::string redirect_;
    std::string state_;
};

} // namespace

std::unique_ptr<SignIn> make_sign_in(ChannelSettings settings, std::string redirect, http::Transport& transport, base::Clock& clock,
                                     base::Random& random)
{
    return std::make_unique<FacebookSignIn>(std::move(settings), std::move(redirect), transport, clock, random);
}

boost::asio::awaitable<Result<SignedIn>> page_token_from(std::string token, ChannelSettings settings, http::Transport& transport,
                                                         base::Clock& clock)
{
    Steps steps(std::move(settings), transport, clock);
    auto page = co_await steps.page_of(std::move(token));
    co_return page;
}

} // namespace sportello::connectors::facebook
