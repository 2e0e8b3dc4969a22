// Practice: customers who are none write, so that agents can try everything. Only where both platforms are a simulator.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;

constexpr std::int64_t most_samples = 10;

/// One message as the office gets them: what is wrong, in public or in private.
struct Sample {
    bool in_private;
    std::string_view text;
};

/// A dead line, a bill, an engineer who did not come, thanks, anger, data that should not be public, a second language.
constexpr Sample samples[] = {
    {false, "Buongiorno, da stamattina sono senza linea e senza internet. Potete verificare?"},
    {false, "Mi avete addebitato due volte lo stesso mese. Chi me li restituisce?"},
    {true, "Salve, l'ADSL cade ogni sera verso le nove. Ho già riavviato il modem tre volte."},
    {false, "Il tecnico doveva venire ieri tra le 9 e le 13 e non si è visto nessuno. Vergogna!"},
    {true, "Vorrei passare alla fibra: il mio indirizzo è coperto?"},
    {false, "Problema risolto, grazie mille per la pazienza!"},
    {false, "Nessuno risponde! Chiamatemi al 347 0000000, è urgente."},
    {true, "Hello, my mobile data stopped working after I changed phone. What should I do?"},
    {false, "Quanto costa attivare la eSIM? Sul sito non lo trovo."},
    {true, "Devo disdire il contratto di mia madre, che cosa vi serve?"},
};
constexpr std::string_view people[] = {"Giulia Prova", "Marco Prova", "Elena Prova", "Paolo Prova", "Sara Prova", "Luca Prova"};
constexpr std::string_view handles[] = {"giulia_prova", "marco_prova", "elena_prova", "paolo_prova", "sara_prova", "luca_prova"};

/// What the simulator is asked to let somebody write on `channel`.
std::string order_for(const engine::ChannelSettings& channel, base::Random& random)
{
    const Sample& sample = samples[random.below(std::size(samples))];
    const auto person = random.below(std::size(people));
    const bool facebook = channel.platform == domain::Platform::facebook;
    const char* const in_public = facebook ? "post" : "mention";
    std::string text(sample.text);
    if (!facebook && !sample.in_private) text = "@" + channel.account + " " + text;
    return nlohmann::json{{"platform", domain::to_string(channel.platform)},
                          {"account", channel.account},
                          {"kind", sample.in_private ? "direct_message" : in_public},
                          {"author", facebook ? people[person] : handles[person]},
                          {"text", text}}
        .dump();
}

awaitable<std::string> write_sample(const Practice& practice, std::string order)
{
    http::ClientRequest request;
    request.method = Method::post;
    request.url = practice.simulator + "/control/posts";
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(order);
    auto exchange = co_await practice.transport->send(std::move(request));
    if (!exchange.response) co_return exchange.failure;
    if (exchange.response->status != 201) co_return "it answers " + std::to_string(exchange.response->status);
    co_return std::string();
}

/// POST /v1/practice/messages
awaitable<Answer> send_samples(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto count = fields.maybe_number("count", 1, most_samples).value_or(3);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (!context.options.practice) co_return Error(ErrorKind::not_found, "This house is a real one: there is nobody to practise with.");
    const auto actor = call.caller->actor();
    std::vector<const engine::ChannelSettings*> channels;
    for (const auto& channel : context.engine.settings().channels) {
        if (actor.may_see(channel.brand)) channels.push_back(&channel);
    }
    std::int64_t written = 0;
    for (; written < count && !channels.empty(); ++written) {
        const auto& channel = *channels[context.random.below(channels.size())];
        const auto failure = co_await write_sample(*context.options.practice, order_for(channel, context.random));
        if (failure.empty()) continue;
        spdlog::warn("{} the practice's simulator: {}", call.request_id, failure);
        co_return call.refuse({.status = 503, .code = "unavailable", .detail = "The simulator does not take messages: is it running?"});
    }
    std::string body;
    JsonWriter json(body);
    json.open_object().member("written", written).close_object();
    co_return json_response(201, std::move(body));
}

} // namespace

std::span<const Route> practice_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/practice/messages", Access::agent, send_samples},
    };
    return routes;
}

} // namespace sportello::api
