#include "x_api.hpp"

#include "ids.hpp"
#include "text_list.hpp"
#include "x_dialect.hpp"
#include "x_failures.hpp"
#include "x_media.hpp"
#include "x_webhooks.hpp"

#include <charconv>

namespace sportello::simulator {
namespace asio = boost::asio;

/// A route, its limits in calls for 15 minutes and for 24 hours (0: not for such callers, or none), the scopes that it
/// wants, and what each object that it answers costs. "*" in a path stands for one segment.
struct XApi::Route {
    http::Method method;
    std::string_view path;
    Endpoint endpoint;
    int user_limit, app_limit;
    XAnswer (*act)(const XCall&);
    std::string_view scopes;
    double price = 0;
    int daily_user = 0;
    int daily_app = 0;
};

namespace {

constexpr std::string_view reads = "tweet.read users.read";
constexpr std::string_view writes = "tweet.read tweet.write users.read";
constexpr std::string_view reads_dm = "dm.read tweet.read users.read";
constexpr std::string_view writes_dm = "dm.write tweet.read users.read";
constexpr double owned_read = 0.001;
constexpr double link_price = 0.20;

} // namespace

const XApi::Route* XApi::find_route(http::Method method, const std::vector<std::string>& path)
{
    using enum http::Method;
    constexpr auto publics = Endpoint::public_write;
    constexpr auto directs = Endpoint::direct_message;
    static constexpr Route routes[] = {
        {get, "users/me", Endpoint::read, 75, 0, x_me, reads, 0.010},
        {get, "users/by", Endpoint::read, 900, 300, x_users_by_name, reads, 0.010},
        {get, "users/by/username/*", Endpoint::read, 900, 300, x_user_by_name, reads, 0.010},
        {get, "users", Endpoint::read, 900, 300, x_users, reads, 0.010},
        {get, "users/*", Endpoint::read, 900, 300, x_user, reads, 0.010},
        {get, "users/*/mentions", Endpoint::read, 300, 450, x_mentions, reads, 0.005},
        {get, "users/*/tweets", Endpoint::read, 900, 10000, x_own_tweets, reads, 0.005},
        {post, "users/*/likes", publics, 50, 0, x_like, "like.write tweet.read users.read"},
        {get, "tweets/search/recent", Endpoint::read, 300, 450, x_search, reads, 0.005},
        {get, "tweets/*", Endpoint::read, 900, 450, x_tweet, reads, 0.005},
        {get, "tweets", Endpoint::read, 5000, 3500, x_tweets, reads, 0.005},
        {post, "tweets", publics, 100, 0, x_create_tweet, writes, 0.015, 10000, 10000},
        {del, "tweets/*", publics, 50, 0, x_delete_tweet, writes, 0.010},
        {put, "tweets/*/hidden", publics, 50, 0, x_hide, "tweet.moderate.write tweet.read users.read"},
        {get, "dm_events", Endpoint::read, 15, 0, x_dm_events, reads_dm, 0.010},
        {get, "dm_events/*", Endpoint::read, 15, 0, x_dm_event, reads_dm, 0.010},
        {del, "dm_events/*", directs, 300, 0, x_delete_dm, "dm.read dm.write", 0.010, 1500, 4000},
        {get, "dm_conversations/with/*/dm_events", Endpoint::read, 15, 0, x_dm_events_with, reads_dm, 0.010},
        {get, "dm_conversations/*/dm_events", Endpoint::read, 15, 0, x_dm_events_of_conversation, reads_dm, 0.010},
        {post, "dm_conversations/with/*/messages", directs, 15, 0, x_send_dm_with, writes_dm, 0.015, 1440, 1440},
        {post, "dm_conversations/*/messages", directs, 15, 0, x_send_dm_to_conversation, writes_dm, 0.015, 1440, 1440},
        {post, "dm_conversations", directs, 15, 0, x_create_group, writes_dm, 0.015, 1440, 1440},
        {post, "media/upload", publics, 500, 0, x_upload, "media.write", 0, 0, 50000},
        {get, "media/upload", Endpoint::read, 1000, 0, x_upload_status, "media.write", 0, 0, 100000},
        {post, "media/upload/initialize", publics, 1875, 0, x_upload_initialize, "media.write", 0, 0, 180000},
        {post, "media/upload/*/append", publics, 1875, 0, x_upload_append, "media.write", 0, 0, 180000},
        {post, "media/upload/*/finalize", publics, 1875, 0, x_upload_finalize, "media.write", 0, 0, 180000},
        {post, "media/metadata", publics, 500, 0, x_media_metadata, "media.write"},
    };
    const auto fits = [&](const Route& route) {
        const auto pattern = split_list(route.path, '/');
        return route.method == method &&
               std::ranges::equal(pattern, path, [](const auto& want, const auto& have) { return want == "*" || want == have; });
    };
    const auto found = std::ranges::find_if(routes, fits);
    return found == std::end(routes) ? nullptr : found;
}

XApi::XApi(House& house) : house_(house), oauth_(house), webhooks_(std::make_unique<XWebhooks>(house)) {}

XApi::~XApi() = default;

bool XApi::is_path(std::string_view path)
{
    return path.starts_with("/2/") || path.starts_with("/oauth/") || path.starts_with("/oauth2/") || path.starts_with("/i/oauth2/");
}

std::size_t XCall::account() const
{
    if (caller.account) return *caller.account;
    throw x_problem(403, "Unsupported Authentication",
                    "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication "
                    "types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
                    "unsupported-authentication");
}

std::size_t x_number(const XCall& call, const std::string& name, std::size_t otherwise, std::size_t least, std::size_t most)
{
    const auto text = call.query(name);
    if (text.empty()) return otherwise;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
        throw x_bad_parameter(name, text,
                              "The `" + name + "` query parameter value [" + text + "] is not between " + std::to_string(least) + " and " +
                                  std::to_string(most));
    }
    return number;
}

