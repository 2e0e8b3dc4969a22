#include "routes_json.hpp"

namespace sportello::api {
namespace {

void write_price(JsonWriter& json, std::string_view name, const std::optional<domain::RoutePrice>& price)
{
    json.key(name);
    if (!price) {
        json.value(nullptr);
        return;
    }
    json.open_object().member("price_class", price->price_class).member("micro_dollars", price->micro_dollars).close_object();
}

void write_route(JsonWriter& json, const domain::ReplyRoute& route, const engine::MessageRoutes& of)
{
    json.open_object()
        .member("kind", domain::to_string(route.kind))
        .member("open", route.open)
        .member("until", route.until)
        .member("price_class", route.price.price_class);
    write_price(json, "price", route.price);
    write_price(json, "price_with_url", route.price_with_url);
    json.text_or_null("why", route.why)
        .text_or_null("instead", route.instead ? domain::to_string(*route.instead) : std::string_view())
        .text_or_null("link", route.kind == domain::RouteKind::invitation ? std::string_view(of.private_link)
                              : route.kind == domain::RouteKind::by_hand  ? std::string_view(of.permalink)
                                                                          : std::string_view());
    json.key("ticket");
    if (route.kind == domain::RouteKind::private_message && of.private_ticket) json.value(of.private_ticket->value);
    else json.value(nullptr);
    json.close_object();
}

} // namespace

void write_message_routes(JsonWriter& json, const engine::MessageRoutes& routes)
{
    json.open_object().member("message", routes.message.value).member("platform_id", routes.platform_id).key("items").open_array();
    for (const auto& route : routes.routes) write_route(json, route, routes);
    json.close_array().close_object();
}

void write_by_hand(JsonWriter& json, const storage::ByHand& wait, std::string_view agent_name)
{
    json.open_object()
        .member("id", wait.id)
        .member("ticket", wait.ticket.value)
        .key("agent")
        .open_object()
        .member("id", wait.agent.value)
        .member("name", agent_name)
        .close_object()
        .member("text", wait.text)
        .text_or_null("permalink", wait.permalink)
        .member("since", wait.since)
        .member("ask_at", wait.ask_at)
        .member("asked_at", wait.asked_at)
        .close_object();
}

} // namespace sportello::api
