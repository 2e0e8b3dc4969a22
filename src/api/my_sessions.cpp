// Where somebody is logged in, and how it ends: one's own by oneself, others' by an admin.
#include "context.hpp"
#include "json_writer.hpp"
#include "people_at_hand.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tokens.hpp>

#include <nlohmann/json.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::AgentId;
using http::Method;
using storage::Transaction;

std::string sessions_json(Transaction& tx, AgentId agent, const Caller& caller, base::Instant now, base::Duration idle)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& session : storage::sessions_of(tx, agent, now, now - idle)) {
        json.open_object()
            .member("id", session.id())
            .member("created_at", session.created_at)
            .member("last_seen_at", session.last_seen_at)
            .member("expires_at", session.expires_at)
            .member("signed_in_by", session.signed_in_by)
            .text_or_null("address", session.address)
            .text_or_null("user_agent", session.user_agent)
            .member("current", session.token_hash == caller.credential)
            .close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    return body;
}

awaitable<Answer> answer_sessions(Context& context, Call& call, AgentId agent, bool own)
{
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        if (!own) {
            const auto person = person_at_hand(tx, agent, *call.caller);
            if (!person) return person.error();
        }
        return sessions_json(tx, agent, *call.caller, now, context.options.session_idle);
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// What the audit keeps of those that end: where somebody was logged in, nothing of a session's secret.
nlohmann::json ending_sessions(Transaction& tx, AgentId agent, std::string_view id, std::string_view staying, base::Instant now,
                               base::Duration idle)
{
    auto ending = nlohmann::json::array();
    for (const auto& session : storage::sessions_of(tx, agent, now, now - idle)) {
        if (id.empty() ? session.token_hash == staying : session.id() != id) continue;
        ending.push_back({{"id", session.id()},
                          {"created_at", base::to_rfc3339(session.created_at)},
                          {"address", session.address},
                          {"user_agent", session.user_agent},
                          {"signed_in_by", session.signed_in_by}});
    }
    return ending;
}

/// One, or all (an empty id); of all one's own, the present one stays.
awaitable<Answer> end_sessions(Context& context, Call& call, AgentId agent, std::string id)
{
    const auto now = context.clock.now();
    auto end = [&](Transaction& tx) -> Result<void> {
        const bool own = agent == call.caller->agent.id;
        if (!own) {
            const auto person = person_at_hand(tx, agent, *call.caller);
            if (!person) return person.error();
        }
        const std::string_view staying = own ? std::string_view(call.caller->credential) : std::string_view();
        const auto ending = ending_sessions(tx, agent, id, staying, now, context.options.session_idle);
        std::int64_t ended = 0;
        if (id.empty()) ended = storage::delete_sessions_of(tx, agent, staying);
        else ended = storage::delete_session_of(tx, agent, id) ? 1 : 0;
        if (!id.empty() && ended == 0) return Error(ErrorKind::not_found, "There is no such session.");
        if (ended > 0) {
            tell_of_person(tx, "agent.sessions_ended", call, call.caller->agent, agent, now, {{"sessions", ending}}, nullptr);
        }
        return {};
    };
    const auto ended = co_await context.db.write(end);
    if (!ended) co_return ended.error();
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return http::Response::empty(204);
}

/// GET /v1/me/sessions
awaitable<Answer> list_my_sessions(Context& context, Call& call)
{
    co_return co_await answer_sessions(context, call, call.caller->agent.id, true);
}

/// DELETE /v1/me/sessions
awaitable<Answer> end_my_other_sessions(Context& context, Call& call)
{
    co_return co_await end_sessions(context, call, call.caller->agent.id, "");
}

/// DELETE /v1/me/sessions/{session}
awaitable<Answer> end_my_session(Context& context, Call& call)
{
    co_return co_await end_sessions(context, call, call.caller->agent.id, std::string(call.request.path_parameter("session")));
}

/// GET /v1/agents/{id}/sessions
awaitable<Answer> list_sessions_of(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await answer_sessions(context, call, AgentId{*id}, false);
}

/// DELETE /v1/agents/{id}/sessions
awaitable<Answer> end_sessions_of(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await end_sessions(context, call, AgentId{*id}, "");
}

/// DELETE /v1/agents/{id}/sessions/{session}
awaitable<Answer> end_session_of(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await end_sessions(context, call, AgentId{*id}, std::string(call.request.path_parameter("session")));
}

} // namespace

std::span<const Route> my_session_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/me/sessions", Access::phone, list_my_sessions},
        {Method::del, "/v1/me/sessions", Access::phone, end_my_other_sessions},
        {Method::del, "/v1/me/sessions/{session}", Access::phone, end_my_session},
        {Method::get, "/v1/agents/{id}/sessions", Access::admin, list_sessions_of},
        {Method::del, "/v1/agents/{id}/sessions", Access::admin, end_sessions_of},
        {Method::del, "/v1/agents/{id}/sessions/{session}", Access::admin, end_session_of},
    };
    return routes;
}

} // namespace sportello::api