asio::awaitable<http::Response> XApi::serve(const http::Request& request, std::string_view prefix)
{
    const auto path = std::string_view(request.path).substr(prefix.size());
    if (path == "/oauth2/token" && request.method == http::Method::post) {
        auto act = [&request] { return issue_app_token(request); };
        auto refuse_token = [](const Fault& fault) {
            return x_answer(fault.kind == FaultKind::too_many       ? 429
                            : fault.kind == FaultKind::unauthorized ? 401
                                                                    : 503,
                            {{"errors", ordered_json::array({{{"message", "Over capacity"}, {"code", 130}}})}});
        };
        co_return co_await run_with_faults(house_, Platform::twitter, "", Endpoint::token, std::ref(refuse_token), std::ref(act));
    }
    const auto unauthorized = x_problem(401, "Unauthorized", "Unauthorized");
    if (path.starts_with("/oauth/") || path.starts_with("/oauth2/") || path.starts_with("/i/") || path.starts_with("/2/oauth2/")) {
        auto sign_in = [&] {
            auto answer = oauth_.serve(request, path);
            return answer ? std::move(*answer) : x_answer(404, x_problem(404, "Not Found", "Not Found").body);
        };
        auto refuse_token = [](const Fault& fault) {
            const int status = fault.kind == FaultKind::too_many ? 429 : fault.kind == FaultKind::unauthorized ? 401 : 503;
            return x_answer(status, {{"errors", ordered_json::array({{{"message", "Over capacity"}, {"code", 130}}})}});
        };
        co_return co_await run_with_faults(house_, Platform::twitter, "", Endpoint::token, std::ref(refuse_token), std::ref(sign_in));
    }
    auto segments = split_list(path, '/');
    if (!segments.empty()) segments.erase(segments.begin()); // "2"
    const auto caller = authenticate_x(house_, request);
    const bool is_hook = !segments.empty() && (segments[0] == "webhooks" || segments[0] == "account_activity");
    if (is_hook && caller) {
        const XCall call{house_, request, std::move(segments), *caller};
        std::optional<XAnswer> answer;
        try {
            answer = co_await webhooks_->serve(call);
        } catch (const XFailure& failure) {
            answer = XAnswer{failure.status, failure.body};
        }
        if (!answer) answer = XAnswer{404, x_problem(404, "Not Found", "Not Found").body};
        co_return x_answer(answer->status, answer->body);
    }
    const auto* route = find_route(request.method, segments);
    if (!route && !is_hook) { co_return x_answer(404, x_problem(404, "Not Found", "Not Found").body); }
    if (!caller) co_return x_answer(401, unauthorized.body);

    const bool newer = speaks_of_posts(request.query);
    std::optional<http::Request> translated;
    if (newer) {
        translated = request;
        translated->query = in_older_words(request.query);
    }
    const XCall call{house_, newer ? *translated : request, std::move(segments), *caller, newer};
    auto act = [&] { return run(*route, call); };
    auto refuse = [&](const Fault& fault) {
        if (fault.kind == FaultKind::unauthorized) return x_answer(401, unauthorized.body);
        if (fault.kind == FaultKind::error) return x_failure_of(fault.code).value_or(x_answer(401, unauthorized.body));
        if (fault.kind == FaultKind::server_error) {
            return x_answer(503, x_problem(503, "Service Unavailable", "Service Unavailable").body);
        }
        auto response = x_answer(429, x_problem(429, "Too Many Requests", "Too Many Requests").body);
        const auto reset = base::to_micros(house_.clock.now() + fault.retry_after) / 1'000'000;
        response.headers.add("x-rate-limit-limit", std::to_string(route->user_limit));
        response.headers.add("x-rate-limit-remaining", "0");
        response.headers.add("x-rate-limit-reset", std::to_string(reset));
        response.headers.add("Retry-After", std::to_string(fault.retry_after.count()));
        return response;
    };
    const auto account = caller->account ? house_.world.accounts()[*caller->account].account : std::string();
    co_return co_await run_with_faults(house_, Platform::twitter, account, route->endpoint, std::ref(refuse), std::ref(act));
}

