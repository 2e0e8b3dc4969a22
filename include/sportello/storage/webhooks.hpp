#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Other systems that are told of events, and what became of each telling.
namespace sportello::storage {

struct Webhook {
    std::int64_t id = 0;
    std::string name;
    std::string url;
    std::vector<std::string> types;
    std::vector<std::string> brands;
    std::string secret;     ///< sealed
    std::string old_secret; ///< sealed; empty: none
    std::optional<base::Instant> old_secret_until;
    bool enabled = true;
    std::string disabled_why; ///< empty while enabled
    std::int64_t cursor = 0;  ///< the last event that was looked at for it
    std::optional<base::Instant> failing_since;
    base::Instant not_before{}; ///< nothing is sent before
    domain::AgentId agent;      ///< who made it
    base::Instant created_at{};
    base::Instant updated_at{};
    std::int32_t revision = 1;
};
/// @return its id.
std::int64_t insert_webhook(Transaction& tx, const Webhook& webhook);
/// @return not_found
base::Result<Webhook> find_webhook(Transaction& tx, std::int64_t id);
/// Those after `after`, by id.
std::vector<Webhook> webhooks_after(Transaction& tx, std::int64_t after, std::int64_t limit);
/// What a person may change; the revision grows.
void save_webhook(Transaction& tx, const Webhook& webhook);
/// How it goes: cursor, failing_since, not_before, enabled and disabled_why.
void save_webhook_progress(Transaction& tx, const Webhook& webhook);
void delete_webhook(Transaction& tx, std::int64_t id);

struct WebhookDelivery {
    std::int64_t id = 0;
    std::int64_t webhook = 0;
    std::int64_t seq = 0; ///< of the event
    std::string type;
    std::int64_t lane = 0; ///< the ticket's id; 0: of no ticket
    std::string state;     ///< "waiting", "delivered", "given_up"
    std::int32_t attempts = 0;
    base::Instant next_try{};
    base::Instant created_at{};
    std::optional<base::Instant> tried_at;
    std::optional<std::int32_t> status; ///< of the answer
    std::string excerpt;                ///< of the answer
    std::string failure;                ///< why it did not work
};
void insert_webhook_delivery(Transaction& tx, const WebhookDelivery& delivery);
/// Those due by `now`: of each lane the first only, oldest first.
std::vector<WebhookDelivery> due_webhook_deliveries(Transaction& tx, std::int64_t webhook, base::Instant now, std::int64_t limit);
/// When the next one of the webhook is due; nothing: none waits.
std::optional<base::Instant> next_webhook_delivery(Transaction& tx, std::int64_t webhook);
std::int64_t waiting_webhook_deliveries(Transaction& tx, std::int64_t webhook);
/// Writes state, attempts, times, status, excerpt and failure.
void save_webhook_delivery(Transaction& tx, const WebhookDelivery& delivery);
/// What waits goes now.
void hasten_webhook_deliveries(Transaction& tx, std::int64_t webhook, base::Instant now);
/// Forgets what waits of events after `seq`: they will be looked at again.
void drop_waiting_webhook_deliveries(Transaction& tx, std::int64_t webhook, std::int64_t seq);
/// Newest first, those before `before` (0: from the newest). @param state  empty: all
std::vector<WebhookDelivery> webhook_deliveries(Transaction& tx, std::int64_t webhook, std::string_view state, std::int64_t before,
                                                std::int64_t limit);
/// Forgets up to `limit` ended deliveries made before `before`. @return how many
std::int64_t forget_webhook_deliveries(Transaction& tx, base::Instant before, std::int64_t limit);

/// The event with this number; nothing when it is not kept any more.
std::optional<domain::Event> find_event(Transaction& tx, std::int64_t seq);

} // namespace sportello::storage
