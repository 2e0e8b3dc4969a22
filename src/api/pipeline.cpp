#include "pipeline.hpp"

#include "origin.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>

#include <spdlog/spdlog.h>

#include <exception>
#include <stdexcept>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;

bool changes_something(Method method)
{
    return method != Method::get && method != Method::head && method != Method::options;
}

bool is_loopback(std::string_view address)
{
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

bool may(domain::Role role, Access access)
{
    const auto rank = [](Access needed) {
        switch (needed) {
        case Access::phone:
            return domain::Role::phone;
        case Access::supervisor:
            return domain::Role::supervisor;
        case Access::admin:
            return domain::Role::admin;
        default:
            return domain::Role::agent;
        }
    };
    return static_cast<int>(role) >= static_cast<int>(rank(access));
}

/// Load balancers and monitors ask by address, not by name.
bool is_asked_by_machines(std::string_view route)
{
    return route == "/healthz" || route == "/readyz" || route == "/metrics";
}

/// A body must be what it says it is: a form of another page can send anything but JSON.
std::optional<Problem> check_body(const Request& request, const Route& route)
{
    if (request.body.empty()) return std::nullopt;
    const auto type = request.headers.find("Content-Type").value_or("");
    const auto bare = type.substr(0, type.find(';'));
    if (bare == "application/json") return std::nullopt;
    // No form can send this either: other pages would have to ask first.
    if (bare == "text/csv" && route.takes_csv) return std::nullopt;
    return Problem{.status = 415, .code = "unsupported_media_type", .detail = "Send the body as JSON with Content-Type: application/json."};
}

std::optional<Problem> check_idempotency_key(const Request& request)
{
    const auto key = request.headers.find("Idempotency-Key");
    if (!key) return std::nullopt;
    bool good = !key->empty() && key->size() <= 200;
    for (const char c : *key) good = good && c >= 0x20 && c < 0x7f;
    if (good) return std::nullopt;
    return Problem{.status = 400,
                   .code = "invalid_input",
                   .detail = "The Idempotency-Key cannot be used.",
                   .errors = {{"header:Idempotency-Key", "1 to 200 printable ASCII characters expected"}}};
}

/// What keeps another page in the agent's browser from writing in their name.
std::optional<Problem> check_forgery(const Call& call, const Route& route, const Options& options)
{
    const bool upgrade = route.pattern == "/v1/live"; // a socket is opened with GET, from any page
    if (!changes_something(call.request.method) && !upgrade) return std::nullopt;
    const bool by_program = call.caller && !call.caller->by_cookie;
    if (by_program) return std::nullopt;
    if (!from_own_page(call.request, options.public_url)) {
        return Problem{.status = 403, .code = "csrf", .detail = "This request came from another site's page."};
    }
    if (!call.caller || upgrade) return std::nullopt;
    const auto token = call.request.headers.find("X-CSRF-Token").value_or("");
    if (base::equal_secret(token, call.caller->csrf_token)) return std::nullopt;
    return Problem{
        .status = 403, .code = "csrf", .detail = "Send the csrf_token of your session (POST /v1/session, GET /v1/me) as X-CSRF-Token."};
}

void add_security_headers(Response& response, const Request& request)
{
    auto& headers = response.headers;
    headers.add("X-Content-Type-Options", "nosniff");
    headers.add("Referrer-Policy", "same-origin");
    headers.add("Cross-Origin-Resource-Policy", "same-origin");
    headers.add("Cross-Origin-Opener-Policy", "same-origin");
    headers.add("X-Frame-Options", "DENY");
    headers.add("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    if (request.secure) headers.add("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    if (!headers.has("Cache-Control")) headers.add("Cache-Control", "no-store");
    if (!headers.has("Content-Security-Policy")) { headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"); }
}

} // namespace

Result<void> authorize(const Caller* caller, Access access, const Request& request)
{
    if (access == Access::public_) return {};
    if (access == Access::local && is_loopback(request.remote_address)) return {};
    if (caller == nullptr) { return Error(ErrorKind::unauthenticated, "Log in with POST /v1/session, or send a valid Bearer token."); }
    if (may(caller->agent.role, access)) return {};
    return Error(ErrorKind::forbidden, "This needs the role " + std::string(to_string(access)) + "; yours is " +
                                           std::string(domain::to_string(caller->agent.role)) + ".");
}

Pipeline::Pipeline(Context& context, std::span<const std::span<const Route>> tables, const DashboardFiles& files)
    : context_(context), files_(files), id_prefix_(context.random.token(6) + "-")
{
    for (const auto table : tables) {
        for (const auto& route : table) {
            router_.add(route.method, route.pattern, nullptr);
            routes_.emplace(std::pair(route.method, std::string(route.pattern)), &route);
        }
    }
}

Access Pipeline::access(Method method, std::string_view pattern) const
{
    return routes_.at({method, std::string(pattern)})->access;
}

std::string Pipeline::next_request_id()
{
    return id_prefix_ + std::to_string(++requests_);
}

awaitable<Response> Pipeline::answer(Request& request)
{
    const auto begun = context_.clock.since_boot();
    Call call{request, next_request_id(), nullptr};
    auto response = co_await dispatch(call);
    // Last of all, so that errors, redirects and files carry them too.
    add_security_headers(response, request);
    response.headers.add("X-Request-Id", call.request_id);
    const std::string_view route = request.route.empty() ? std::string_view("other") : std::string_view(request.route);
    context_.metrics.answered(request.method, route, response.status, context_.clock.since_boot() - begun);
    co_return response;
}

awaitable<Response> Pipeline::dispatch(Call& call)
{
    const auto match = router_.find(call.request);
    if (!is_asked_by_machines(call.request.route) && !names_own_host(call.request, context_.options.public_url)) {
        co_return call.refuse({.status = 421,
                               .code = "misdirected",
                               .detail = "This server answers as " + context_.options.public_url + " only: ask there."});
    }
    const auto method = call.request.method == Method::head ? Method::get : call.request.method;
    const auto found = match.handler == nullptr ? routes_.end() : routes_.find({method, call.request.route});
    if (found == routes_.end()) co_return unknown_address(call, match);
    co_return co_await run(call, *found->second);
}

Response Pipeline::unknown_address(Call& call, const http::Router::Match& match) const
{
    if (!match.allowed.empty()) {
        auto response = call.refuse({.status = 405,
                                     .code = "method_not_allowed",
                                     .detail = "This address does not take " + std::string(to_string(call.request.method)) + "."});
        std::string allowed;
        for (const auto method : match.allowed) {
            if (!allowed.empty()) allowed += ", ";
            allowed += to_string(method);
        }
        response.headers.set("Allow", allowed);
        return response;
    }
    const bool reads = call.request.method == Method::get || call.request.method == Method::head;
    if (reads) {
        if (auto page = files_.find(call.request)) return std::move(*page);
    }
    return call.refuse({.status = 404, .code = "not_found", .detail = "There is nothing at this address."});
}

/// The order: who is it, may they, is it really them, can it be read; only then the handler. A stranger learns nothing
/// about what is wrong with a body, and nothing is parsed for them.
awaitable<Response> Pipeline::run(Call& call, const Route& route)
{
    std::exception_ptr thrown;
    try {
        co_return co_await attempt(call, route);
    } catch (...) {
        thrown = std::current_exception();
    }
    std::string what = "unknown exception";
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        what = error.what();
    } catch (...) { // NOLINT(bugprone-empty-catch): `what` says it
    }
    spdlog::error("{} {} {}: {}", call.request_id, to_string(route.method), route.pattern, what);
    co_return call.refuse(problem_of(Error(ErrorKind::internal, what)));
}

awaitable<Response> Pipeline::attempt(Call& call, const Route& route)
{
    if (route.access != Access::public_) {
        auto caller = co_await context_.sessions.authenticate(call.request);
        if (!caller) co_return call.refuse(problem_of(caller.error()));
        call.caller = std::move(*caller);
    }
    if (const auto allowed = authorize(call.caller.get(), route.access, call.request); !allowed) {
        auto refused = call.refuse(problem_of(allowed.error()));
        if (refused.status == 401) refused.headers.set("WWW-Authenticate", "Bearer");
        co_return refused;
    }
    if (const auto problem = check_forgery(call, route, context_.options)) co_return call.refuse(*problem);
    if (const auto problem = check_body(call.request, route)) co_return call.refuse(*problem);
    if (const auto problem = check_idempotency_key(call.request)) co_return call.refuse(*problem);

    auto answer = co_await route.action(context_, call);
    if (answer) co_return std::move(*answer);
    const auto& error = answer.error();
    if (error.kind() == ErrorKind::internal || error.kind() == ErrorKind::unavailable) {
        spdlog::error("{} {} {}: {}", call.request_id, to_string(route.method), route.pattern, error.what());
    }
    co_return call.refuse(problem_of(error));
}

} // namespace sportello::api
