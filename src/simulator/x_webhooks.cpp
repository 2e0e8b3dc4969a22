#include "x_webhooks.hpp"

#include "ids.hpp"
#include "x_media.hpp"
#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace sportello::simulator {
namespace asio = boost::asio;
using nlohmann::json;
namespace {

constexpr std::size_t most_hooks = 1;
constexpr std::size_t most_subscriptions = 3;
constexpr std::string_view hooks_key = "x/webhook/";

XFailure refused(int status, const std::string& reason, const std::string& detail)
{
    auto failure = x_problem(status, reason, detail, "invalid-request");
    failure.body["reason"] = reason;
    return failure;
}

/// "Thu Dec 19 11:27:49 +0000 2019", as version 1.1 has times.
std::string old_time(Instant at)
{
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s %s %02u %02d:%02d:%02d +0000 %d", days.at(std::chrono::weekday(day).c_encoding()),
                  months.at(static_cast<unsigned>(date.month()) - 1), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(date.year()));
    return text.data();
}

std::string millis(Instant at)
{
    return std::to_string(base::to_micros(at) / 1000);
}

ordered_json old_user(const World& world, const std::string& id)
{
    const auto user = x_user_by_id(world, id);
    return {{"id", std::stoull(id)}, {"id_str", id},     {"name", user ? user->name : ""}, {"screen_name", user ? user->username : ""},
            {"protected", false},    {"verified", false}};
}

/// Entities of version 2 in the shapes of version 1.1.
ordered_json old_entities(const ordered_json& entities)
{
    ordered_json old{{"hashtags", ordered_json::array()},
                     {"urls", ordered_json::array()},
                     {"user_mentions", ordered_json::array()},
                     {"symbols", ordered_json::array()}};
    for (const auto& url : entities.value("urls", ordered_json::array())) {
        old["urls"].push_back({{"url", url["url"]},
                               {"expanded_url", url["expanded_url"]},
                               {"display_url", url["display_url"]},
                               {"indices", {url["start"], url["end"]}}});
    }
    for (const auto& mention : entities.value("mentions", ordered_json::array())) {
        const auto id = mention.value("id", std::string());
        if (id.empty()) continue;
        old["user_mentions"].push_back({{"screen_name", mention["username"]},
                                        {"name", mention["username"]},
                                        {"id", std::stoull(id)},
                                        {"id_str", id},
                                        {"indices", {mention["start"], mention["end"]}}});
    }
    return old;
}

ordered_json old_tweet(const House& house, const Item& item)
{
    constexpr std::size_t short_length = 140;
    const auto& version = item.now();
    const auto wire = to_wire(shown_text(house, item, version), handles_of(house.world));
    const bool is_long = base::count_code_points(wire.text) > short_length;
    const auto* parent = house.world.find(Platform::twitter, item.in_reply_to);
    const auto answered = parent ? x_user_by_id(house.world, parent->author_id) : std::nullopt;
    ordered_json tweet{{"created_at", old_time(version.at)}, {"id", std::stoull(version.id)}, {"id_str", version.id}};
    tweet["text"] = is_long ? base::shorten(wire.text, short_length - 25) + " https://t.co/whole00000" : wire.text;
    if (!is_long) tweet["display_text_range"] = {0, base::count_code_points(wire.text)};
    tweet["source"] = "<a href=\"https://example.org\" rel=\"nofollow\">Example</a>";
    tweet["truncated"] = is_long;
    const auto maybe = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
    tweet["in_reply_to_status_id_str"] = maybe(item.in_reply_to);
    tweet["in_reply_to_user_id_str"] = maybe(parent ? parent->author_id : std::string());
    tweet["in_reply_to_screen_name"] = maybe(answered ? answered->username : std::string());
    tweet["user"] = old_user(house.world, item.author_id);
    tweet["is_quote_status"] = false;
    if (is_long) {
        tweet["extended_tweet"] = {{"full_text", wire.text},
                                   {"display_text_range", {0, base::count_code_points(wire.text)}},
                                   {"entities", old_entities(wire.entities)}};
    }
    tweet["entities"] = old_entities(is_long ? ordered_json::object() : wire.entities);
    tweet["lang"] = "it";
    tweet["timestamp_ms"] = millis(version.at);
    return tweet;
}

