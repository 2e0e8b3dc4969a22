#include "api.hpp"

#include "ids.hpp"
#include "problems.hpp"
#include <sportello/base/digest.hpp>

#include <algorithm>
#include <cctype>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;

bool equal_handles(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

Api::Api(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, base::Random& random)
    : base_url_(settings.api_base),
      bearer_(settings.credentials.access_token), keys_{settings.credentials.consumer_key, settings.credentials.consumer_secret,
                                                        settings.credentials.access_token, settings.credentials.access_token_secret},
      transport_(transport), clock_(clock), random_(random)
{
}

std::string Api::authorization(http::Method method, const std::string& url, const http::Parameters& query)
{
    if (keys_.consumer_key.empty()) return "Bearer " + bearer_;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    const OAuth1Stamp stamp{random_.token(24), std::to_string(seconds)};
    return oauth1_header(http::to_string(method), url, query, keys_, stamp);
}

boost::asio::awaitable<Answer> Api::get(std::string path, http::Parameters query)
{
    http::ClientRequest request;
    request.url = base_url_ + path;
    request.headers.set("Authorization", authorization(http::Method::get, request.url, query));
    request.headers.set("Accept", "application/json");
    if (!query.empty()) request.url += "?" + query.encode();
    http::Exchange exchange = co_await transport_.send(std::move(request));
    co_return read_answer(std::move(exchange));
}

boost::asio::awaitable<Answer> Api::post(std::string path, std::string body, std::chrono::milliseconds deadline)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = base_url_ + path;
    const http::Parameters unsigned_body;
    request.headers.set("Authorization", authorization(http::Method::post, request.url, unsigned_body));
    request.headers.set("Accept", "application/json");
    request.headers.set("Content-Type", "application/json");
    request.body = std::move(body);
    request.deadline = deadline;
    request.fresh_connection = true;
    http::Exchange exchange = co_await transport_.send(std::move(request));
    co_return read_answer(std::move(exchange));
}

ChannelTrouble Account::accept(const Json& user)
{
    const std::string id = id_of(member(user, "id"));
    const std::string handle = text_of(member(user, "username"));
    if (!is_id(id)) return {State::unavailable, "X does not say who @" + handle_ + " is; tried again by itself", {}};
    if (!equal_handles(handle, handle_)) {
        return {State::misconfigured,
                "The token belongs to @" + handle + ", the channel to @" + handle_ +
                    ": nothing is read or sent until both name the same account",
                {}};
    }
    id_ = id;
    return {};
}

std::string Api::token_fingerprint() const
{
    return base::sha256_hex("fingerprint of " + bearer_).substr(0, 16);
}

void Account::remember(const std::string& id, const std::string& fingerprint)
{
    if (id_.empty() && is_id(id) && fingerprint == api_.token_fingerprint()) id_ = id;
}

boost::asio::awaitable<ChannelTrouble> Account::identify()
{
    if (!id_.empty()) co_return ChannelTrouble{};
    http::Parameters query;
    query.add("user.fields", "name,username");
    const Answer answer = co_await api_.get("/users/me", query);
    if (answer.success() && answer.body) co_return accept(member(*answer.body, "data"));
    // A token of the app alone has no "me" but can still read in public; and 75 questions in 15 minutes are soon spent
    // by a server that is restarted again and again, while the handle may be looked up more often.
    if (answer.status == 403 || answer.status == 404 || answer.status == 429) co_return co_await look_up_by_handle();
    co_return trouble_of_read(answer, api_.now());
}

boost::asio::awaitable<ChannelTrouble> Account::look_up_by_handle()
{
    http::Parameters query;
    query.add("user.fields", "name,username");
    const Answer answer = co_await api_.get("/users/by/username/" + http::percent_encode(handle_), query);
    if (!answer.success() || !answer.body) co_return trouble_of_read(answer, api_.now());
    if (!member(*answer.body, "data").is_object()) {
        co_return ChannelTrouble{State::misconfigured, "There is no account @" + handle_ + " on X: " + problem_of(*answer.body).detail, {}};
    }
    co_return accept(member(*answer.body, "data"));
}

void Pace::learn(const Answer& answer, Instant now)
{
    if (answer.status == 429) {
        next_ = trouble_of_read(answer, now).not_before.value_or(now);
        return;
    }
    if (const auto until = spent_until(answer.headers, now)) {
        next_ = *until;
        return;
    }
    const auto limit = number_in(answer.headers, "x-rate-limit-limit");
    const auto remaining = number_in(answer.headers, "x-rate-limit-remaining");
    const auto reset = number_in(answer.headers, "x-rate-limit-reset");
    if (!limit || !remaining || !reset || *remaining <= 0 || *remaining > *limit / 2) return;
    const Instant until = within_an_hour(Instant(std::chrono::seconds(std::clamp<std::int64_t>(*reset, 0, 253'402'300'799))), now);
    next_ = now + (until - now) / *remaining;
}

} // namespace sportello::connectors::twitter
