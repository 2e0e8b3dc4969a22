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

/// What the platform or a log would say: there is only English of it.
std::string in_english(const std::string& text)
{
    return "<p lang=\"en\">" + base::escape_html(text) + "</p>\n";
}

struct LandingWords {
    std::string_view none, none_text, answers_none, not_signed_in, nothing_changed, signed_in, channel, is_signed_in_as, goes_on, close;
};

constexpr LandingWords landing_english{
    .none = "No sign-in",
    .none_text = "Nothing was to be signed in here.",
    .answers_none = "This answers no sign-in that is under way here: it took too long, came twice, or the server was started again "
                    "meanwhile.",
    .not_signed_in = "The channel is not signed in",
    .nothing_changed = "Nothing was changed. Go back to Sportello and start again.",
    .signed_in = "The channel is signed in",
    .channel = "Channel ",
    .is_signed_in_as = " is signed in as ",
    .goes_on = ". It is read and answered again at once; what was written meanwhile comes in now.",
    .close = "You can close this page.",
};

constexpr LandingWords landing_italian{
    .none = "Nessun accesso in corso",
    .none_text = "Qui non c’era nessun accesso da completare.",
    .answers_none = "Questa risposta non appartiene a nessun accesso in corso: ha impiegato troppo, è arrivata due volte, o intanto il "
                    "server è stato riavviato.",
    .not_signed_in = "L’accesso del canale non è riuscito",
    .nothing_changed = "Non è cambiato nulla. Torna a Sportello e ricomincia.",
    .signed_in = "L’accesso del canale è riuscito",
    .channel = "Il canale ",
    .is_signed_in_as = " è collegato come ",
    .goes_on = ". Si torna subito a leggerlo e a rispondere; quanto è stato scritto nel frattempo arriva adesso.",
    .close = "Puoi chiudere questa pagina.",
};

http::Response not_signed_in(const Error& error, const LandingWords& words, PageLanguage language)
{
    const bool answers_none = error.kind() == ErrorKind::not_found;
    return html_page(answers_none ? 404 : 422, words.not_signed_in,
                     (answers_none ? paragraph(std::string(words.answers_none)) : in_english(error.what())) +
                         paragraph(std::string(words.nothing_changed)),
                     language);
}

/// GET /channels/signed-in
awaitable<Answer> signed_in(Context& context, Call& call)
{
    const PageLanguage language = page_language(call.request);
    const LandingWords& words = language == PageLanguage::italian ? landing_italian : landing_english;
    if (context.options.sign_in == nullptr) co_return html_page(404, words.none, paragraph(std::string(words.none_text)), language);
    const auto ended = co_await context.options.sign_in->finish(call.request.query);
    if (!ended) {
        spdlog::warn("[{}] the sign-in of a channel: {}", call.request_id, ended.error().what());
        co_return not_signed_in(ended.error(), words, language);
    }
    std::string html = paragraph(std::string(words.channel) + ended->channel + std::string(words.is_signed_in_as) + ended->account +
                                 std::string(words.goes_on));
    for (const std::string& note : ended->notes) html += in_english(note);
    co_return html_page(200, words.signed_in, html + paragraph(std::string(words.close)), language);
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