ordered_json old_message(const House& house, const Item& item)
{
    const auto wire = to_wire(item.now().text, handles_of(house.world));
    const auto& own = house.world.accounts()[item.account].id;
    const auto* thread = house.world.find_thread(Platform::twitter, item.conversation);
    const auto person = thread ? thread->person_id : std::string();
    ordered_json data{{"text", wire.text}, {"entities", old_entities(wire.entities)}};
    if (!item.media.empty()) {
        const auto media = x_media_row(item, 0);
        data["attachment"] = {
            {"type", "media"},
            {"media", {{"id_str", media.key.substr(2)}, {"media_url_https", item.media.front().url}, {"type", media.body["type"]}}}};
    }
    ordered_json event{{"type", "message_create"}, {"id", item.id}, {"created_timestamp", millis(item.at)}};
    event["message_create"] = {
        {"target", {{"recipient_id", item.own ? person : own}}}, {"sender_id", item.author_id}, {"message_data", data}};
    ordered_json all{{"direct_message_events", ordered_json::array({event})}};
    for (const auto& id : {own, person}) {
        if (const auto user = x_user_by_id(house.world, id)) {
            all["users"][id] = {{"id", id}, {"name", user->name}, {"screen_name", user->username}, {"created_timestamp", "1422556069340"}};
        }
    }
    return all;
}

} // namespace

XWebhooks::XWebhooks(House& house) : house_(house)
{
    house_.world.on_happening([this](const Happening& happening) { tell(happening); });
}

void XWebhooks::load()
{
    if (std::exchange(loaded_, true)) return;
    for (const auto& [key, text] : house_.world.all_kept()) {
        if (!key.starts_with(hooks_key)) continue;
        const auto kept = json::parse(text, nullptr, false);
        if (!kept.is_object()) continue;
        hooks_[key.substr(hooks_key.size())] = {kept.value("url", ""), kept.value("valid", true),
                                                base::from_micros(kept.value("created", std::int64_t{0})),
                                                kept.value("accounts", std::vector<std::string>())};
    }
}

void XWebhooks::save(const std::string& id)
{
    const auto& hook = hooks_.at(id);
    const json kept{{"url", hook.url}, {"valid", hook.valid}, {"created", base::to_micros(hook.created)}, {"accounts", hook.accounts}};
    house_.world.keep(std::string(hooks_key) + id, kept.dump());
}

ordered_json XWebhooks::render(const std::string& id) const
{
    const auto& hook = hooks_.at(id);
    return {{"id", id}, {"url", hook.url}, {"valid", hook.valid}, {"created_at", x_time(hook.created)}};
}

asio::awaitable<bool> XWebhooks::passes_challenge(std::string url)
{
    auto* transport = house_.webhooks.transport();
    if (transport == nullptr) co_return false;
    const auto token = house_.random.token(24);
    http::Parameters query;
    query.add("crc_token", token);
    query.add("nonce", house_.random.token(12));
    http::ClientRequest request;
    request.url = url + (url.find('?') == std::string::npos ? "?" : "&") + query.encode();
    const auto exchange = co_await transport->send(std::move(request));
    if (!exchange.response || exchange.response->status != 200) co_return false;
    const auto body = json::parse(exchange.response->body, nullptr, false);
    const auto wanted = "sha256=" + base::hmac_sha256_base64(consumer_secret, token);
    co_return body.is_object() && body.value("response_token", json()) == wanted;
}

