// Signing a channel in from a browser, without a restart: the platform's page, and the way back.
#include "context.hpp"
#include "fields.hpp"
#include "html_page.hpp"
#include "json_writer.hpp"

#include <sportello/base/text.hpp>

#include <spdlog/spdlog.h>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using http::Method;

constexpr std::string_view callback = "/channels/signed-in";

std::string own_origin(const Call& call, const Options& options)
{
    if (!options.public_url.empty()) return options.public_url;
    const std::string host(call.request.headers.find("Host").value_or(""));
    return (call.request.secure ? "https://" : "http://") + host;
}

/// POST /v1/channels/{id}/connect
awaitable<Answer> connect_channel(Context& context, Call& call)
{
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const std::string id(call.request.path_parameter("id"));
    const auto* channel = context.engine.settings().channel(id);
    if (channel == nullptr || !call.caller->actor().may_see(channel->brand)) {
        co_return Error(ErrorKind::not_found, "There is no such channel.");
    }
    if (context.options.sign_in == nullptr) {
        co_return Error(ErrorKind::conflict, "Here channels are signed in on the command line: `sportello channel connect " + id + "`.");
    }
    const auto begun =
        co_await context.options.sign_in->begin(id, own_origin(call, context.options) + std::string(callback), call.caller->agent.id.value);
    if (!begun) co_return begun.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("channel", id)
        .member("address", begun->address)
        .member("redirect", begun->redirect)
        .member("expires_at", begun->expires_at)
        .close_object();
    co_return json_response(200, std::move(body));
}

std::string paragraph(const std::string& text)
{
    return "<p>" + base::escape_html(text) + "</p>\n";
}

/// GET /channels/signed-in
awaitable<Answer> signed_in(Context& context, Call& call)
{
    if (context.options.sign_in == nullptr) co_return html_page(404, "No sign-in", paragraph("Nothing was to be signed in here."));
    const auto ended = co_await context.options.sign_in->finish(call.request.query);
    if (!ended) {
        spdlog::warn("[{}] the sign-in of a channel: {}", call.request_id, ended.error().what());
        co_return html_page(ended.error().kind() == ErrorKind::not_found ? 404 : 422, "The channel is not signed in",
                            paragraph(ended.error().what()) + paragraph("Nothing was changed. Go back to Sportello and start again."));
    }
    std::string html = paragraph("Channel " + ended->channel + " is signed in as " + ended->account +
                                 ". It is read and answered again at once; what was written meanwhile comes in now.");
    for (const std::string& note : ended->notes) html += paragraph("Note: " + note);
    co_return html_page(200, "The channel is signed in", html + paragraph("You can close this page."));
}

} // namespace

std::span<const Route> sign_in_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/channels/{id}/connect", Access::admin, connect_channel, {.answers_secret = true}},
        {Method::get, "/channels/signed-in", Access::public_, signed_in},
    };
    return routes;
}

} // namespace sportello::api
