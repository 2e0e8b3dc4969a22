#include "pipeline.hpp"

#include "authorize.hpp"
#include "conditional.hpp"
#include "csv_list.hpp"
#include "declared.hpp"
#include "origin.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>
#include <sportello/http/compression.hpp>

#include <spdlog/spdlog.h>

#include <exception>
#include <stdexcept>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;

bool changes_something(Method method)
{
    return method != Method::get && method != Method::head && method != Method::options;
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
    if (bare == (route.traits.takes_reports ? "application/reports+json" : "application/json")) return std::nullopt;
    // No form can send this either: other pages would have to ask first.
    if (bare == "text/csv" && route.traits.takes_csv) return std::nullopt;
    if (bare == "application/octet-stream" && route.traits.takes_bytes) return std::nullopt;
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

/// A misspelt filter must not answer everything. What the whole world may ask takes no notice of what others add.
std::optional<Problem> check_parameters(const Request& request, const Route& route)
{
    if (request.query.empty() || route.access == Access::public_) return std::nullopt;
    const auto& declared = declared_parameters(route.method, route.pattern);
    std::vector<base::FieldError> errors;
    for (const auto& [name, value] : request.query) {
        if (!declared.contains(name)) errors.push_back({"query:" + base::shorten(name, 100), "there is no such parameter here"});
    }
    if (errors.empty()) return std::nullopt;
    return Problem{.status = 400, .code = "invalid_input", .detail = "The query string is not right.", .errors = std::move(errors)};
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
    // A reader of the traffic could find out a secret by how well it packs beside text that strangers wrote (BREACH).
    if (!call.secret) http::compress(response, request.headers.find("Accept-Encoding").value_or(""));
    // Last of all, so that errors, redirects and files carry them too.
    add_security_headers(response, request);
    response.headers.add("X-Request-Id", call.request_id);
    const std::string_view route = request.route.empty() ? std::string_view("other") : std::string_view(request.route);
    const auto took = context_.clock.since_boot() - begun;
    context_.metrics.answered(request.method, route, response.status, took);
    // The pattern, never the path: that may hold names and tokens. Who it was stands in the audit trail.
    spdlog::log(changes_something(request.method) ? spdlog::level::info : spdlog::level::debug, "[{}] {} {} {} {} ms", call.request_id,
                to_string(request.method), route, response.status, std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
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
    call.secret = found->second->traits.answers_secret;
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
    spdlog::error("[{}] {} {}: {}", call.request_id, to_string(route.method), route.pattern, what);
    co_return call.refuse(problem_of(Error(ErrorKind::internal, what)));
}

awaitable<Response> Pipeline::attempt(Call& call, const Route& route)
{
    if (route.access != Access::public_) {
        auto caller = co_await context_.sessions.authenticate(call.request);
        if (!caller) co_return call.refuse(problem_of(caller.error()));
        call.caller = std::move(*caller);
    }
    if (const auto refusal = authorize(call.caller.get(), route.access, route.method, route.pattern, call.request.remote_address)) {
        auto refused = call.refuse(*refusal);
        if (refused.status == 401) refused.headers.set("WWW-Authenticate", "Bearer");
        co_return refused;
    }
    if (const auto problem = check_forgery(call, route, context_.options)) co_return call.refuse(*problem);
    if (const auto problem = check_body(call.request, route)) co_return call.refuse(*problem);
    if (const auto problem = check_idempotency_key(call.request)) co_return call.refuse(*problem);
    if (const auto problem = check_parameters(call.request, route)) co_return call.refuse(*problem);

    auto answer = co_await perform(call, route);
    if (answer) co_return std::move(*answer);
    const auto& error = answer.error();
    if (error.kind() == ErrorKind::internal || error.kind() == ErrorKind::unavailable) {
        spdlog::error("[{}] {} {}: {}", call.request_id, to_string(route.method), route.pattern, error.what());
    }
    co_return call.refuse(problem_of(error));
}

/// The conventions that every route has alike, around its handler.
awaitable<Answer> Pipeline::perform(Call& call, const Route& route)
{
    if (route.method == Method::get) co_return co_await read(call, route);
    const bool may_repeat = call.caller != nullptr && !idempotency_key(call).empty();
    if (!may_repeat) co_return co_await change(call, route);
    std::function<awaitable<Answer>()> doing = [&] { return change(call, route); }; // GCC 12 destroys temporaries twice
    auto once = repeats_.once(context_, call, route, std::move(doing));
    auto answer = co_await std::move(once);
    co_return answer;
}

awaitable<Answer> Pipeline::read(Call& call, const Route& route)
{
    const auto* list = route.access == Access::public_ || route.access == Access::local || route.traits.writes_csv
                           ? nullptr
                           : csv_lists().find(route.pattern);
    auto format = std::optional(Format::json);
    if (list != nullptr) {
        format = asked_format(call.request);
        if (!format) {
            co_return call.refuse({.status = 400,
                                   .code = "invalid_input",
                                   .detail = "The query string is not right.",
                                   .errors = {{"query:format", "json or csv expected"}}});
        }
        call.request.query = without_format(call.request.query);
    }
    // Reports write their own: they are asked as by `format`.
    const bool by_accept = route.traits.writes_csv && !call.request.query.find("format") && asked_format(call.request) == Format::csv;
    if (by_accept) call.request.query.add("format", "csv");
    Answer answer = http::Response();
    if (format == Format::csv) {
        ReadPage pages = [this, &route](Call& page) { return route.action(context_, page); };
        auto reading = list_as_csv(context_, call, *list, std::move(pages));
        answer = co_await std::move(reading);
    } else {
        answer = co_await route.action(context_, call);
    }
    if (!answer) co_return answer;
    if (list != nullptr || route.traits.writes_csv) answer->headers.add("Vary", "Accept");
    add_tag(*answer);
    co_return unless_known(call.request, std::move(*answer));
}

awaitable<Answer> Pipeline::change(Call& call, const Route& route)
{
    const auto refused = co_await check_if_match(call, route);
    if (refused) co_return call.refuse(*refused);
    auto answer = co_await route.action(context_, call);
    if (answer) add_tag(*answer);
    co_return answer;
}

/// What has no revision of its own is compared as it is shown. Between this look and the change others may change it too:
/// where people edit together, the route checks the revision in the transaction of the change.
awaitable<std::optional<Problem>> Pipeline::check_if_match(Call& call, const Route& route)
{
    const bool asked = call.request.headers.has("If-Match") && route.method != Method::post && !route.traits.checks_revision;
    const auto shown = asked ? routes_.find({Method::get, std::string(route.pattern)}) : routes_.end();
    if (shown == routes_.end()) co_return std::nullopt;
    http::Request looking = call.request;
    looking.method = Method::get;
    looking.body.clear();
    Call look{looking, call.request_id, call.caller};
    auto present = co_await shown->second->action(context_, look);
    if (!present || present->status != 200) co_return std::nullopt; // the change itself says what is wrong
    add_tag(*present);
    if (is_wanted(call.request, *present)) co_return std::nullopt;
    co_return Problem{.status = 412,
                      .code = "precondition_failed",
                      .detail = "This has changed since you read it; its ETag is now " +
                                std::string(present->headers.find("ETag").value_or("unknown")) + "."};
}

} // namespace sportello::api