asio::awaitable<XAnswer> XWebhooks::create(XCall call)
{
    const auto body = json::parse(call.request.body, nullptr, false);
    const auto url = body.is_object() && body.contains("url") && body["url"].is_string() ? body["url"].get<std::string>() : std::string();
    // The real one takes https without a port only; tests listen on loopback.
    if (!url.starts_with("https://") && !url.starts_with("http://127.0.0.1:")) {
        throw refused(400, "UrlValidationFailed", "The webhook URL does not meet the requirements.");
    }
    for (const auto& [id, hook] : hooks_) {
        if (hook.url == url) throw refused(400, "DuplicateUrlFailed", "A webhook with this URL exists already.");
    }
    if (hooks_.size() >= most_hooks) throw refused(400, "WebhookLimitExceeded", "The app has as many webhooks as it may.");
    const bool passed = co_await passes_challenge(url);
    if (!passed) throw refused(400, "CrcValidationFailed", "The CRC check of the webhook failed.");
    const auto id = snowflake(house_.clock.now(), house_.random.below(1 << 22));
    hooks_[id] = {url, true, house_.clock.now(), {}};
    save(id);
    co_return XAnswer{200, {{"data", render(id)}}};
}

asio::awaitable<XAnswer> XWebhooks::validate(XCall call)
{
    const auto id = call.path.at(1);
    if (!hooks_.contains(id)) throw refused(404, "WebhookIdInvalid", "There is no such webhook.");
    const auto url = hooks_.at(id).url;
    const bool passed = co_await passes_challenge(url);
    if (const auto found = hooks_.find(id); found != hooks_.end()) {
        found->second.valid = passed;
        save(id);
    }
    if (!passed) throw refused(400, "CrcValidationFailed", "The CRC check of the webhook failed.");
    co_return XAnswer{200, {{"data", {{"valid", true}, {"attempted", true}}}}};
}

asio::awaitable<std::optional<XAnswer>> XWebhooks::serve(XCall call)
{
    load();
    if (call.path.empty()) co_return std::nullopt;
    const auto method = call.request.method;
    if (call.path[0] == "account_activity") co_return subscriptions(call);
    if (call.path[0] != "webhooks") co_return std::nullopt;
    if (call.caller.account && !call.caller.oauth1)
        throw x_problem(403, "Unsupported Authentication", "Use the app's own token.", "unsupported-authentication");
    if (call.path.size() == 1 && method == http::Method::post) {
        XAnswer answer = co_await create(std::move(call));
        co_return answer;
    }
    if (call.path.size() == 1 && method == http::Method::get) {
        ordered_json data = ordered_json::array();
        for (const auto& [id, hook] : hooks_) data.push_back(render(id));
        const auto count = data.size();
        co_return XAnswer{200, {{"data", std::move(data)}, {"meta", {{"result_count", count}}}}};
    }
    if (call.path.size() == 2 && method == http::Method::put) {
        XAnswer answer = co_await validate(std::move(call));
        co_return answer;
    }
    if (call.path.size() == 2 && method == http::Method::del) {
        if (hooks_.erase(call.path[1]) == 0) throw refused(404, "WebhookIdInvalid", "There is no such webhook.");
        house_.world.keep(std::string(hooks_key) + call.path[1], "");
        co_return XAnswer{200, {{"data", {{"deleted", true}}}}};
    }
    co_return std::nullopt;
}

