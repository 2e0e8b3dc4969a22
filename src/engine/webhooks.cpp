#include <sportello/engine/webhooks.hpp>

#include "facts.hpp"
#include "patience.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/webhook_rules.hpp>
#include <sportello/engine/audit.hpp>
#include <sportello/storage/audit.hpp>
#include <sportello/storage/events.hpp>

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using storage::Transaction;
using storage::Webhook;
using storage::WebhookDelivery;
using namespace std::chrono_literals;

constexpr std::int64_t most_webhooks = 100;
constexpr std::int64_t most_deliveries_waiting = 500; ///< of one webhook; what is behind waits in the event log
constexpr std::int64_t events_sent_at_once = 500;
constexpr std::int64_t sends_at_once = 50;
constexpr base::Duration old_secret_lives = 24h;
constexpr int gone = 410;

std::string place_of(std::int64_t id)
{
    return "webhook/" + std::to_string(id);
}

Error none(std::int64_t id)
{
    return Error(ErrorKind::not_found, "there is no webhook " + std::to_string(id));
}

Result<Webhook> visible_webhook(Transaction& tx, std::int64_t id, const Actor& actor)
{
    auto found = storage::find_webhook(tx, id);
    if (found && !Webhooks::may_see(actor, *found)) return none(id);
    return found;
}

nlohmann::json facts_of(const Webhook& webhook)
{
    return {
        {"name", webhook.name}, {"url", webhook.url}, {"types", webhook.types}, {"brands", webhook.brands}, {"enabled", webhook.enabled}};
}

Act act_on(const Webhook& webhook, std::string action)
{
    return {.action = "webhook." + std::move(action), .object = "webhook", .object_id = std::to_string(webhook.id)};
}

/// The event as all doors show it.
std::string body_of(const domain::Event& event)
{
    nlohmann::ordered_json body{{"seq", event.seq}, {"type", event.type}, {"at", base::to_rfc3339(event.at)}};
    if (event.ticket) body["ticket"] = event.ticket->value;
    if (event.actor) body["actor"] = event.actor->value;
    if (!event.cause.empty()) body["cause"] = event.cause;
    body["data"] = nlohmann::ordered_json::parse(event.data, nullptr, false);
    if (!body["data"].is_object()) body["data"] = nlohmann::ordered_json::object();
    return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string brand_of(Transaction& tx, const domain::Event& event, std::map<std::int64_t, std::string>& known)
{
    if (event.ticket) {
        const auto [place, is_new] = known.try_emplace(event.ticket->value);
        if (is_new) place->second = storage::brand_of_ticket(tx, *event.ticket);
        return place->second;
    }
    const auto data = nlohmann::json::parse(event.data, nullptr, false);
    const auto brand = data.is_object() ? data.find("brand") : data.end();
    return data.is_object() && brand != data.end() && brand->is_string() ? brand->get<std::string>() : std::string();
}

/// Looks at the next events for a webhook. @return whether there are more.
bool fill_in(Transaction& tx, Webhook& webhook, Instant now)
{
    const auto room = most_deliveries_waiting - storage::waiting_webhook_deliveries(tx, webhook.id);
    if (room <= 0) return false;
    std::vector<domain::Event> events;
    storage::events_since(tx, webhook.cursor, events_sent_at_once, [&](const domain::Event& event) { events.push_back(event); });
    if (events.empty()) return false;
    const domain::WebhookFilter filter{webhook.types, webhook.brands};
    std::map<std::int64_t, std::string> brands;
    std::int64_t made = 0;
    for (const domain::Event& event : events) {
        if (made == room) break;
        if (domain::wants(filter, event.type, brand_of(tx, event, brands))) {
            WebhookDelivery delivery;
            delivery.webhook = webhook.id;
            delivery.seq = event.seq;
            delivery.type = event.type;
            delivery.lane = event.ticket ? event.ticket->value : 0;
            delivery.created_at = now;
            storage::insert_webhook_delivery(tx, delivery);
            ++made;
        }
        webhook.cursor = event.seq;
    }
    storage::save_webhook_progress(tx, webhook);
    return std::ssize(events) == events_sent_at_once && made < room;
}

void disable(Transaction& tx, Webhook& webhook, std::string why, Instant now)
{
    webhook.enabled = false;
    webhook.disabled_why = std::move(why);
    const nlohmann::json data{{"webhook", webhook.id}, {"name", webhook.name}, {"why", webhook.disabled_why}};
    tell(tx, "webhook.disabled", now, std::nullopt, nullptr, data);
    storage::AuditEntry entry;
    entry.at = now;
    entry.action = "webhook.disabled";
    entry.object = "webhook";
    entry.object_id = std::to_string(webhook.id);
    entry.reason = webhook.disabled_why;
    storage::append_audit(tx, std::move(entry));
    spdlog::warn("webhook {} is switched off: {}", webhook.id, webhook.disabled_why);
}

void take_over(Webhook& webhook, const WebhookDraft& draft, Instant now)
{
    if (draft.name) webhook.name = *draft.name;
    if (draft.url) webhook.url = *draft.url;
    if (draft.types) webhook.types = *draft.types;
    if (draft.brands) webhook.brands = *draft.brands;
    webhook.updated_at = now;
    if (!draft.enabled || *draft.enabled == webhook.enabled) return;
    webhook.enabled = *draft.enabled;
    webhook.disabled_why = webhook.enabled ? "" : "switched off by a person";
    webhook.failing_since.reset();
    webhook.not_before = Instant{};
}

} // namespace

