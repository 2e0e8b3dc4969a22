// One message: looking at what is masked in it, saying that it is no personal data, hiding it on its platform.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "shielded.hpp"

#include <sportello/base/text.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/tickets.hpp>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using domain::MessageId;
using http::Method;

void write_text(JsonWriter& json, const domain::Message& message, const Shielded::Text& shown)
{
    json.open_object()
        .member("id", message.id.value)
        .member("ticket", message.ticket->value)
        .member("text", shown.text)
        .key("personal_data");
    write_spans(json, shown.spans);
    json.close_object();
}

/// The message as this person sees it otherwise.
awaitable<Answer> show_message(Context& context, Call& call, domain::Message message)
{
    const auto actor = call.caller->actor();
    auto read = [&](storage::Transaction& tx) -> Result<std::string> {
        const auto ticket = storage::find_ticket(tx, *message.ticket);
        if (!ticket) return ticket.error();
        const Shielded shielded(tx, context.engine.settings(), actor, *ticket);
        std::string body;
        JsonWriter json(body);
        write_text(json, message, shielded.show(message.text, message.visibility == domain::Visibility::public_));
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/messages/{id}/reveal
awaitable<Answer> reveal(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto revealed = co_await context.engine.shield().reveal(MessageId{*id}, std::move(order));
    if (!revealed) co_return revealed.error();
    Shielded::Text shown{.text = revealed->message.text, .spans = {}};
    for (const domain::PersonalData& data : revealed->found) {
        const std::string_view text = shown.text;
        shown.spans.push_back({.number = shown.spans.size() + 1,
                               .kind = data.kind,
                               .at = base::count_code_points(text.substr(0, data.begin)),
                               .length = base::count_code_points(text.substr(data.begin, data.end - data.begin))});
    }
    std::string body;
    JsonWriter json(body);
    write_text(json, revealed->message, shown);
    auto response = json_response(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

/// POST /v1/messages/{id}/personal-data/{number}/release
awaitable<Answer> release(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto number = read_number(call.request.path_parameter("number"));
    if (!number) co_return base::Error(base::ErrorKind::not_found, "There is nothing at " + call.request.path + ".");
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto released = co_await context.engine.shield().release(MessageId{*id}, static_cast<std::size_t>(*number), std::move(order));
    if (!released) co_return released.error();
    co_return co_await show_message(context, call, std::move(*released));
}

http::Response ordered(const storage::MessageAction& action)
{
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("message", action.message.value)
        .member("ticket", action.ticket.value)
        .member("action", action.kind)
        .member("state", action.state)
        .member("asked_at", action.asked_at)
        .close_object();
    return json_response(202, std::move(body));
}

enum class Deed { hide, unhide, like, unlike, remove };

awaitable<Result<storage::MessageAction>> carry_out(engine::Shield& shield, MessageId id, Deed deed, engine::Command order)
{
    switch (deed) {
    case Deed::hide:
    case Deed::unhide:
        return shield.hide(id, deed == Deed::hide, std::move(order));
    case Deed::like:
    case Deed::unlike:
        return shield.like(id, deed == Deed::like, std::move(order));
    case Deed::remove:
        break;
    }
    return shield.remove(id, std::move(order));
}

/// POST /v1/messages/{id}/hide, /unhide, /like, /unlike; DELETE /v1/messages/{id}
template <Deed deed> awaitable<Answer> order(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto made = command(call);
    auto doing = carry_out(context.engine.shield(), MessageId{*id}, deed, std::move(made));
    const auto action = co_await std::move(doing);
    if (!action) co_return action.error();
    co_return ordered(*action);
}

} // namespace

std::span<const Route> message_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/messages/{id}/reveal", Access::agent, reveal},
        {Method::post, "/v1/messages/{id}/personal-data/{number}/release", Access::agent, release},
        {Method::post, "/v1/messages/{id}/hide", Access::agent, order<Deed::hide>},
        {Method::post, "/v1/messages/{id}/unhide", Access::agent, order<Deed::unhide>},
        {Method::post, "/v1/messages/{id}/like", Access::agent, order<Deed::like>},
        {Method::post, "/v1/messages/{id}/unlike", Access::agent, order<Deed::unlike>},
        {Method::del, "/v1/messages/{id}", Access::agent, order<Deed::remove>},
    };
    return routes;
}

} // namespace sportello::api