/// account_activity/webhooks/ID/subscriptions/all[/list], …/subscriptions/USER/all, account_activity/subscriptions/count
XAnswer XWebhooks::subscriptions(const XCall& call)
{
    const auto& path = call.path;
    const auto method = call.request.method;
    const auto is = [&](std::size_t at, std::string_view word) { return path.size() > at && path[at] == word; };
    std::size_t all = 0;
    for (const auto& [id, hook] : hooks_) all += hook.accounts.size();
    if (path.size() == 3 && is(1, "subscriptions") && is(2, "count") && method == http::Method::get) {
        return {200,
                {{"data",
                  {{"account_name", "sportello"},
                   {"provisioned_count", std::to_string(most_subscriptions)},
                   {"subscriptions_count_all", std::to_string(all)},
                   {"subscriptions_count_direct_messages", "0"}}}}};
    }
    if (path.size() < 5 || !is(1, "webhooks") || !is(3, "subscriptions")) throw x_problem(404, "Not Found", "Not Found");
    const auto found = hooks_.find(path[2]);
    if (found == hooks_.end()) throw refused(404, "WebhookIdInvalid", "There is no such webhook.");
    auto& accounts = found->second.accounts;
    if (path.size() == 5 && is(4, "all")) {
        const auto& own = call.world().accounts()[call.account()].id;
        const bool subscribed = std::ranges::find(accounts, own) != accounts.end();
        if (method == http::Method::get) return {200, {{"data", {{"subscribed", subscribed}}}}};
        if (method != http::Method::post) throw x_problem(404, "Not Found", "Not Found");
        if (subscribed) throw refused(400, "DuplicateSubscriptionFailed", "The account is subscribed already.");
        if (all >= most_subscriptions) throw refused(400, "SubscriptionLimitExceeded", "The app has as many subscriptions as it may.");
        accounts.push_back(own);
        save(found->first);
        return {200, {{"data", {{"subscribed", true}}}}};
    }
    if (path.size() == 6 && is(4, "all") && is(5, "list") && method == http::Method::get) {
        ordered_json list = ordered_json::array();
        for (const auto& id : accounts) list.push_back({{"user_id", id}});
        return {200,
                {{"data",
                  {{"application_id", "13090192"},
                   {"webhook_id", found->first},
                   {"webhook_url", found->second.url},
                   {"subscriptions", list}}}}};
    }
    if (path.size() == 6 && is(5, "all") && method == http::Method::del) {
        if (std::erase(accounts, path[4]) == 0) throw refused(404, "SubscriptionNotFound", "The account is not subscribed.");
        save(found->first);
        return {200, {{"data", {{"subscribed", false}}}}};
    }
    throw x_problem(404, "Not Found", "Not Found");
}

void XWebhooks::tell(const Happening& happening)
{
    const auto& item = *happening.item;
    if (item.platform != Platform::twitter) return;
    load();
    if (hooks_.empty()) return;
    using What = Happening::What;
    if (happening.what == What::erased) {
        if (item.kind == Kind::direct_message) return;
        const ordered_json gone{{"status", {{"id", item.now().id}, {"user_id", item.author_id}}},
                                {"timestamp_ms", millis(house_.clock.now())}};
        deliver(item.account, {{"tweet_delete_events", ordered_json::array({gone})}});
    } else if (happening.what == What::written || happening.what == What::edited) {
        if (item.kind == Kind::direct_message) {
            deliver(item.account, old_message(house_, item));
        } else {
            ordered_json event = ordered_json::object();
            if (!item.own) event["user_has_blocked"] = false;
            event["tweet_create_events"] = ordered_json::array({old_tweet(house_, item)});
            deliver(item.account, std::move(event));
        }
    }
}

void XWebhooks::deliver(std::size_t account, ordered_json event)
{
    const auto& own = house_.world.accounts()[account].id;
    for (const auto& [id, hook] : hooks_) {
        if (!hook.valid || std::ranges::find(hook.accounts, own) == hook.accounts.end()) continue;
        ordered_json body{{"for_user_id", own}};
        body.update(event);
        WebhookDelivery delivery;
        delivery.platform = Platform::twitter;
        delivery.url = hook.url;
        delivery.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
        delivery.headers.add("Content-Type", "application/json");
        delivery.headers.add("x-twitter-webhooks-signature", "sha256=" + base::hmac_sha256_base64(consumer_secret, delivery.body));
        delivery.retries = {std::chrono::seconds(30), std::chrono::minutes(1), std::chrono::minutes(2)};
        house_.webhooks.post(std::move(delivery));
    }
}

} // namespace sportello::simulator
