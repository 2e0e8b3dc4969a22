// Who is at the counter: log in, log out, who am I.
#include "context.hpp"
#include "fields.hpp"
#include "people_json.hpp"
#include "session_json.hpp"

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using boost::asio::awaitable;
using http::Method;

/// POST /v1/session
awaitable<Answer> log_in(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto login = fields.text("login", {1, 200});
    const auto password = fields.text("password", {1, 1000});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    auto& throttle = context.sessions.throttle();
    const auto wait = throttle.attempt(login, call.request.remote_address, context.clock.since_boot());
    if (wait > base::Duration::zero()) {
        context.metrics.login_failed();
        co_return too_many_attempts(call, wait, "log-ins");
    }
    const auto logged_in = co_await context.sessions.log_in(login, password, Sessions::from(call.request));
    if (!logged_in) {
        context.metrics.login_failed();
        co_return logged_in.error();
    }
    throttle.succeeded(login, call.request.remote_address);
    context.feed.wake_all(); // the session that this one replaces may have open streams

    auto response = session_response(*logged_in->caller);
    response.headers.add("Set-Cookie", Sessions::cookie(call.request, logged_in->token));
    co_return response;
}

/// DELETE /v1/session
awaitable<Answer> log_out(Context& context, Call& call)
{
    if (!call.caller->by_cookie) {
        co_return base::Error(base::ErrorKind::invalid_input,
                              "A Bearer token has no session to end; revoke it with DELETE /v1/tokens/{id}.");
    }
    const auto ended = co_await context.sessions.log_out(call.caller);
    if (!ended) co_return ended.error();
    context.feed.wake_all();
    auto response = http::Response::empty(204);
    response.headers.add("Set-Cookie", Sessions::cookie(call.request, ""));
    response.headers.add("Clear-Site-Data", "\"cache\", \"storage\"");
    co_return response;
}

http::Response me_response(const Caller& caller)
{
    std::string body;
    JsonWriter json(body);
    write_me(json, caller);
    return json_response(200, std::move(body));
}

/// GET /v1/me
awaitable<Answer> get_me(Context&, Call& call)
{
    co_return me_response(*call.caller);
}

/// PUT /v1/me/availability
awaitable<Answer> set_my_availability(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const bool available = fields.flag("available");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto agent = co_await context.engine.ticketing().set_availability(call.caller->agent.id, available, std::move(order));
    if (!agent) co_return agent.error();
    context.sessions.rights_changed(); // what is remembered of the caller says otherwise
    Caller now = *call.caller;
    now.agent = *agent;
    co_return me_response(now);
}

} // namespace

std::span<const Route> session_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/session", Access::public_, log_in, {.answers_secret = true}},
        {Method::del, "/v1/session", Access::phone, log_out},
        {Method::get, "/v1/me", Access::phone, get_me, {.answers_secret = true}},
        {Method::put, "/v1/me/availability", Access::agent, set_my_availability},
    };
    return routes;
}

} // namespace sportello::api
