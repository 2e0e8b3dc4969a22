// Logging in at an OpenID provider, and which of its accounts are whose.
#include "context.hpp"
#include "json_writer.hpp"
#include "people_at_hand.hpp"
#include "query.hpp"
#include "session_json.hpp"

#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/sessions.hpp>

#include <spdlog/spdlog.h>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::AgentId;
using http::Method;
using storage::OutsideIdentity;
using storage::Transaction;

std::string cookie_name(const http::Request& request)
{
    return request.secure ? "__Host-sportello-oidc" : "sportello-oidc";
}

/// @param value  empty: it ends
std::string cookie(const http::Request& request, std::string_view value)
{
    return cookie_name(request) + '=' + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax" + (request.secure ? "; Secure" : "") +
           (value.empty() ? "; Max-Age=0" : "; Max-Age=600");
}

std::string redirect_uri(const Context& context, const http::Request& request)
{
    return own_origin(request, context.options.public_url) + "/v1/oidc/callback";
}

http::Response go_to(const http::Request& request, std::string address)
{
    auto response = http::Response::text(303, "See " + address + "\n");
    response.headers.set("Location", std::move(address));
    response.headers.add("Set-Cookie", cookie(request, ""));
    return response;
}

/// A path of ours, never another site's.
bool is_own_path(std::string_view path)
{
    if (!path.starts_with('/') || path.starts_with("//") || path.starts_with("/\\") || path.size() > 500) return false;
    return path.find_first_of("\\\r\n\t") == std::string_view::npos;
}

Error not_set_up()
{
    return Error(ErrorKind::not_found, "No OpenID provider is set up here.");
}

/// GET /v1/sign-in
awaitable<Answer> ways_in(Context& context, Call&)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().member("practice", context.options.practice.has_value()).key("oidc");
    if (context.oidc.configured()) {
        json.open_object().member("name", context.oidc.provider().name).member("url", "/v1/oidc/start").close_object();
    } else {
        json.value(nullptr);
    }
    json.close_object();
    co_return json_response(200, std::move(body));
}

/// GET /v1/oidc/start
awaitable<Answer> start(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto to = query.text("to").value_or("/");
    if (!is_own_path(to)) query.wrong("to", "a path of this server expected");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (!context.oidc.configured()) co_return not_set_up();
    Oidc::Purpose purpose{.return_to = std::string(to), .link_to = std::nullopt};
    const auto begun = co_await context.oidc.begin(redirect_uri(context, call.request), std::move(purpose));
    if (!begun) co_return go_to(call.request, "/login?refused=oidc_unavailable");
    auto response = http::Response::text(303, "Log in at the provider.\n");
    response.headers.set("Location", begun->url);
    response.headers.add("Set-Cookie", cookie(call.request, begun->cookie));
    co_return response;
}

/// Whose account it is, when it comes for the first time: of whom the configuration says; of who has its verified address,
/// if that counts. An admin is only made by name: by the configuration, or by themselves, logged in.
Result<domain::Agent> first_time(Transaction& tx, const Call& call, const OidcProvider& provider, const IdClaims& claims, base::Instant now)
{
    std::optional<domain::Agent> agent;
    if (const auto named = provider.people.find(claims.subject); named != provider.people.end()) {
        if (auto found = storage::find_agent_by_login(tx, named->second)) agent = std::move(found->agent);
    } else if (provider.match_email && claims.email_verified && !claims.email.empty()) {
        agent = storage::find_agent_by_email(tx, claims.email);
        if (agent && agent->role >= domain::Role::admin) agent.reset();
    }
    if (!agent) return Error(ErrorKind::forbidden, "unknown_person");
    const auto kept = storage::insert_outside_identity(
        tx, {.id = 0, .issuer = provider.issuer, .subject = claims.subject, .agent = agent->id, .email = claims.email, .linked_at = now});
    if (!kept) return kept.error();
    tell_of_person(tx, "agent.identity_linked", call, *agent, agent->id, now);
    return std::move(*agent);
}

struct Known {
    domain::Agent agent;
    bool second_factor = false;
};