Webhooks::Webhooks(asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock,
                   base::Random& random)
    : executor_(executor), db_(db), settings_(settings), clock_(clock), random_(random), signal_(clock, std::move(executor))
{
}

bool Webhooks::may_see(const Actor& actor, const Webhook& webhook)
{
    if (actor.brands.empty()) return true;
    return !webhook.brands.empty() && std::ranges::all_of(webhook.brands, [&](const std::string& brand) { return actor.may_see(brand); });
}

asio::awaitable<void> Webhooks::run()
{
    while (courier_ && !stopping_) {
        const Instant next = co_await round();
        if (!stopping_) co_await signal_.wait_until(next);
    }
    while (!busy_.empty()) co_await signal_.wait_until(clock_.now() + 15s);
}

void Webhooks::stop()
{
    stopping_ = true;
    signal_.notify();
}

void Webhooks::wake()
{
    if (any_) signal_.notify();
}

/// Looks at new events and begins to send what is due. @return when to look again.
asio::awaitable<Instant> Webhooks::round()
{
    const Instant now = clock_.now();
    std::int64_t last = 0;
    auto look = [&](Transaction& tx) -> Result<std::vector<Webhook>> {
        last = storage::last_seq(tx);
        return storage::webhooks_after(tx, 0, most_webhooks);
    };
    const auto webhooks = co_await db_.read(look);
    if (!webhooks) co_return now + 1min;
    any_ = !webhooks->empty();
    Instant next = now + idle_look;
    for (const Webhook& webhook : *webhooks) {
        if (!webhook.enabled || stopping_) continue;
        for (bool more = webhook.cursor < last; more && !stopping_;) {
            const auto filled = co_await fill(webhook.id);
            more = filled && *filled;
        }
        if (webhook.not_before > now) {
            next = std::min(next, webhook.not_before);
            continue;
        }
        if (busy_.contains(webhook.id)) continue; // it tells when it has ended
        auto when = [&](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_webhook_delivery(tx, webhook.id); };
        const auto due = co_await db_.read(when);
        if (!due || !*due) continue;
        if (**due <= now) begin(webhook.id);
        else next = std::min(next, **due);
    }
    co_return std::max(next, clock_.now() + 1s);
}

asio::awaitable<Result<bool>> Webhooks::fill(std::int64_t id)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<bool> {
        auto webhook = storage::find_webhook(tx, id);
        if (!webhook || !webhook->enabled) return false;
        return fill_in(tx, *webhook, now);
    };
    co_return co_await db_.write(unit);
}

void Webhooks::begin(std::int64_t id)
{
    busy_.insert(id);
    asio::co_spawn(executor_, work_off(id), [this, id](const std::exception_ptr& failure) {
        busy_.erase(id);
        signal_.notify();
        if (failure) std::rethrow_exception(failure);
    });
}

