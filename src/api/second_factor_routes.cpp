// The second factor: set up, used at log-in, renewed, taken away. And one's own password.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "people_at_hand.hpp"
#include "session_json.hpp"
#include "totp.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/sessions.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::AgentId;
using http::Method;
using storage::Transaction;

/// What stands in the way of a code being looked at, or nothing.
std::optional<http::Response> slowed_down(Context& context, Call& call)
{
    const auto& login = call.caller->agent.login;
    const auto wait = context.second_factor.throttle().attempt(login, call.request.remote_address, context.clock.since_boot());
    if (wait <= base::Duration::zero()) return std::nullopt;
    context.metrics.login_failed();
    spdlog::warn("{} codes of the second factor of agent {} are guessed: whoever does it knows the password", call.request_id,
                 call.caller->agent.id.value);
    return too_many_attempts(call, wait, "codes");
}

/// Whether the code is right. Looked at once: a code counts once.
awaitable<Result<std::string>> check_code(Context& context, Call& call, std::string code)
{
    auto proof = co_await context.second_factor.check(call.caller->agent.id, std::move(code));
    if (proof) context.second_factor.throttle().succeeded(call.caller->agent.login, call.request.remote_address);
    else if (proof.error().kind() == ErrorKind::unauthenticated) context.metrics.login_failed();
    co_return proof;
}

/// A wrong code or password inside a session is no reason to log in again: 422 with the field.
Error wrong_field(const Error& error, std::string pointer)
{
    return Error(ErrorKind::invalid_input, error.what(), {{std::move(pointer), "is not right"}});
}

/// Whether the password is the caller's, slowed down like a log-in. Who has none (they come by OpenID Connect) need none.
awaitable<Answer> prove_password(Context& context, Call& call, std::string password)
{
    const auto& agent = call.caller->agent;
    auto find = [&](Transaction& tx) -> Result<bool> {
        const auto credentials = storage::find_agent_by_login(tx, agent.login);
        return credentials && !credentials->password_hash.empty();
    };
    const auto has_one = co_await context.db.read(find);
    if (!has_one) co_return has_one.error();
    if (!*has_one) co_return http::Response::empty(204);
    auto& throttle = context.sessions.throttle();
    const auto wait = throttle.attempt(agent.login, call.request.remote_address, context.clock.since_boot());
    if (wait > base::Duration::zero()) co_return too_many_attempts(call, wait, "passwords");
    const auto fits = co_await context.sessions.password_is(agent.id, std::move(password));
    if (!fits) co_return fits.error();
    if (!*fits) co_return wrong_field(Error(ErrorKind::invalid_input, "The password is wrong."), "/password");
    throttle.succeeded(agent.login, call.request.remote_address);
    co_return http::Response::empty(204);
}

http::Response codes_response(const std::vector<std::string>& codes)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().key("recovery_codes").open_array();
    for (const auto& code : codes) json.value(code);
    json.close_array().close_object();
    return json_response(200, std::move(body));
}

awaitable<Result<void>> tell(Context& context, Call& call, std::string_view type, AgentId agent)
{
    const auto now = context.clock.now();
    auto append = [&](Transaction& tx) -> Result<void> {
        tell_of_person(tx, type, call, call.caller->agent, agent, now);
        return {};
    };
    co_return co_await context.db.write(append);
}

/// POST /v1/session/second-factor
awaitable<Answer> finish_log_in(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto code = fields.text("code", {6, 40});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (!call.caller->awaits_code) co_return Error(ErrorKind::conflict, "This log-in waits for no code.");
    if (auto slow = slowed_down(context, call)) co_return std::move(*slow);
    const auto proof = co_await check_code(context, call, std::move(code));
    if (!proof) co_return proof.error();
    const auto caller = co_await context.sessions.complete(call.caller, *proof);
    if (!caller) co_return caller.error();
    if (!*caller) co_return Error(ErrorKind::unauthenticated, "The log-in took too long: begin again.");
    co_return session_response(**caller);
}

