// What the platforms deliver: signed instead of logged in. A delivery is checked, passed on and answered at once; nothing
// here waits for the database.
#include "context.hpp"
#include "json_writer.hpp"

#include <sportello/base/digest.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using domain::Platform;
using http::Method;

constexpr std::size_t longest_challenge = 512;

const WebhookSecrets* secrets_of(const Context& context, const Call& call, Platform platform)
{
    const std::string id(call.request.path_parameter("channel"));
    const auto* channel = context.engine.settings().channel(id);
    const auto secrets = context.options.webhooks.find(id);
    // One answer for "no such channel", "another platform's" and "its hook is off".
    return channel == nullptr || channel->platform != platform || secrets == context.options.webhooks.end() ? nullptr : &secrets->second;
}

Error no_hook()
{
    return Error(ErrorKind::not_found, "There is no hook of this channel.");
}

/// Only characters that challenges consist of. What else is signed or echoed here could be a forged delivery, or a page.
bool is_challenge(std::string_view text)
{
    return !text.empty() && text.size() <= longest_challenge && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("+/=_-.").find(c) != std::string_view::npos;
    });
}

/// The channels whose deliveries are signed with the same secret: those of one app, which has one hook for all of them.
std::vector<std::string> channels_of_app(const Context& context, Platform platform, const std::string& secret)
{
    std::vector<std::string> channels;
    for (const auto& channel : context.engine.settings().channels) {
        const auto own = context.options.webhooks.find(channel.id);
        if (channel.platform == platform && own != context.options.webhooks.end() && base::equal_secret(own->second.secret, secret)) {
            channels.push_back(channel.id);
        }
    }
    return channels;
}

using Sign = std::string (*)(std::string_view key, std::string_view message);

bool is_signed(const http::Request& request, std::string_view header, const WebhookSecrets& secrets, Sign sign)
{
    const auto given = request.headers.find(header);
    if (!given) return false;
    bool good = base::equal_secret(*given, "sha256=" + sign(secrets.secret, request.body));
    if (!secrets.old_secret.empty()) good = base::equal_secret(*given, "sha256=" + sign(secrets.old_secret, request.body)) || good;
    return good;
}

awaitable<Answer> take_delivery(Context& context, Call& call, Platform platform, std::string_view header, Sign sign)
{
    const WebhookSecrets* secrets = secrets_of(context, call, platform);
    if (secrets == nullptr) co_return no_hook();
    const std::string channel(call.request.path_parameter("channel"));
    const base::Duration now = context.clock.since_boot();
    const base::Duration wait = context.hooks.wait(call.request.remote_address, now);
    if (wait > base::Duration::zero()) {
        co_return call.refuse({.status = 429,
                               .code = "too_many",
                               .detail = "Too many deliveries with a false signature came from your address.",
                               .retry_after_seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count())});
    }
    if (!is_signed(call.request, header, *secrets, sign)) {
        context.hooks.offended(call.request.remote_address, now);
        context.metrics.delivered(channel, false);
        co_return Error(ErrorKind::unauthenticated, "The delivery is not signed with the app's secret.");
    }
    context.metrics.delivered(channel, true);
    context.engine.deliver(channels_of_app(context, platform, secrets->secret), call.request.body);
    co_return http::Response::text(200, "EVENT_RECEIVED");
}

/// GET /hooks/facebook/{channel}: Facebook asks whether the address is ours.
awaitable<Answer> facebook_handshake(Context& context, Call& call)
{
    const WebhookSecrets* secrets = secrets_of(context, call, Platform::facebook);
    if (secrets == nullptr || secrets->verify_token.empty()) co_return no_hook();
    const auto asked = [&](std::string_view name) { return call.request.query.find(name).value_or(""); };
    const bool known = base::equal_secret(asked("hub.verify_token"), secrets->verify_token);
    if (!known || asked("hub.mode") != "subscribe" || !is_challenge(asked("hub.challenge"))) {
        co_return Error(ErrorKind::forbidden, "The verify token is not the one of this channel.");
    }
    co_return http::Response::text(200, std::string(asked("hub.challenge")));
}

/// POST /hooks/facebook/{channel}
awaitable<Answer> facebook_delivery(Context& context, Call& call)
{
    co_return co_await take_delivery(context, call, Platform::facebook, "X-Hub-Signature-256", base::hmac_sha256_hex);
}

/// GET /hooks/twitter/{channel}: X asks for a proof that we know the secret.
awaitable<Answer> twitter_challenge(Context& context, Call& call)
{
    const WebhookSecrets* secrets = secrets_of(context, call, Platform::twitter);
    if (secrets == nullptr) co_return no_hook();
    const auto token = call.request.query.find("crc_token").value_or("");
    if (!is_challenge(token)) {
        co_return Error(ErrorKind::invalid_input, "The challenge cannot be answered.",
                        {{"query:crc_token", "a token as X makes them expected"}});
    }
    std::string body;
    JsonWriter json(body);
    json.open_object().member("response_token", "sha256=" + base::hmac_sha256_base64(secrets->secret, token)).close_object();
    co_return json_response(200, std::move(body));
}

/// POST /hooks/twitter/{channel}
awaitable<Answer> twitter_delivery(Context& context, Call& call)
{
    co_return co_await take_delivery(context, call, Platform::twitter, "x-twitter-webhooks-signature", base::hmac_sha256_base64);
}

} // namespace

std::span<const Route> hook_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/hooks/facebook/{channel}", Access::public_, facebook_handshake},
        {Method::post, "/hooks/facebook/{channel}", Access::public_, facebook_delivery},
        {Method::get, "/hooks/twitter/{channel}", Access::public_, twitter_challenge},
        {Method::post, "/hooks/twitter/{channel}", Access::public_, twitter_delivery},
    };
    return routes;
}

} // namespace sportello::api
