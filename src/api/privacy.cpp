// A person's right to know what is kept of them, and to have it forgotten.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"

#include <sportello/engine/privacy.hpp>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;

/// GET /v1/customers/{id}/export
awaitable<Answer> export_customer(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    auto whole = co_await context.engine.privacy().export_person(domain::CustomerId{*id}, std::move(order));
    if (!whole) co_return whole.error();
    auto response = json_response(200, std::move(*whole));
    response.headers.set("Content-Disposition", "attachment; filename=\"customer-" + std::to_string(*id) + ".json\"");
    co_return response;
}

/// DELETE /v1/customers/{id}
awaitable<Answer> erase_customer(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto reason = fields.text("reason", {1, 500});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto erased = co_await context.engine.privacy().erase(domain::CustomerId{*id}, std::move(reason), std::move(order));
    if (!erased) co_return erased.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("customer", *id)
        .member("erased_at", erased->at)
        .member("identities", erased->identities)
        .member("tickets", erased->tickets)
        .member("messages", erased->messages)
        .member("replies", erased->replies)
        .member("files", erased->files)
        .close_object();
    co_return json_response(200, std::move(body));
}

} // namespace

std::span<const Route> privacy_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/customers/{id}/export", Access::admin, export_customer},
        {Method::del, "/v1/customers/{id}", Access::admin, erase_customer},
    };
    return routes;
}

} // namespace sportello::api