bool XApi::count(const Route& route, const XCaller& caller, http::Headers& headers)
{
    const auto scale = house_.options.rate_limit_scale;
    if (scale == 0) return true;
    const auto now = house_.clock.now();
    const auto key = std::to_string(static_cast<int>(route.method)) + std::string(route.path) +
                     (caller.account ? "|" + std::to_string(*caller.account) : "|app");
    const auto add = [&](const std::string& name, int limit, const Usage::State& state) {
        headers.add(name + "limit", std::to_string(limit));
        headers.add(name + "remaining", std::to_string(std::max(0, limit - state.used)));
        headers.add(name + "reset", std::to_string(base::to_micros(state.resets) / 1'000'000));
        return state.used <= limit;
    };
    const int limit = (caller.account ? route.user_limit : route.app_limit) * scale;
    if (limit == 0) return true; // not for such callers: the route says so itself
    bool within = add("x-rate-limit-", limit, usage_.count(key, now, std::chrono::minutes(15)));
    if (route.daily_app > 0) {
        const auto day =
            usage_.count(std::to_string(static_cast<int>(route.method)) + std::string(route.path) + "|day", now, std::chrono::hours(24));
        within = add("x-app-limit-24hour-", route.daily_app * scale, day) && within;
    }
    if (route.daily_user > 0) {
        const auto day = usage_.count(key + "|day", now, std::chrono::hours(24));
        within = add("x-user-limit-24hour-", route.daily_user * scale, day) && within;
    }
    return within;
}

void XApi::check(const Route& route, const XCall& call) const
{
    if (house_.x.credits && *house_.x.credits <= 0) {
        throw x_problem(402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request.", "credits");
    }
    if (call.caller.account && house_.x.suspended.contains(house_.world.accounts()[*call.caller.account].account)) {
        ordered_json error{{"code", 64}, {"message", "Your account is suspended and is not permitted to access this feature."}};
        throw XFailure{403, {{"errors", ordered_json::array({error})}}};
    }
    if (!call.caller.scopes) return;
    for (const auto& scope : split_list(route.scopes, ' ')) {
        if (!call.caller.scopes->contains(scope)) throw x_problem(403, "Forbidden", "You are not permitted to perform this action.");
    }
}

/// Each object once; what an account reads of its own is cheap, a post with a link dear.
void XApi::charge(const Route& route, const XCall& call, const XAnswer& answer)
{
    const auto data = answer.body.find("data");
    const auto objects = data == answer.body.end() ? 0 : data->is_array() ? data->size() : 1;
    double price = route.price;
    const bool owned = call.caller.account && call.path.size() == 3 && call.path[0] == "users" &&
                       call.path[1] == house_.world.accounts()[*call.caller.account].id;
    if (owned) price = owned_read;
    if (route.method == http::Method::post && route.path == "tweets" && call.request.body.find("http") != std::string::npos)
        price = link_price;
    house_.x.spent += price * static_cast<double>(objects);
    if (house_.x.credits) *house_.x.credits -= price * static_cast<double>(objects);
}

http::Response XApi::run(const Route& route, const XCall& call)
{
    http::Headers limits;
    const bool within = count(route, call.caller, limits);
    http::Response response;
    try {
        if (!within) throw x_problem(429, "Too Many Requests", "Too Many Requests");
        check(route, call);
        const auto answer = route.act(call);
        charge(route, call, answer);
        response = x_answer(answer.status, call.newer_words ? in_newer_words(answer.body) : answer.body);
    } catch (const XFailure& failure) {
        response = x_answer(failure.status, failure.body);
    }
    for (const auto& [name, value] : limits) response.headers.add(name, value);
    return response;
}

} // namespace sportello::simulator