awaitable<Answer> log_in_as(Context& context, Call& call, IdClaims claims, std::string return_to)
{
    const auto& provider = context.oidc.provider();
    const auto now = context.clock.now();
    auto find = [&](Transaction& tx) -> Result<Known> {
        Result<domain::Agent> agent = Error(ErrorKind::forbidden, "unknown_person");
        const auto identity = storage::find_outside_identity(tx, provider.issuer, claims.subject);
        if (identity) agent = storage::find_agent(tx, identity->agent);
        else agent = first_time(tx, call, provider, claims, now);
        if (!agent) return agent.error();
        if (agent->disabled) return Error(ErrorKind::forbidden, "unknown_person");
        return Known{.agent = *agent, .second_factor = storage::access_of(tx, agent->id).enrolled()};
    };
    const auto known = co_await context.db.write(find);
    if (!known) {
        context.metrics.login_failed();
        if (known.error().kind() != ErrorKind::forbidden) co_return known.error();
        spdlog::warn("{} somebody whom the OpenID provider knows is nobody here", call.request_id);
        co_return go_to(call.request, "/login?refused=oidc_unknown_person");
    }
    const bool asks_code = known->second_factor && !provider.second_factor;
    const auto logged_in = co_await context.sessions.open_session(known->agent, "oidc", asks_code, Sessions::from(call.request));
    if (!logged_in) co_return logged_in.error();
    context.feed.wake_all();
    // The code is asked for on the log-in page.
    auto response = go_to(call.request, asks_code ? "/login?code=1&to=" + http::percent_encode(return_to) : return_to);
    response.headers.add("Set-Cookie", Sessions::cookie(call.request, logged_in->token));
    co_return response;
}

/// The account becomes one of somebody who is logged in, and was when they began.
awaitable<Answer> link(Context& context, Call& call, IdClaims claims, Oidc::Purpose purpose)
{
    const auto caller = co_await context.sessions.authenticate(call.request);
    if (!caller) co_return caller.error();
    const bool same = *caller && (*caller)->agent.id.value == *purpose.link_to && !(*caller)->awaits_code;
    if (!same) co_return go_to(call.request, "/login?refused=oidc");
    const auto now = context.clock.now();
    auto store = [&](Transaction& tx) -> Result<std::int64_t> {
        const OutsideIdentity identity{.id = 0,
                                       .issuer = context.oidc.provider().issuer,
                                       .subject = claims.subject,
                                       .agent = (*caller)->agent.id,
                                       .email = claims.email,
                                       .linked_at = now};
        auto id = storage::insert_outside_identity(tx, identity);
        if (id) tell_of_person(tx, "agent.identity_linked", call, (*caller)->agent, identity.agent, now);
        return id;
    };
    const auto stored = co_await context.db.write(store);
    if (!stored) co_return go_to(call.request, "/?refused=oidc_taken");
    co_return go_to(call.request, purpose.return_to);
}

/// GET /v1/oidc/callback
awaitable<Answer> come_back(Context& context, Call& call)
{
    if (!context.oidc.configured()) co_return not_set_up();
    std::string kept(call.request.cookie(cookie_name(call.request)).value_or(""));
    auto finished = co_await context.oidc.finish(call.request.query, std::move(kept), redirect_uri(context, call.request));
    if (!finished) {
        context.metrics.login_failed();
        const bool away = finished.error().kind() == ErrorKind::unavailable;
        co_return go_to(call.request, away ? "/login?refused=oidc_unavailable" : "/login?refused=oidc");
    }
    if (finished->purpose.link_to) co_return co_await link(context, call, std::move(finished->claims), std::move(finished->purpose));
    co_return co_await log_in_as(context, call, std::move(finished->claims), std::move(finished->purpose.return_to));
}

void write_identities(JsonWriter& json, Transaction& tx, AgentId agent)
{
    json.open_array();
    for (const auto& identity : storage::outside_identities_of(tx, agent)) {
        json.open_object()
            .member("id", identity.id)
            .member("issuer", identity.issuer)
            .member("subject", identity.subject)
            .text_or_null("email", identity.email)
            .member("linked_at", identity.linked_at)
            .close_object();
    }
    json.close_array();
}

