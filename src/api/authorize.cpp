#include "authorize.hpp"

#include "scopes.hpp"

#include <sportello/domain/authorization.hpp>

#include <algorithm>
#include <array>

namespace sportello::api {
namespace {

using http::Method;

bool is_loopback_address(std::string_view address)
{
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

domain::Role needed_role(Access access)
{
    switch (access) {
    case Access::phone:
        return domain::Role::phone;
    case Access::supervisor:
        return domain::Role::supervisor;
    case Access::admin:
        return domain::Role::admin;
    default:
        return domain::Role::agent;
    }
}

/// What opens while the log-in waits for something: to see who one is, to finish, and to give it up.
bool is_of_log_in(Method method, std::string_view pattern, bool code_given)
{
    if (pattern == "/v1/me") return method == Method::get;
    if (pattern == "/v1/session") return method == Method::del;
    if (pattern == "/v1/session/second-factor") return !code_given;
    return code_given && pattern.starts_with("/v1/me/second-factor");
}

Problem forbidden(std::string detail, std::string_view code = "forbidden")
{
    return {.status = 403, .code = code, .detail = std::move(detail)};
}

} // namespace

bool is_for_people_only(std::string_view pattern)
{
    static constexpr std::array<std::string_view, 4> rooms{"/v1/me/second-factor", "/v1/me/sessions", "/v1/me/identities",
                                                           "/v1/me/password"};
    return pattern == "/v1/session/second-factor" ||
           std::any_of(rooms.begin(), rooms.end(), [&](std::string_view room) { return pattern.starts_with(room); });
}

std::optional<Problem> authorize(const Caller* caller, Access access, Method method, std::string_view pattern,
                                 std::string_view remote_address)
{
    if (access == Access::public_) return std::nullopt;
    if (access == Access::local && is_loopback_address(remote_address)) return std::nullopt;
    if (caller == nullptr) {
        return Problem{.status = 401, .code = "unauthenticated", .detail = "Log in with POST /v1/session, or send a valid Bearer token."};
    }
    if (caller->awaits_code && !is_of_log_in(method, pattern, false)) {
        return Problem{.status = 401,
                       .code = "second_factor_needed",
                       .detail = "Send the code of your second factor with POST /v1/session/second-factor."};
    }
    if (caller->must_enrol && !is_of_log_in(method, pattern, true)) {
        return forbidden("A second factor is required of you: set one up with POST /v1/me/second-factor.", "second_factor_required");
    }
    const auto role = caller->agent.role;
    if (const auto needed = needed_role(access); !domain::may_act_as(role, needed)) {
        return forbidden("This needs the role " + std::string(domain::to_string(needed)) + "; yours is " +
                         std::string(domain::to_string(role)) + ".");
    }
    if (caller->by_cookie) return std::nullopt;
    if (is_for_people_only(pattern)) return forbidden("No token opens this: log in as a person.");
    const auto scope = scope_of(method, pattern);
    if (!covers(caller->scopes, scope)) return forbidden("This token lacks the scope " + scope + ".", "scope_missing");
    return std::nullopt;
}

} // namespace sportello::api
