// Merging tickets, splitting them, and taking either back.
#include "context.hpp"
#include "fields.hpp"
#include "ticket_json.hpp"

namespace sportello::api {
namespace {

using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Transaction;

awaitable<Answer> show(Context& context, Call& call, TicketId id, int status)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<TicketDocument> { return ticket_document(tx, id, actor, context.engine.settings(), now); };
    auto document = co_await context.db.read(read);
    if (!document) co_return document.error();
    co_return json_response(status, std::move(document->json), document->revision);
}

/// What became of the ticket in the path; 412 when it was another than the one that was read.
awaitable<Answer> answer(Context& context, Call& call, TicketId id, Result<domain::Ticket> made, std::optional<std::int32_t> revision,
                         int status)
{
    if (made) co_return co_await show(context, call, made->id, status);
    if (revision && made.error().kind() == ErrorKind::conflict) {
        const auto actor = call.caller->actor();
        auto read = [&](Transaction& tx) { return visible_ticket(tx, id, actor); };
        const auto ticket = co_await context.db.read(read);
        if (ticket && ticket->revision != *revision) co_return refuse_revision(call, "ticket", ticket->revision);
    }
    co_return made.error();
}

/// POST /v1/tickets/{id}/merge
awaitable<Answer> merge_ticket(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto into = fields.maybe_number("into", 1, INT64_MAX);
    if (!into && !fields.has("into")) fields.missing("into");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto revision = wanted_revision(call.request);
    auto order = command(call);
    auto merged = co_await context.engine.regrouping().merge(TicketId{*id}, TicketId{*into}, std::move(order), revision);
    co_return co_await answer(context, call, TicketId{*id}, std::move(merged), revision, 200);
}

/// DELETE /v1/tickets/{id}/merge
awaitable<Answer> undo_ticket_merge(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    auto undone = co_await context.engine.regrouping().undo_merge(TicketId{*id}, std::move(order));
    co_return co_await answer(context, call, TicketId{*id}, std::move(undone), std::nullopt, 200);
}

/// POST /v1/tickets/{id}/split
awaitable<Answer> split_ticket(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto numbers = fields.maybe_numbers("messages", 500);
    if (!numbers && !fields.has("messages")) fields.missing("messages");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    std::vector<domain::MessageId> messages;
    for (const auto number : *numbers) messages.push_back(domain::MessageId{number});
    const auto revision = wanted_revision(call.request);
    auto order = command(call);
    auto made = co_await context.engine.regrouping().split(TicketId{*id}, std::move(messages), std::move(order), revision);
    co_return co_await answer(context, call, TicketId{*id}, std::move(made), revision, 201);
}

/// DELETE /v1/tickets/{id}/split
awaitable<Answer> undo_split(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    auto undone = co_await context.engine.regrouping().undo_split(TicketId{*id}, std::move(order));
    co_return co_await answer(context, call, TicketId{*id}, std::move(undone), std::nullopt, 200);
}

} // namespace

std::span<const Route> regrouping_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/tickets/{id}/merge", Access::agent, merge_ticket},
        {Method::del, "/v1/tickets/{id}/merge", Access::agent, undo_ticket_merge},
        {Method::post, "/v1/tickets/{id}/split", Access::agent, split_ticket},
        {Method::del, "/v1/tickets/{id}/split", Access::agent, undo_split},
    };
    return routes;
}

} // namespace sportello::api