/// Sends what is due to one webhook, one after the other, until the server shows that it is out of order.
asio::awaitable<void> Webhooks::work_off(std::int64_t id)
{
    const Instant now = clock_.now();
    std::optional<Webhook> webhook;
    auto look = [&](Transaction& tx) -> Result<std::vector<WebhookDelivery>> {
        auto found = storage::find_webhook(tx, id);
        if (!found) return found.error();
        webhook = std::move(*found);
        return storage::due_webhook_deliveries(tx, id, now, sends_at_once);
    };
    const auto due = co_await db_.read(look);
    if (!due || !webhook || !webhook->enabled) co_return;
    for (const WebhookDelivery& delivery : *due) {
        if (stopping_) co_return;
        const bool go_on = co_await send(*webhook, delivery);
        if (!go_on) co_return;
    }
}

/// @return whether the server is well enough for the next one.
asio::awaitable<bool> Webhooks::send(Webhook webhook, WebhookDelivery delivery)
{
    auto read = [&](Transaction& tx) -> Result<std::optional<domain::Event>> { return storage::find_event(tx, delivery.seq); };
    const auto event = co_await db_.read(read);
    if (!event) co_return false;
    bool server_is_well = true;
    delivery.status.reset();
    delivery.excerpt.clear();
    delivery.failure = "the event is not kept any more";
    if (*event) {
        std::string body = body_of(**event);
        auto headers = headers_of(webhook, delivery.id, delivery.type, body);
        Result<CourierAnswer> answered = Error(ErrorKind::unavailable, headers ? "" : headers.error().what());
        if (headers) {
            std::string url = webhook.url;
            answered = co_await courier_->post(std::move(url), std::move(*headers), std::move(body));
        }
        delivery.failure = answered ? "" : answered.error().what();
        if (answered) {
            delivery.status = answered->status;
            delivery.excerpt = answered->body;
            if (!answered->taken()) delivery.failure = "answered " + std::to_string(answered->status);
        }
        // Some other answer is about this event; these are about the server.
        server_is_well = answered && answered->status < 500 && answered->status != 429;
    }
    const Instant now = clock_.now();
    const std::uint64_t chance = random_.below(1'000'000'007);
    delivery.tried_at = now;
    ++delivery.attempts;
    auto note = [&](Transaction& tx) -> Result<void> {
        auto fresh = storage::find_webhook(tx, webhook.id);
        if (!fresh) return {}; // removed meanwhile
        if (delivery.failure.empty()) {
            delivery.state = "delivered";
            fresh->failing_since.reset();
            fresh->not_before = Instant{};
        } else {
            delivery.next_try = now + domain::webhook_pause(delivery.attempts, chance);
            // Others were taken meanwhile: it is this one that nobody wants.
            const bool others_are_taken = !fresh->failing_since || *fresh->failing_since > delivery.created_at;
            const bool hopeless = !*event || (others_are_taken && now - delivery.created_at >= domain::webhook_delivery_patience);
            if (hopeless) delivery.state = "given_up";
            if (*event && !fresh->failing_since) fresh->failing_since = now;
            if (!server_is_well) fresh->not_before = delivery.next_try;
            if (delivery.status == gone) {
                disable(tx, *fresh, "its server answered 410: it is gone", now);
            } else if (fresh->enabled && fresh->failing_since && now - *fresh->failing_since >= domain::webhook_patience) {
                disable(tx, *fresh, "nothing was taken for three days; the last failure: " + delivery.failure, now);
            }
        }
        storage::save_webhook_delivery(tx, delivery);
        storage::save_webhook_progress(tx, *fresh);
        server_is_well = server_is_well && fresh->enabled;
        return {};
    };
    const auto noted = co_await db_.write(note);
    if (!noted) spdlog::error("webhook {}: {}", webhook.id, noted.error().what());
    co_return noted&& server_is_well;
}

Result<const base::Sealer*> Webhooks::sealer(bool make_key)
{
    if (sealing_) return sealing_(make_key);
    if (!own_sealer_) own_sealer_.emplace(base::SealingKey::fresh(random_), std::vector<base::SealingKey>(), random_);
    return &*own_sealer_;
}

Result<std::vector<std::pair<std::string, std::string>>> Webhooks::headers_of(const Webhook& webhook, std::int64_t delivery,
                                                                              std::string_view type, std::string_view body)
{
    const auto opener = sealer(false);
    if (!opener) return opener.error();
    const auto now = clock_.now();
    const std::string timestamp = std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    const std::string signed_text = timestamp + "." + std::string(body);
    const auto secret = (*opener)->open(webhook.secret, place_of(webhook.id));
    if (!secret) return Error(ErrorKind::unavailable, "its secret cannot be opened: give it a new one");
    std::string signature = "sha256=" + base::hmac_sha256_hex(secret->plain, signed_text);
    if (!webhook.old_secret.empty() && webhook.old_secret_until && now < *webhook.old_secret_until) {
        const auto old = (*opener)->open(webhook.old_secret, place_of(webhook.id));
        if (old) signature += ",sha256=" + base::hmac_sha256_hex(old->plain, signed_text);
    }
    return std::vector<std::pair<std::string, std::string>>{{"X-Sportello-Delivery", std::to_string(delivery)},
                                                            {"X-Sportello-Event", std::string(type)},
                                                            {"X-Sportello-Timestamp", timestamp},
                                                            {"X-Sportello-Signature", std::move(signature)}};
}

Result<void> Webhooks::check(const WebhookDraft& draft, const Actor& actor) const
{
    std::vector<base::FieldError> wrong;
    if (draft.url) {
        const std::string why = courier_ ? courier_->obstacle(*draft.url) : std::string();
        if (!why.empty()) wrong.push_back({"/url", why});
    }
    if (draft.types) {
        for (std::size_t i = 0; i < draft.types->size(); ++i) {
            if (!domain::is_event_pattern((*draft.types)[i]))
                wrong.push_back(
                    {"/types/" + std::to_string(i), "expected an event's type, as ticket.created, or all of a noun, as ticket.*"});
        }
    }
    if (draft.brands) {
        for (std::size_t i = 0; i < draft.brands->size(); ++i) {
            const std::string& brand = (*draft.brands)[i];
            if (!settings_.brand(brand) || !actor.may_see(brand))
                wrong.push_back({"/brands/" + std::to_string(i), "there is no such brand"});
        }
        if (draft.brands->empty() && !actor.brands.empty()) wrong.push_back({"/brands", "name at least one of your brands"});
    }
    if (wrong.empty()) return {};
    return Error(ErrorKind::invalid_input, "the webhook cannot be like this", std::move(wrong));
}

asio::awaitable<Result<WebhookWithSecret>> Webhooks::create(WebhookDraft draft, Command command)
{
    if (!draft.brands) draft.brands.emplace();
    if (const auto checked = check(draft, command.actor); !checked) co_return checked.error();
    const auto seals = sealer(true);
    if (!seals) co_return seals.error();
    const Instant now = clock_.now();
    const std::string secret = "whsec_" + random_.token();
    auto unit = [&](Transaction& tx) -> Result<Webhook> {
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before)
            return Error(ErrorKind::conflict, "this webhook was made already and its secret shown once; give it a new one if it was lost");
        if (std::ssize(storage::webhooks_after(tx, 0, most_webhooks)) == most_webhooks)
            return Error(ErrorKind::conflict, "there are 100 webhooks, more are not kept");
        Webhook webhook;
        take_over(webhook, draft, now);
        webhook.cursor = storage::last_seq(tx);
        webhook.agent = command.actor.id;
        webhook.created_at = now;
        webhook.id = storage::insert_webhook(tx, webhook);
        webhook.secret = (*seals)->seal(secret, place_of(webhook.id));
        storage::save_webhook(tx, webhook);
        webhook = storage::find_webhook(tx, webhook.id).value();
        if (const auto kept = remember_made(tx, command, webhook.id, now); !kept) return kept.error();
        audit(tx, command, act_on(webhook, "created"), nlohmann::json(), facts_of(webhook), now);
        return webhook;
    };
    auto made = co_await db_.write(unit);
    if (!made) co_return made.error();
    any_ = true;
    signal_.notify();
    co_return WebhookWithSecret{std::move(*made), secret};
}

