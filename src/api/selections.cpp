// One text to a selection of tickets: personalised, paced and guarded like a text to all members of an incident.
#include "context.hpp"
#include "fields.hpp"
#include "incidents_json.hpp"
#include "query.hpp"

#include <sportello/storage/broadcasts.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Broadcast;
using storage::Transaction;

constexpr std::size_t most_selected = 500;
constexpr std::size_t longest_text_to_all = 2'000; // as a text to all

std::vector<TicketId> read_tickets(Fields& fields)
{
    const auto ids = fields.maybe_numbers("tickets", most_selected);
    if (!ids && !fields.has("tickets")) fields.missing("tickets");
    if (ids && ids->empty()) fields.wrong_value("tickets", "at least one ticket expected");
    std::vector<TicketId> tickets;
    for (const auto id : ids.value_or(std::vector<std::int64_t>())) tickets.push_back(TicketId{id});
    std::ranges::sort(tickets, {}, &TicketId::value);
    const auto twice = std::ranges::adjacent_find(tickets, {}, &TicketId::value);
    if (twice != tickets.end()) fields.wrong_value("tickets", std::to_string(twice->value) + " is there more than once");
    return tickets;
}

awaitable<Answer> show(Context& context, Broadcast broadcast, int status)
{
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_broadcast(json, tx, broadcast);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(status, std::move(*body));
}

/// POST /v1/broadcasts/preview
awaitable<Answer> preview(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto tickets = read_tickets(fields);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto actor = call.caller->actor();
    const auto shown = co_await context.engine.incidents().preview_selection(std::move(tickets), std::move(actor));
    if (!shown) co_return shown.error();
    std::string body;
    JsonWriter json(body);
    write_broadcast_preview(json, *shown);
    co_return json_response(200, std::move(body));
}

/// POST /v1/broadcasts
awaitable<Answer> send(Context& context, Call& call)
{
    Fields fields(call.request.body);
    auto tickets = read_tickets(fields);
    domain::BroadcastTexts texts;
    texts.text = fields.text("text", {1, longest_text_to_all});
    texts.variants = fields.texts_by_name("variants", 50, {1, longest_text_to_all});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto sent = co_await context.engine.incidents().send_to_selection(std::move(tickets), std::move(texts), std::move(order));
    if (!sent) co_return sent.error();
    co_return co_await show(context, std::move(*sent), 202);
}

/// Whoever sent it sees it, and who supervises one of the brands that it goes to.
bool may_see(Transaction& tx, const Broadcast& broadcast, const Caller& caller)
{
    if (broadcast.agent == caller.agent.id) return true;
    if (caller.agent.role < domain::Role::supervisor) return false;
    if (caller.agent.brands.empty()) return true;
    const auto actor = caller.actor();
    return std::ranges::any_of(storage::brands_of_broadcast(tx, broadcast.id),
                               [&](const std::string& brand) { return actor.may_see(brand); });
}

Result<Broadcast> visible_selection(Transaction& tx, std::int64_t id, const Caller& caller)
{
    auto found = storage::find_broadcast(tx, id);
    if (!found || found->incident.value != 0 || !may_see(tx, *found, caller)) {
        return Error(ErrorKind::not_found, "There is no text to a selection " + std::to_string(id) + ".");
    }
    return std::move(*found);
}

/// Up to `most` below `before` (0: all); those of others are passed over, so that a page is full as long as there are any.
std::vector<Broadcast> visible_selections(Transaction& tx, const Caller& caller, std::int64_t before, std::int64_t most)
{
    const bool all = caller.agent.role >= domain::Role::supervisor;
    std::vector<Broadcast> shown;
    for (bool more = true; more && std::ssize(shown) < most;) {
        auto found = storage::selections(tx, all ? domain::AgentId{} : caller.agent.id, before, most);
        more = std::ssize(found) == most;
        if (!found.empty()) before = found.back().id;
        for (auto& one : found) {
            if (may_see(tx, one, caller) && std::ssize(shown) < most) shown.push_back(std::move(one));
        }
    }
    return shown;
}

/// GET /v1/broadcasts
awaitable<Answer> list(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    std::int64_t before = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "broadcasts", 1)) before = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto found = visible_selections(tx, *call.caller, before, limit + 1);
        const auto shown = std::min(found.size(), static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (std::size_t at = 0; at < shown; ++at) write_broadcast(json, tx, found[at]);
        json.close_array().key("next_cursor");
        if (found.size() > shown) json.value(write_cursor("broadcasts", {found[shown - 1].id}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// GET /v1/broadcasts/{id}
awaitable<Answer> get(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto read = [&](Transaction& tx) { return visible_selection(tx, *id, *call.caller); };
    auto found = co_await context.db.read(read);
    if (!found) co_return found.error();
    co_return co_await show(context, std::move(*found), 200);
}

/// POST /v1/broadcasts/{id}/stop
awaitable<Answer> stop(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto read = [&](Transaction& tx) { return visible_selection(tx, *id, *call.caller); };
    const auto found = co_await context.db.read(read);
    if (!found) co_return found.error();
    auto order = command(call);
    auto stopped = co_await context.engine.incidents().stop_selection(*id, std::move(order));
    if (!stopped) co_return stopped.error();
    co_return co_await show(context, std::move(*stopped), 200);
}

} // namespace

std::span<const Route> selection_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/broadcasts", Access::agent, list},
        {Method::post, "/v1/broadcasts", Access::agent, send},
        {Method::post, "/v1/broadcasts/preview", Access::agent, preview},
        {Method::get, "/v1/broadcasts/{id}", Access::agent, get},
        {Method::post, "/v1/broadcasts/{id}/stop", Access::agent, stop},
    };
    return routes;
}

} // namespace sportello::api
