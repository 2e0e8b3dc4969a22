// Which ways of answering a ticket has, and the one that leads over the platform itself.
#include "context.hpp"
#include "fields.hpp"
#include "query.hpp"
#include "routes_json.hpp"
#include "shielded.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/agents.hpp>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Transaction;

/// GET /v1/tickets/{id}/routes
awaitable<Answer> list_reply_routes(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto limit = query.limit(50);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto ticket = visible_ticket(tx, TicketId{*id}, actor);
        if (!ticket) return ticket.error();
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& routes : engine::routes_of_ticket(tx, context.engine.settings(), *ticket, now, limit)) {
            write_message_routes(json, routes);
        }
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

awaitable<Answer> show_wait(Context& context, Call& call, storage::ByHand wait, int status)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto ticket = visible_ticket(tx, wait.ticket, actor);
        if (!ticket) return ticket.error();
        wait.text = Shielded(tx, context.engine.settings(), actor, *ticket).plain(wait.text, true);
        const auto agent = storage::find_agent(tx, wait.agent);
        std::string body;
        JsonWriter json(body);
        write_by_hand(json, wait, agent ? agent->name : std::string());
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(status, std::move(*body));
}

Answer refusal_of_draft(const Call& call, const base::Error& error)
{
    Problem problem = problem_of(error);
    for (const auto& field : error.fields()) {
        if (field.pointer == "/release_personal_data") problem.code = "personal_data";
    }
    return call.refuse(problem);
}

/// POST /v1/tickets/{id}/by-hand
awaitable<Answer> start_by_hand(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::HandDraft draft;
    draft.text = fields.text("text", {1, 25'000});
    const auto answers = fields.maybe_number("answers", 1, INT64_MAX);
    const auto last_seen = fields.maybe_number("last_seen", 1, INT64_MAX);
    draft.release_personal_data = fields.maybe_flag("release_personal_data").value_or(false);
    if (answers) draft.answers = domain::MessageId{*answers};
    if (last_seen) draft.last_seen = domain::MessageId{*last_seen};
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto started = co_await context.engine.by_hand().start(TicketId{*id}, std::move(draft), std::move(order));
    if (!started) co_return refusal_of_draft(call, started.error());
    co_return co_await show_wait(context, call, std::move(*started), 201);
}

/// POST /v1/tickets/{id}/by-hand/keep
awaitable<Answer> keep_by_hand(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto kept = co_await context.engine.by_hand().keep_waiting(TicketId{*id}, std::move(order));
    if (!kept) co_return kept.error();
    co_return co_await show_wait(context, call, std::move(*kept), 200);
}

/// DELETE /v1/tickets/{id}/by-hand
awaitable<Answer> give_up_by_hand(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    auto ended = co_await context.engine.by_hand().give_up(TicketId{*id}, std::move(order));
    if (!ended) co_return ended.error();
    co_return co_await show_wait(context, call, std::move(*ended), 200);
}

} // namespace

std::span<const Route> by_hand_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/tickets/{id}/routes", Access::agent, list_reply_routes},
        {Method::post, "/v1/tickets/{id}/by-hand", Access::agent, start_by_hand},
        {Method::del, "/v1/tickets/{id}/by-hand", Access::agent, give_up_by_hand},
        {Method::post, "/v1/tickets/{id}/by-hand/keep", Access::agent, keep_by_hand},
    };
    return routes;
}

} // namespace sportello::api