/// GET /v1/me/second-factor
awaitable<Answer> get_second_factor(Context& context, Call& call)
{
    const auto& agent = call.caller->agent;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto access = storage::access_of(tx, agent.id);
        std::string body;
        JsonWriter json(body);
        json.open_object()
            .member("enrolled", access.enrolled())
            .member("required", context.sessions.requires_second_factor(agent.role, access.second_factor_required))
            .member("confirmed_at", access.totp_confirmed_at)
            .member("recovery_codes_left", storage::recovery_codes_left(tx, agent.id))
            .close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/me/second-factor
awaitable<Answer> begin_second_factor(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto password = fields.maybe_text("password", {1, 1000}).value_or("");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto proved = co_await prove_password(context, call, std::move(password));
    if (!proved || proved->status != 204) co_return std::move(proved);
    const auto secret = co_await context.second_factor.begin(call.caller->agent.id);
    if (!secret) co_return secret.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("secret", base32(*secret))
        .member("url", otpauth_url("Sportello", call.caller->agent.login, *secret))
        .close_object();
    co_return json_response(201, std::move(body));
}

/// POST /v1/me/second-factor/confirm
awaitable<Answer> confirm_second_factor(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto code = fields.text("code", {6, 6});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto agent = call.caller->agent.id;
    const auto codes = co_await context.second_factor.confirm(agent, std::move(code), call.caller->credential);
    if (!codes) co_return codes.error();
    context.sessions.rights_changed();
    context.feed.wake_all();
    const auto told = co_await tell(context, call, "agent.second_factor_on", agent);
    if (!told) co_return told.error();
    co_return codes_response(*codes);
}

/// POST /v1/me/second-factor/recovery-codes
awaitable<Answer> renew_recovery_codes(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto code = fields.text("code", {6, 40});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (auto slow = slowed_down(context, call)) co_return std::move(*slow);
    const auto proof = co_await check_code(context, call, std::move(code));
    if (!proof && proof.error().kind() == ErrorKind::unauthenticated) co_return wrong_field(proof.error(), "/code");
    if (!proof) co_return proof.error();
    const auto codes = co_await context.second_factor.renew_recovery_codes(call.caller->agent.id);
    if (!codes) co_return codes.error();
    co_return codes_response(*codes);
}

awaitable<Answer> take_away(Context& context, Call& call, AgentId agent, std::string keep_session)
{
    const auto taken = co_await context.second_factor.disable(agent, std::move(keep_session));
    if (!taken) co_return taken.error();
    context.sessions.rights_changed();
    context.feed.wake_all();
    const auto told = co_await tell(context, call, "agent.second_factor_off", agent);
    if (!told) co_return told.error();
    co_return http::Response::empty(204);
}

/// POST /v1/me/second-factor/disable
awaitable<Answer> disable_second_factor(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto password = fields.maybe_text("password", {1, 1000}).value_or("");
    auto code = fields.text("code", {6, 40});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto proved = co_await prove_password(context, call, std::move(password));
    if (!proved || proved->status != 204) co_return std::move(proved);
    if (auto slow = slowed_down(context, call)) co_return std::move(*slow);
    const auto proof = co_await check_code(context, call, std::move(code));
    if (!proof && proof.error().kind() == ErrorKind::unauthenticated) co_return wrong_field(proof.error(), "/code");
    if (!proof) co_return proof.error();
    co_return co_await take_away(context, call, call.caller->agent.id, call.caller->credential);
}

/// DELETE /v1/agents/{id}/second-factor
awaitable<Answer> reset_second_factor_of(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const AgentId agent{*id};
    if (agent == call.caller->agent.id) {
        co_return Error(ErrorKind::conflict, "One's own is taken away with POST /v1/me/second-factor/disable.");
    }
    auto look = [&](Transaction& tx) -> Result<domain::Agent> { return person_at_hand(tx, agent, *call.caller); };
    const auto person = co_await context.db.read(look);
    if (!person) co_return person.error();
    co_return co_await take_away(context, call, agent, "");
}

/// PUT /v1/me/password
awaitable<Answer> change_password(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto password = fields.maybe_text("password", {1, 1000}).value_or("");
    const auto new_password = fields.text("new_password", {10, 1000});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto proved = co_await prove_password(context, call, std::move(password));
    if (!proved || proved->status != 204) co_return std::move(proved);
    const auto hash = co_await context.sessions.hash_password(new_password);
    const auto now = context.clock.now();
    const auto agent = call.caller->agent.id;
    auto save = [&](Transaction& tx) -> Result<void> {
        if (const auto saved = storage::set_password(tx, agent, hash); !saved) return saved.error();
        storage::delete_sessions_of(tx, agent, call.caller->credential);
        storage::delete_access_links(tx, agent);
        tell_of_person(tx, "agent.changed", call, call.caller->agent, agent, now, nullptr, {{"password", "changed"}});
        return {};
    };
    const auto saved = co_await context.db.write(save);
    if (!saved) co_return saved.error();
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> second_factor_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/session/second-factor", Access::phone, finish_log_in, {.answers_secret = true}},
        {Method::get, "/v1/me/second-factor", Access::phone, get_second_factor},
        {Method::post, "/v1/me/second-factor", Access::phone, begin_second_factor, {.answers_secret = true}},
        {Method::post, "/v1/me/second-factor/confirm", Access::phone, confirm_second_factor, {.answers_secret = true}},
        {Method::post, "/v1/me/second-factor/recovery-codes", Access::phone, renew_recovery_codes, {.answers_secret = true}},
        {Method::post, "/v1/me/second-factor/disable", Access::phone, disable_second_factor},
        {Method::del, "/v1/agents/{id}/second-factor", Access::admin, reset_second_factor_of},
        {Method::put, "/v1/me/password", Access::phone, change_password},
    };
    return routes;
}

} // namespace sportello::api
