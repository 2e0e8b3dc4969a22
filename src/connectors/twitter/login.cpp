#include "login.hpp"

#include "problems.hpp"
#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;
using namespace std::chrono_literals;

// So long before its end a token is renewed: enough for a few tries when X is out of order.
constexpr auto ahead = 10min;
constexpr auto shortest_life = 1min;
constexpr auto longest_life = 30 * 24h;
constexpr auto usual_life = 2h;
constexpr auto pause_after_failure = 30s;
constexpr auto longest_refresh = 1min;

void hide(const Tokens& tokens)
{
    for (const auto& secret : {tokens.access_token, tokens.token_secret, tokens.refresh_token}) {
        if (secret.size() >= 8) base::hide_in_logs(secret);
    }
}

Tokens configured(const Credentials& credentials)
{
    Tokens tokens;
    tokens.kind = credentials.consumer_key.empty() ? Tokens::Kind::x_oauth2 : Tokens::Kind::x_oauth1;
    tokens.access_token = credentials.access_token;
    tokens.token_secret = credentials.access_token_secret;
    return tokens;
}

} // namespace

/// One refresh: whoever comes meanwhile waits for its end, however it ends.
class Login::UnderWay {
public:
    explicit UnderWay(std::shared_ptr<Refreshing> refreshing) : refreshing_(std::move(refreshing)) { refreshing_->under_way = true; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay()
    {
        refreshing_->under_way = false;
        for (base::Timer* timer : refreshing_->waiting) timer->cancel();
    }

private:
    std::shared_ptr<Refreshing> refreshing_;
};

class Login::Waiting {
public:
    Waiting(std::shared_ptr<Refreshing> refreshing, base::Timer& timer) : refreshing_(std::move(refreshing)), timer_(timer)
    {
        refreshing_->waiting.push_back(&timer_);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { refreshing_->waiting.remove(&timer_); }

private:
    std::shared_ptr<Refreshing> refreshing_;
    base::Timer& timer_;
};

Login::Login(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, base::Random& random)
    : channel_(settings.id), token_url_(settings.api_base + "/oauth2/token"), client_id_(settings.credentials.client_id),
      client_secret_(settings.credentials.client_secret), keys_{settings.credentials.consumer_key, settings.credentials.consumer_secret, "",
                                                                ""},
      store_(settings.token_store), transport_(transport), clock_(clock), random_(random)
{
    if (!store_) take(configured(settings.credentials));
    else if (settings.tokens) take(*settings.tokens);
}

void Login::take(Tokens tokens)
{
    hide(tokens);
    tokens_ = std::move(tokens);
    keys_.token = tokens_.access_token;
    keys_.token_secret = tokens_.token_secret;
}

std::string Login::authorization(http::Method method, const std::string& url, const http::Parameters& query)
{
    if (tokens_.kind != Tokens::Kind::x_oauth1) return "Bearer " + tokens_.access_token;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    const OAuth1Stamp stamp{random_.token(24), std::to_string(seconds)};
    return oauth1_header(http::to_string(method), url, query, keys_, stamp);
}

ChannelTrouble Login::not_connected(const std::string& why) const
{
    return {State::needs_authorisation, why + ": run `sportello channel connect " + channel_ + "` and log in on X as the account", {}};
}

boost::asio::awaitable<ChannelTrouble> Login::ready()
{
    if (!store_) co_return ChannelTrouble{};
    if (tokens_.access_token.empty()) {
        const bool found = co_await take_stored();
        if (!found && !store_trouble_.empty()) {
            co_return ChannelTrouble{State::misconfigured, "The stored tokens cannot be used: " + store_trouble_, {}};
        }
        if (!found) co_return not_connected("This channel has no tokens yet");
    }
    const Instant now = clock_.now();
    if (!unkept_ && (!tokens_.expires_at || *tokens_.expires_at - ahead > now)) co_return ChannelTrouble{};
    std::string used = tokens_.access_token;
    ChannelTrouble trouble = co_await refresh(std::move(used));
    // While the token lives it is used, whatever a refresh ahead of time said.
    if (trouble.state != State::ok && tokens_.expires_at && *tokens_.expires_at > clock_.now()) co_return ChannelTrouble{};
    co_return trouble;
}

boost::asio::awaitable<ChannelTrouble> Login::renew(std::string used)
{
    if (!store_) co_return ChannelTrouble{State::needs_authorisation, "The token is refused", {}};
    if (tokens_.access_token != used) co_return ChannelTrouble{}; // somebody beside us was faster
    const bool found = co_await take_stored();
    if (found) co_return ChannelTrouble{};
    if (tokens_.kind != Tokens::Kind::x_oauth2) co_return not_connected("X refuses the token");
    co_return co_await refresh(std::move(used));
}

/// Another process may have signed in or refreshed. @return whether there is another token than before.
boost::asio::awaitable<bool> Login::take_stored()
{
    auto stored = co_await store_->load(channel_);
    store_trouble_ = stored ? "" : stored.error().what();
    if (!stored || !*stored || (*stored)->access_token == tokens_.access_token) co_return false;
    if ((*stored)->kind == Tokens::Kind::facebook_page) co_return false;
    take(std::move(**stored));
    unkept_.reset();
    not_before_ = {};
    answer_lost_ = false;
    co_return true;
}

/// Waits for the refresh under way, or does it. @param used  the token that is to be replaced
boost::asio::awaitable<ChannelTrouble> Login::refresh(std::string used)
{
    if (refreshing_->under_way) {
        co_await wait_for_refresh();
        if (tokens_.access_token != used) co_return ChannelTrouble{};
        co_return last_.state == State::ok ? ChannelTrouble{State::unavailable, "X is slow to renew the token; tried again by itself", {}}
                                           : last_;
    }
    const UnderWay under_way(refreshing_);
    ChannelTrouble ended = co_await refresh_alone();
    last_ = ended;
    co_return ended;
}

boost::asio::awaitable<void> Login::wait_for_refresh()
{
    auto executor = co_await boost::asio::this_coro::executor;
    const auto timer = clock_.make_timer(executor);
    const Waiting waiting(refreshing_, *timer);
    co_await timer->wait_until(clock_.now() + longest_refresh);
}

boost::asio::awaitable<ChannelTrouble> Login::refresh_alone()
{
    if (unkept_) co_return co_await keep_new();
    // A sign-in or another process may have been faster; its token may be of any age.
    const bool found = co_await take_stored();
    if (found && (!tokens_.expires_at || *tokens_.expires_at - ahead > clock_.now())) co_return ChannelTrouble{};
    if (tokens_.kind != Tokens::Kind::x_oauth2 || tokens_.refresh_token.empty()) {
        co_return not_connected("The token has expired, and was given without the right to be renewed (offline.access)");
    }
    if (tokens_.refresh_token == dead_refresh_token_) co_return last_;
    if (clock_.now() < not_before_) co_return last_;

    http::Parameters form;
    form.add("grant_type", "refresh_token");
    form.add("refresh_token", tokens_.refresh_token);
    form.add("client_id", client_id_);
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = token_url_;
    request.headers.set("Accept", "application/json");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    if (!client_secret_.empty()) {
        request.headers.set("Authorization",
                            "Basic " + base::base64(http::percent_encode(client_id_) + ":" + http::percent_encode(client_secret_)));
    }
    request.body = form.encode();
    request.fresh_connection = true;
    http::Exchange exchange = co_await transport_.send(std::move(request));
    const Answer answer = read_answer(std::move(exchange));

    const std::string access_token = text_of(member(answer.json(), "access_token"));
    if (!answer.success() || access_token.empty()) co_return refusal(answer);
    Tokens fresh = tokens_;
    fresh.access_token = access_token;
    if (std::string next = text_of(member(answer.json(), "refresh_token")); !next.empty()) fresh.refresh_token = std::move(next);
    if (std::string scope = text_of(member(answer.json(), "scope")); !scope.empty()) fresh.scope = std::move(scope);
    const auto life = integer_of(member(answer.json(), "expires_in"));
    fresh.expires_at =
        clock_.now() + (life ? std::chrono::seconds(std::clamp<std::int64_t>(*life, std::chrono::seconds(shortest_life).count(),
                                                                             std::chrono::seconds(longest_life).count()))
                             : std::chrono::seconds(usual_life));
    hide(fresh);
    answer_lost_ = false;
    unkept_ = std::move(fresh);
    co_return co_await keep_new();
}

/// The pair is used only once it is durable: a crash in between would leave a refresh token that served already.
boost::asio::awaitable<ChannelTrouble> Login::keep_new()
{
    Tokens copy = *unkept_;
    const auto kept = co_await store_->keep(channel_, std::move(copy));
    if (!kept) {
        co_return ChannelTrouble{
            State::unavailable, "The new tokens could not be stored (" + kept.error().what() + "); tried again by itself", {}};
    }
    take(std::move(*unkept_));
    unkept_.reset();
    not_before_ = {};
    co_return ChannelTrouble{};
}

/// Why a refresh gave nothing.
ChannelTrouble Login::refusal(const Answer& answer)
{
    const Instant now = clock_.now();
    not_before_ = now + pause_after_failure;
    if (!answer.arrived()) {
        // Perhaps the old pair is dead and the new one lost; asking again shows it, and nothing is lost by it.
        answer_lost_ = answer_lost_ || answer.request_bytes_left;
        return {State::unavailable, "The token could not be renewed: " + answer.failure + "; tried again by itself", {}};
    }
    const std::string error = text_of(member(answer.json(), "error"));
    const bool about_app = error == "unauthorized_client" || error == "invalid_client";
    if (about_app || (answer.status == 401 && error.empty())) {
        return {State::misconfigured,
                "X refuses the app while the token is renewed: check `client_id` and `client_secret` of channel " + channel_ + ". " +
                    problem_of(answer.json()).detail,
                {}};
    }
    if (answer.status == 429) {
        ChannelTrouble trouble = trouble_of_read(answer, now);
        not_before_ = std::max(not_before_, trouble.not_before.value_or(now));
        return trouble;
    }
    if (answer.status == 400 || answer.status == 401) {
        dead_refresh_token_ = tokens_.refresh_token;
        return not_connected(answer_lost_ ? "X's answer to a renewal of the token was lost on the way, and the old token serves no more"
                                          : "X does not renew the token any more: " + problem_of(answer.json()).detail);
    }
    if (answer.success()) answer_lost_ = true; // a new pair may have been in what could not be read
    return {
        State::unavailable, "The token could not be renewed: X answered " + std::to_string(answer.status) + "; tried again by itself", {}};
}

} // namespace sportello::connectors::twitter
