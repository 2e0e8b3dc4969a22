#include "x_api.hpp"

#include "ids.hpp"
#include "text_list.hpp"

#include <charconv>

namespace sportello::simulator {
namespace asio = boost::asio;

/// A route, and its limits in calls for 15 minutes; 0: not for such callers. "*" in a path stands for one segment.
struct XApi::Route {
    http::Method method;
    std::string_view path;
    Endpoint endpoint;
    int user_limit, app_limit;
    XAnswer (*act)(const XCall&);
    int daily_limit = 0; ///< of a user, in calls for 24 hours; 0: none
};

const XApi::Route* XApi::find_route(http::Method method, const std::vector<std::string>& path)
{
    using enum http::Method;
    static constexpr Route routes[] = {
        {get, "users/me", Endpoint::read, 75, 0, x_me},
        {get, "users/by/username/*", Endpoint::read, 900, 300, x_user_by_name},
        {get, "users/*", Endpoint::read, 900, 300, x_user},
        {get, "users/*/mentions", Endpoint::read, 300, 450, x_mentions},
        {get, "users/*/tweets", Endpoint::read, 900, 10000, x_own_tweets},
        {get, "tweets/search/recent", Endpoint::read, 300, 450, x_search},
        {get, "tweets/*", Endpoint::read, 900, 450, x_tweet},
        {get, "tweets", Endpoint::read, 5000, 3500, x_tweets},
        {post, "tweets", Endpoint::public_write, 100, 0, x_create_tweet, 10000},
        {del, "tweets/*", Endpoint::public_write, 50, 0, x_delete_tweet},
        {get, "dm_events", Endpoint::read, 15, 0, x_dm_events},
        {get, "dm_conversations/with/*/dm_events", Endpoint::read, 15, 0, x_dm_events_with},
        {get, "dm_conversations/*/dm_events", Endpoint::read, 15, 0, x_dm_events_of_conversation},
        {post, "dm_conversations/with/*/messages", Endpoint::direct_message, 15, 0, x_send_dm_with, 1440},
        {post, "dm_conversations/*/messages", Endpoint::direct_message, 15, 0, x_send_dm_to_conversation, 1440},
    };
    const auto fits = [&](const Route& route) {
        const auto pattern = split_list(route.path, '/');
        return route.method == method &&
               std::ranges::equal(pattern, path, [](const auto& want, const auto& have) { return want == "*" || want == have; });
    };
    const auto found = std::ranges::find_if(routes, fits);
    return found == std::end(routes) ? nullptr : found;
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
    auto segments = split_list(path, '/');
    if (!segments.empty()) segments.erase(segments.begin()); // "2"
    const auto* route = find_route(request.method, segments);
    const auto unauthorized = x_problem(401, "Unauthorized", "Unauthorized");
    if (!route) { co_return x_answer(404, x_problem(404, "Not Found", "Not Found").body); }
    const auto caller = authenticate_x(house_.world, request);
    if (!caller) co_return x_answer(401, unauthorized.body);

    const XCall call{house_, request, std::move(segments), *caller};
    auto act = [&] { return run(*route, call); };
    auto refuse = [&](const Fault& fault) {
        if (fault.kind == FaultKind::unauthorized) return x_answer(401, unauthorized.body);
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
    if (route.daily_limit > 0) {
        const auto day = usage_.count(key + "|day", now, std::chrono::hours(24));
        within = add("x-user-limit-24hour-", route.daily_limit * scale, day) && within;
    }
    return within;
}

http::Response XApi::run(const Route& route, const XCall& call)
{
    http::Headers limits;
    const bool within = count(route, call.caller, limits);
    http::Response response;
    try {
        if (!within) throw x_problem(429, "Too Many Requests", "Too Many Requests");
        const auto answer = route.act(call);
        response = x_answer(answer.status, answer.body);
    } catch (const XFailure& failure) {
        response = x_answer(failure.status, failure.body);
    }
    for (const auto& [name, value] : limits) response.headers.add(name, value);
    return response;
}

} // namespace sportello::simulator