asio::awaitable<Result<Webhook>> Webhooks::change(std::int64_t id, WebhookDraft draft, std::optional<std::int32_t> if_revision,
                                                  Command command)
{
    if (const auto checked = check(draft, command.actor); !checked) co_return checked.error();
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Webhook> {
        auto webhook = visible_webhook(tx, id, command.actor);
        if (!webhook) return webhook;
        if (if_revision && *if_revision != webhook->revision)
            return Error(ErrorKind::conflict,
                         "the webhook has changed since you read it; its revision is " + std::to_string(webhook->revision));
        const nlohmann::json before = facts_of(*webhook);
        const bool was_enabled = webhook->enabled;
        take_over(*webhook, draft, now);
        storage::save_webhook(tx, *webhook);
        storage::save_webhook_progress(tx, *webhook);
        if (!was_enabled && webhook->enabled) storage::hasten_webhook_deliveries(tx, id, now);
        audit(tx, command, act_on(*webhook, "changed"), before, facts_of(*webhook), now);
        return storage::find_webhook(tx, id);
    };
    auto changed = co_await db_.write(unit);
    signal_.notify();
    co_return changed;
}

asio::awaitable<Result<void>> Webhooks::remove(std::int64_t id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        const auto webhook = visible_webhook(tx, id, command.actor);
        if (!webhook) return webhook.error();
        storage::delete_webhook(tx, id);
        audit(tx, command, act_on(*webhook, "removed"), facts_of(*webhook), nlohmann::json(), now);
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<WebhookWithSecret>> Webhooks::change_secret(std::int64_t id, Command command)
{
    const auto seals = sealer(true);
    if (!seals) co_return seals.error();
    const Instant now = clock_.now();
    const std::string secret = "whsec_" + random_.token();
    auto unit = [&](Transaction& tx) -> Result<Webhook> {
        auto webhook = visible_webhook(tx, id, command.actor);
        if (!webhook) return webhook;
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) return Error(ErrorKind::conflict, "this secret was changed already and shown once; change it again if it was lost");
        webhook->old_secret = webhook->secret;
        webhook->old_secret_until = now + old_secret_lives;
        webhook->secret = (*seals)->seal(secret, place_of(id));
        webhook->updated_at = now;
        storage::save_webhook(tx, *webhook);
        if (const auto kept = remember_made(tx, command, id, now); !kept) return kept.error();
        audit(tx, command, act_on(*webhook, "secret_changed"), now);
        return storage::find_webhook(tx, id);
    };
    auto changed = co_await db_.write(unit);
    if (!changed) co_return changed.error();
    co_return WebhookWithSecret{std::move(*changed), secret};
}

