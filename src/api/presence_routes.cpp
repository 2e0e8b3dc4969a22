// Who looks at a ticket, who writes in it, who holds it: for those who speak REST. The dashboard says and hears it on its
// WebSocket.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "ticket_json.hpp"

#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Transaction;

/// What is said over REST counts for so long.
constexpr base::Duration said_for = std::chrono::seconds(60);

/// The brand of a ticket that the caller may see.
awaitable<Result<std::string>> brand_of(Context& context, Call& call, TicketId id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        auto ticket = visible_ticket(tx, id, actor);
        if (!ticket) return ticket.error();
        return ticket->brand;
    };
    co_return co_await context.db.read(read);
}

Answer presence_answer(const Context& context, TicketId id)
{
    std::string body;
    JsonWriter json(body);
    write_presence(json, context.presence.of(id), context.presence.exclusive());
    return json_response(200, std::move(body));
}

/// GET /v1/presence
awaitable<Answer> list_presence(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& ticket : context.presence.all()) {
        if (actor.may_see(ticket.brand)) write_presence(json, ticket, context.presence.exclusive());
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

/// GET /v1/tickets/{id}/presence
awaitable<Answer> get_presence(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto brand = co_await brand_of(context, call, TicketId{*id});
    if (!brand) co_return brand.error();
    co_return presence_answer(context, TicketId{*id});
}

std::optional<Presence::State> parse_presence(std::string_view word)
{
    if (word == "viewing") return Presence::State::viewing;
    if (word == "writing") return Presence::State::writing;
    return std::nullopt;
}

/// PUT /v1/tickets/{id}/presence
awaitable<Answer> put_presence(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto state = fields.maybe_word("state", parse_presence, "viewing, writing");
    if (!fields.has("state")) fields.missing("state");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto brand = co_await brand_of(context, call, TicketId{*id});
    if (!brand) co_return brand.error();
    const auto& agent = call.caller->agent;
    context.presence.say(Presence::source_of(agent.id), agent, TicketId{*id}, std::move(*brand), *state, context.clock.now() + said_for);
    co_return presence_answer(context, TicketId{*id});
}

/// DELETE /v1/tickets/{id}/presence
awaitable<Answer> delete_presence(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto brand = co_await brand_of(context, call, TicketId{*id});
    if (!brand) co_return brand.error();
    context.presence.leave(Presence::source_of(call.caller->agent.id), TicketId{*id});
    co_return http::Response::empty(204);
}

/// PUT /v1/tickets/{id}/lease
awaitable<Answer> take_lease(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto brand = co_await brand_of(context, call, TicketId{*id});
    if (!brand) co_return brand.error();
    if (!context.presence.exclusive()) {
        co_return Error(ErrorKind::conflict, "answering is not exclusive here ([answering] exclusive): nobody needs to hold a ticket");
    }
    if (const auto held = held_by_another(context, call, TicketId{*id})) co_return call.refuse(*held);
    (void)context.presence.hold(call.caller->agent, TicketId{*id}, std::move(*brand));
    co_return presence_answer(context, TicketId{*id});
}

/// DELETE /v1/tickets/{id}/lease
awaitable<Answer> end_lease(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto brand = co_await brand_of(context, call, TicketId{*id});
    if (!brand) co_return brand.error();
    const auto lease = context.presence.lease(TicketId{*id});
    const auto& agent = call.caller->agent;
    if (!lease || lease->holder == agent.id) {
        context.presence.release(TicketId{*id}, agent.id);
        co_return http::Response::empty(204);
    }
    if (agent.role < domain::Role::supervisor) co_return call.refuse(*held_by_another(context, call, TicketId{*id}));
    context.presence.break_lease(TicketId{*id}, agent);
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> presence_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/presence", Access::agent, list_presence},
        {Method::get, "/v1/tickets/{id}/presence", Access::agent, get_presence},
        {Method::put, "/v1/tickets/{id}/presence", Access::agent, put_presence},
        {Method::del, "/v1/tickets/{id}/presence", Access::agent, delete_presence},
        {Method::put, "/v1/tickets/{id}/lease", Access::agent, take_lease},
        {Method::del, "/v1/tickets/{id}/lease", Access::agent, end_lease},
    };
    return routes;
}

} // namespace sportello::api
