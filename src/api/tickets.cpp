// The work: tickets, their timeline, and what people do with them.
#include "context.hpp"
#include "fields.hpp"
#include "query.hpp"
#include "search_json.hpp"
#include "ticket_filter.hpp"
#include "ticket_json.hpp"
#include "timeline_json.hpp"

#include <sportello/storage/views.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Transaction;

http::Response ticket_response(TicketDocument document)
{
    return json_response(200, std::move(document.json), document.revision);
}

awaitable<Answer> show_ticket(Context& context, Call& call, TicketId id)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<TicketDocument> { return ticket_document(tx, id, actor, context.engine.settings(), now); };
    auto document = co_await context.db.read(read);
    if (!document) co_return document.error();
    co_return ticket_response(std::move(*document));
}

/// The query with the filters of the saved view that it names, in so far as it does not say otherwise itself. `view` stays in
/// it when there is no such view for this caller.
awaitable<Result<http::Parameters>> with_view(Context& context, Call& call)
{
    const auto& asked = call.request.query;
    const auto named = asked.find("view");
    if (!named) co_return asked;
    const auto id = read_number(*named);
    auto read = [&](Transaction& tx) -> Result<std::optional<storage::TicketView>> { return storage::find_view(tx, id.value_or(0)); };
    const auto view = co_await context.db.read(read);
    if (!view) co_return view.error();
    if (!*view || !((*view)->shared || (*view)->owner == call.caller->agent.id)) co_return asked;
    http::Parameters merged;
    for (const auto& [name, value] : asked) {
        if (name != "view") merged.add(name, value);
    }
    for (const auto& [name, value] : http::Parameters::parse((*view)->filters)) {
        if (!asked.find(name)) merged.add(name, value);
    }
    co_return merged;
}

/// GET /v1/tickets
awaitable<Answer> list_tickets(Context& context, Call& call)
{
    auto parameters = co_await with_view(context, call);
    if (!parameters) co_return parameters.error();
    Query query(*parameters);
    if (query.text("view")) query.wrong("view", "there is no such view");
    const auto request = read_ticket_list(query, *call.caller, context.engine.settings(), context.clock.now());
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto now = context.clock.now();
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        if (request.search) return found_tickets_json(tx, context.engine.settings(), actor, request, now);
        return ticket_page_json(tx, request, context.engine.settings(), now);
    };
    auto page = co_await context.db.read(read);
    if (!page) co_return page.error();
    co_return json_response(200, std::move(*page));
}

/// GET /v1/tickets/{id}
awaitable<Answer> get_ticket(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await show_ticket(context, call, TicketId{*id});
}

engine::TicketChange read_change(Fields& fields)
{
    engine::TicketChange change;
    change.status = fields.maybe_word("status", parse_settable_status, "open, pending, on_hold, solved");
    change.status_reason = fields.maybe_text("status_reason", {1, 200});
    if (const auto assignee = fields.nullable_number("assignee")) {
        change.assignee = *assignee ? std::optional(domain::AgentId{**assignee}) : std::nullopt;
    }
    change.priority = fields.maybe_word("priority", domain::parse_priority, "low, normal, high, urgent");
    change.labels = fields.maybe_texts("labels", 20, {1, 50});
    change.subject = fields.maybe_text("subject", {1, 200});
    change.aside = fields.maybe_word("aside", parse_settable_aside, "spam, noise, or nothing to bring it back");
    change.snoozed_until = fields.nullable_time("snoozed_until");
    return change;
}

/// PATCH /v1/tickets/{id}
awaitable<Answer> change_ticket(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto change = read_change(fields);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (fields.empty()) {
        co_return call.refuse({.status = 422,
                               .code = "invalid_input",
                               .detail = "Send at least one field to change.",
                               .errors = {{"", "at least one field expected"}}});
    }
    const auto revision = wanted_revision(call.request);
    auto order = command(call);
    const auto changed = co_await context.engine.ticketing().change(TicketId{*id}, std::move(change), std::move(order), revision);
    if (changed) co_return co_await show_ticket(context, call, TicketId{*id});

    if (revision && changed.error().kind() == ErrorKind::conflict) {
        const auto actor = call.caller->actor();
        auto read = [&](Transaction& tx) { return visible_ticket(tx, TicketId{*id}, actor); };
        const auto ticket = co_await context.db.read(read);
        if (ticket && ticket->revision != *revision) co_return refuse_revision(call, "ticket", ticket->revision);
    }
    co_return changed.error();
}

