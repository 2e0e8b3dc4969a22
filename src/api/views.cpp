// Lists of tickets that people saved under a name.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "ticket_filter.hpp"

#include <sportello/storage/views.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::TicketView;
using storage::Transaction;

constexpr std::size_t longest_view_name = 60;
constexpr std::int64_t most_views = 100; // of one person

void write_view(JsonWriter& json, const TicketView& view, const Caller& caller)
{
    json.open_object().member("id", view.id).member("name", view.name).member("shared", view.shared).member("owner", view.owner.value);
    json.member("mine", view.owner == caller.agent.id).key("filters").open_object();
    for (const auto& [name, value] : http::Parameters::parse(view.filters)) json.member(name, value);
    json.close_object().member("updated_at", view.updated_at).member("revision", view.revision).close_object();
}

http::Response view_response(int status, const TicketView& view, const Caller& caller)
{
    std::string body;
    JsonWriter json(body);
    write_view(json, view, caller);
    return json_response(status, std::move(body), view.revision);
}

/// The filters as a query, checked as GET /v1/tickets would.
std::string read_filters(Context& context, Call& call, Fields& fields)
{
    http::Parameters filters;
    for (const auto& [name, value] : fields.texts_by_name("filters", 20, {1, 200})) filters.add(name, value);
    Query query(filters);
    (void)read_ticket_list(query, *call.caller, context.engine.settings(), context.clock.now());
    for (const auto* name : {"view", "limit", "cursor"}) {
        if (filters.find(name)) query.wrong(name, "is no filter");
    }
    if (const auto problem = query.refusal()) {
        for (const auto& [pointer, detail] : problem->errors)
            fields.wrong_value("filters", pointer.substr(pointer.find(':') + 1) + ": " + detail);
    }
    return filters.encode();
}

bool may_use(const TicketView& view, const Caller& caller)
{
    return view.shared || view.owner == caller.agent.id;
}

/// Shared views are their owner's and the supervisors' to change.
bool may_change(const TicketView& view, const Caller& caller)
{
    return view.owner == caller.agent.id || (view.shared && caller.agent.role >= domain::Role::supervisor);
}

Error no_view(std::int64_t id)
{
    return Error(ErrorKind::not_found, "There is no view " + std::to_string(id) + ".");
}

Result<TicketView> changeable_view(Transaction& tx, std::int64_t id, const Caller& caller)
{
    auto view = storage::find_view(tx, id);
    if (!view || !may_use(*view, caller)) return no_view(id);
    if (!may_change(*view, caller)) return Error(ErrorKind::forbidden, "Only its owner or a supervisor changes a shared view.");
    return std::move(*view);
}

/// GET /v1/views
awaitable<Answer> list_views(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    std::int64_t after = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "views", 1)) after = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto read = [&](Transaction& tx) -> Result<std::vector<TicketView>> {
        return storage::views_for(tx, call.caller->agent.id, after, limit + 1);
    };
    const auto found = co_await context.db.read(read);
    if (!found) co_return found.error();
    const auto shown = std::min(found->size(), static_cast<std::size_t>(limit));
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (std::size_t at = 0; at < shown; ++at) write_view(json, (*found)[at], *call.caller);
    json.close_array().key("next_cursor");
    if (found->size() > shown) json.value(write_cursor("views", {(*found)[shown - 1].id}));
    else json.value(nullptr);
    json.close_object();
    co_return json_response(200, std::move(body));
}

/// POST /v1/views
awaitable<Answer> add_view(Context& context, Call& call)
{
    Fields fields(call.request.body);
    TicketView view;
    view.owner = call.caller->agent.id;
    view.name = fields.text("name", {1, longest_view_name});
    view.shared = fields.maybe_flag("shared").value_or(false);
    if (!fields.has("filters")) fields.missing("filters");
    view.filters = read_filters(context, call, fields);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    view.updated_at = context.clock.now();
    auto write = [&](Transaction& tx) -> Result<TicketView> {
        if (storage::view_count(tx, view.owner) >= most_views) {
            return Error(ErrorKind::conflict, "You have " + std::to_string(most_views) + " views; delete one first.");
        }
        const auto id = storage::insert_view(tx, view);
        if (!id) return id.error();
        TicketView made = view;
        made.id = *id;
        return made;
    };
    const auto made = co_await context.db.write(write);
    if (!made) co_return made.error();
    co_return view_response(201, *made, *call.caller);
}

/// GET /v1/views/{id}
awaitable<Answer> get_view(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto read = [&](Transaction& tx) -> Result<TicketView> {
        auto view = storage::find_view(tx, *id);
        if (!view || !may_use(*view, *call.caller)) return no_view(*id);
        return std::move(*view);
    };
    const auto view = co_await context.db.read(read);
    if (!view) co_return view.error();
    co_return view_response(200, *view, *call.caller);
}

/// PATCH /v1/views/{id}
awaitable<Answer> change_view(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto name = fields.maybe_text("name", {1, longest_view_name});
    const auto shared = fields.maybe_flag("shared");
    std::optional<std::string> filters;
    if (fields.has("filters")) filters = read_filters(context, call, fields);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto revision = wanted_revision(call.request);
    const auto now = context.clock.now();
    std::optional<std::int32_t> present;
    auto write = [&](Transaction& tx) -> Result<TicketView> {
        auto view = changeable_view(tx, *id, *call.caller);
        if (!view) return view;
        present = view->revision;
        if (revision && *revision != view->revision) return Error(ErrorKind::conflict, "The view has changed since you read it.");
        if (name) view->name = *name;
        if (shared) view->shared = *shared;
        if (filters) view->filters = *filters;
        view->updated_at = now;
        if (const auto saved = storage::save_view(tx, *view); !saved) return saved.error();
        return view;
    };
    const auto changed = co_await context.db.write(write);
    if (!changed && revision && present && *present != *revision) co_return refuse_revision(call, "view", *present);
    if (!changed) co_return changed.error();
    co_return view_response(200, *changed, *call.caller);
}

/// DELETE /v1/views/{id}
awaitable<Answer> remove_view(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto write = [&](Transaction& tx) -> Result<void> {
        const auto view = changeable_view(tx, *id, *call.caller);
        if (!view) return view.error();
        storage::delete_view(tx, *id);
        return {};
    };
    const auto removed = co_await context.db.write(write);
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> view_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/views", Access::agent, list_views},
        {Method::post, "/v1/views", Access::agent, add_view},
        {Method::get, "/v1/views/{id}", Access::agent, get_view},
        {Method::patch, "/v1/views/{id}", Access::agent, change_view, {.checks_revision = true}},
        {Method::del, "/v1/views/{id}", Access::agent, remove_view},
    };
    return routes;
}

} // namespace sportello::api
