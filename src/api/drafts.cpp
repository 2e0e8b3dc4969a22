// What people have begun to write: kept for them alone, on any machine they sit at.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/drafts.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::Draft;
using storage::Transaction;

constexpr std::size_t longest_draft = 25'000;

void write_draft(JsonWriter& json, const Draft& draft)
{
    json.open_object()
        .member("ticket", draft.ticket.value)
        .member("mode", draft.mode)
        .text_or_null("visibility", draft.visibility)
        .member("text", draft.text)
        .member("updated_at", draft.updated_at)
        .close_object();
}

std::string draft_json(const Draft& draft)
{
    std::string body;
    JsonWriter json(body);
    write_draft(json, draft);
    return body;
}

/// The mode in the address. @return not_found for any other.
Result<std::string> mode_of(const Call& call)
{
    std::string mode(call.request.path_parameter("mode"));
    if (mode == "reply" || mode == "note") return mode;
    return Error(ErrorKind::not_found, "There is nothing at " + call.request.path + ".");
}

Error no_draft(TicketId ticket)
{
    return Error(ErrorKind::not_found, "You have begun nothing for ticket " + std::to_string(ticket.value) + ".");
}

/// GET /v1/drafts
awaitable<Answer> list_drafts(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    TicketId after;
    if (const auto cursor = query.text("cursor")) {
        const auto numbers = read_cursor(*cursor, "draft", 1);
        if (numbers) after.value = numbers->front();
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        // A page holds whole tickets: both modes of one stand together.
        auto drafts = storage::drafts_of(tx, actor.id, after, limit + 2);
        const bool more = std::ssize(drafts) > limit;
        if (more) {
            const auto last = drafts[static_cast<std::size_t>(limit)].ticket;
            std::erase_if(drafts, [&](const Draft& draft) { return draft.ticket >= last; });
            if (drafts.empty()) drafts = storage::drafts_of(tx, actor.id, after, 2); // a page of one with both modes
        }
        for (const Draft& draft : drafts) {
            if (visible_ticket(tx, draft.ticket, actor)) write_draft(json, draft);
        }
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("draft", {drafts.back().ticket.value}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// GET /v1/tickets/{id}/drafts/{mode}
awaitable<Answer> get_draft(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto mode = mode_of(call);
    if (!mode) co_return mode.error();
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        if (const auto ticket = visible_ticket(tx, TicketId{*id}, actor); !ticket) return ticket.error();
        const auto draft = storage::find_draft(tx, actor.id, TicketId{*id}, *mode);
        if (!draft) return no_draft(TicketId{*id});
        return draft_json(*draft);
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// PUT /v1/tickets/{id}/drafts/{mode}
awaitable<Answer> put_draft(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto mode = mode_of(call);
    if (!mode) co_return mode.error();
    Fields fields(call.request.body);
    Draft draft;
    draft.text = fields.text("text", {1, longest_draft});
    const auto visibility = fields.maybe_word("visibility", domain::parse_visibility, "public, private");
    if (*mode == "reply" && !fields.has("visibility")) fields.missing("visibility");
    if (*mode == "note" && visibility) fields.wrong_value("visibility", "a note has none");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    draft.agent = actor.id;
    draft.ticket = TicketId{*id};
    draft.mode = *mode;
    if (visibility) draft.visibility = domain::to_string(*visibility);
    draft.updated_at = context.clock.now();
    auto save = [&](Transaction& tx) -> Result<std::string> {
        if (const auto ticket = visible_ticket(tx, TicketId{*id}, actor); !ticket) return ticket.error();
        storage::save_draft(tx, draft);
        return draft_json(draft);
    };
    auto body = co_await context.db.write(save);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// DELETE /v1/tickets/{id}/drafts/{mode}
awaitable<Answer> delete_draft(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto mode = mode_of(call);
    if (!mode) co_return mode.error();
    const auto actor = call.caller->actor();
    auto erase = [&](Transaction& tx) -> Result<void> {
        if (const auto ticket = visible_ticket(tx, TicketId{*id}, actor); !ticket) return ticket.error();
        storage::delete_draft(tx, actor.id, TicketId{*id}, *mode);
        return {};
    };
    const auto erased = co_await context.db.write(erase);
    if (!erased) co_return erased.error();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> draft_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/drafts", Access::agent, list_drafts},
        {Method::get, "/v1/tickets/{id}/drafts/{mode}", Access::agent, get_draft},
        {Method::put, "/v1/tickets/{id}/drafts/{mode}", Access::agent, put_draft},
        {Method::del, "/v1/tickets/{id}/drafts/{mode}", Access::agent, delete_draft},
    };
    return routes;
}

} // namespace sportello::api