/// GET /v1/me/identities
awaitable<Answer> list_my_identities(Context& context, Call& call)
{
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items");
        write_identities(json, tx, call.caller->agent.id);
        json.member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/me/identities
awaitable<Answer> add_my_identity(Context& context, Call& call)
{
    if (!context.oidc.configured()) co_return not_set_up();
    Oidc::Purpose purpose{.return_to = "/", .link_to = call.caller->agent.id.value};
    const auto begun = co_await context.oidc.begin(redirect_uri(context, call.request), std::move(purpose));
    if (!begun) co_return begun.error();
    std::string body;
    JsonWriter json(body);
    json.open_object().member("url", begun->url).close_object();
    auto response = json_response(200, std::move(body));
    response.headers.add("Set-Cookie", cookie(call.request, begun->cookie));
    co_return response;
}

awaitable<Answer> remove_identity(Context& context, Call& call, AgentId agent, std::int64_t id)
{
    const auto now = context.clock.now();
    auto remove = [&](Transaction& tx) -> Result<void> {
        if (agent != call.caller->agent.id) {
            const auto person = person_at_hand(tx, agent, *call.caller);
            if (!person) return person.error();
        }
        if (!storage::delete_outside_identity(tx, agent, id)) return Error(ErrorKind::not_found, "There is no such account.");
        const bool own = agent == call.caller->agent.id;
        storage::delete_sessions_of(tx, agent, own ? std::string_view(call.caller->credential) : std::string_view());
        tell_of_person(tx, "agent.identity_removed", call, call.caller->agent, agent, now);
        return {};
    };
    const auto removed = co_await context.db.write(remove);
    if (!removed) co_return removed.error();
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return http::Response::empty(204);
}

/// DELETE /v1/me/identities/{id}
awaitable<Answer> remove_my_identity(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await remove_identity(context, call, call.caller->agent.id, *id);
}

/// DELETE /v1/agents/{id}/identities/{identity}
awaitable<Answer> remove_identity_of(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto identity = read_number(call.request.path_parameter("identity")).value_or(0);
    co_return co_await remove_identity(context, call, AgentId{*id}, identity);
}

/// GET /v1/agents/{id}/access
awaitable<Answer> access_of_agent(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const AgentId agent{*id};
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto person = person_at_hand(tx, agent, *call.caller);
        if (!person) return person.error();
        const auto credentials = storage::find_agent_by_login(tx, person->login);
        const auto access = storage::access_of(tx, agent);
        std::string body;
        JsonWriter json(body);
        json.open_object()
            .member("agent", agent.value)
            .text_or_null("email", access.email)
            .member("has_password", credentials && !credentials->password_hash.empty())
            .member("link_until", storage::access_link_open_until(tx, agent, now))
            .key("second_factor")
            .open_object()
            .member("enrolled", access.enrolled())
            .member("required", context.sessions.requires_second_factor(person->role, access.second_factor_required))
            .member("confirmed_at", access.totp_confirmed_at)
            .member("recovery_codes_left", storage::recovery_codes_left(tx, agent))
            .close_object()
            .key("identities");
        write_identities(json, tx, agent);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> oidc_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/sign-in", Access::public_, ways_in},
        {Method::get, "/v1/oidc/start", Access::public_, start},
        {Method::get, "/v1/oidc/callback", Access::public_, come_back},
        {Method::get, "/v1/me/identities", Access::phone, list_my_identities},
        {Method::post, "/v1/me/identities", Access::phone, add_my_identity, {.answers_secret = true}},
        {Method::del, "/v1/me/identities/{id}", Access::phone, remove_my_identity},
        {Method::get, "/v1/agents/{id}/access", Access::supervisor, access_of_agent},
        {Method::del, "/v1/agents/{id}/identities/{identity}", Access::admin, remove_identity_of},
    };
    return routes;
}

} // namespace sportello::api