asio::awaitable<Result<Webhook>> Webhooks::replay(std::int64_t id, std::int64_t since, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Webhook> {
        auto webhook = visible_webhook(tx, id, command.actor);
        if (!webhook) return webhook;
        if (since > webhook->cursor)
            return Error(ErrorKind::invalid_input, "it has not come so far",
                         {{"/since", "the last event that it was told of is " + std::to_string(webhook->cursor)}});
        storage::drop_waiting_webhook_deliveries(tx, id, since);
        webhook->cursor = since;
        webhook->not_before = Instant{};
        storage::save_webhook_progress(tx, *webhook);
        audit(tx, command, act_on(*webhook, "replayed"), nlohmann::json(), {{"since", since}}, now);
        return webhook;
    };
    auto replayed = co_await db_.write(unit);
    signal_.notify();
    co_return replayed;
}

asio::awaitable<Result<WebhookDelivery>> Webhooks::test(std::int64_t id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Webhook> {
        auto webhook = visible_webhook(tx, id, command.actor);
        if (webhook) audit(tx, command, act_on(*webhook, "tested"), now);
        return webhook;
    };
    const auto webhook = co_await db_.write(unit);
    if (!webhook) co_return webhook.error();
    WebhookDelivery delivery;
    delivery.webhook = id;
    delivery.type = "webhook.test";
    delivery.attempts = 1;
    delivery.created_at = now;
    domain::Event event;
    event.type = delivery.type;
    event.at = now;
    event.data = nlohmann::json{{"webhook", id}}.dump();
    std::string body = body_of(event);
    auto headers = headers_of(*webhook, 0, delivery.type, body);
    if (!headers) co_return headers.error();
    if (!courier_) co_return Error(ErrorKind::conflict, "this server sends nothing out");
    std::string url = webhook->url;
    const auto answered = co_await courier_->post(std::move(url), std::move(*headers), std::move(body));
    delivery.tried_at = clock_.now();
    delivery.state = answered && answered->taken() ? "delivered" : "given_up";
    if (answered) {
        delivery.status = answered->status;
        delivery.excerpt = answered->body;
        if (!answered->taken()) delivery.failure = "answered " + std::to_string(answered->status);
    } else {
        delivery.failure = answered.error().what();
    }
    co_return delivery;
}

} // namespace sportello::engine