/// GET /v1/tickets/{id}/timeline
awaitable<Answer> get_timeline(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto limit = query.limit();
    std::optional<storage::TimelineCursor> after;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "timeline", 3)) after = {(*numbers)[0], (*numbers)[1], (*numbers)[2]};
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);

    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto ticket = visible_ticket(tx, TicketId{*id}, actor);
        if (!ticket) return ticket.error();
        const Shielded shielded(tx, context.engine.settings(), actor, *ticket);
        const TicketFiles files(tx, ticket->id);
        const TicketDeliveries deliveries(tx, ticket->id);
        std::string page;
        JsonWriter json(page);
        json.open_object().key("items").open_array();
        std::int64_t count = 0;
        storage::TimelineCursor last;
        storage::for_each_timeline_item(tx, TicketId{*id}, after, limit + 1, [&](const storage::TimelineItem& item) {
            if (++count > limit) return;
            write_timeline_item(json, item, shielded, files, deliveries);
            last = item.cursor;
        });
        json.close_array().key("next_cursor");
        if (count > limit) json.value(write_cursor("timeline", {last.at, last.kind, last.id}));
        else json.value(nullptr);
        json.close_object();
        return page;
    };
    auto page = co_await context.db.read(read);
    if (!page) co_return page.error();
    co_return json_response(200, std::move(*page));
}

/// POST /v1/tickets/{id}/take
awaitable<Answer> take_ticket(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto taken = co_await context.engine.ticketing().take(TicketId{*id}, std::move(order));
    if (!taken) co_return taken.error();
    co_return co_await show_ticket(context, call, TicketId{*id});
}

/// GET /v1/tickets/next
awaitable<Answer> peek_next_ticket(Context& context, Call& call)
{
    auto actor = call.caller->actor();
    const auto next = co_await context.engine.ticketing().next(std::move(actor));
    if (!next) co_return next.error();
    if (!*next) co_return http::Response::empty(204);
    co_return co_await show_ticket(context, call, (*next)->id);
}

/// POST /v1/tickets/next
awaitable<Answer> take_next_ticket(Context& context, Call& call)
{
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto taken = co_await context.engine.ticketing().take_next(std::move(order));
    if (!taken) co_return taken.error();
    if (!*taken) co_return http::Response::empty(204);
    co_return co_await show_ticket(context, call, (*taken)->id);
}

/// POST /v1/tickets/{id}/notes
awaitable<Answer> add_note(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto text = fields.text("text", {1, 10'000});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto note = co_await context.engine.ticketing().add_note(TicketId{*id}, std::move(text), std::move(order));
    if (!note) co_return note.error();

    storage::TimelineItem item;
    item.kind = storage::TimelineKind::note;
    item.id = note->id.value;
    item.at = note->at;
    item.agent = note->author;
    item.author_name = call.caller->agent.name;
    item.text = note->text;
    const auto actor = call.caller->actor();
    auto show = [&](Transaction& tx) -> Result<std::string> {
        const auto ticket = visible_ticket(tx, TicketId{*id}, actor);
        if (!ticket) return ticket.error();
        std::string body;
        JsonWriter json(body);
        write_timeline_item(json, item, Shielded(tx, context.engine.settings(), actor, *ticket), TicketFiles(tx, ticket->id),
                            TicketDeliveries(tx, ticket->id));
        return body;
    };
    auto body = co_await context.db.read(show);
    if (!body) co_return body.error();
    co_return json_response(201, std::move(*body));
}

} // namespace

std::span<const Route> ticket_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/tickets", Access::agent, list_tickets},
        {Method::get, "/v1/tickets/next", Access::agent, peek_next_ticket},
        {Method::post, "/v1/tickets/next", Access::agent, take_next_ticket},
        {Method::get, "/v1/tickets/{id}", Access::phone, get_ticket},
        {Method::patch, "/v1/tickets/{id}", Access::agent, change_ticket, {.checks_revision = true}},
        {Method::get, "/v1/tickets/{id}/timeline", Access::phone, get_timeline},
        {Method::post, "/v1/tickets/{id}/notes", Access::agent, add_note},
        {Method::post, "/v1/tickets/{id}/take", Access::agent, take_ticket},
    };
    return routes;
}

} // namespace sportello::api
