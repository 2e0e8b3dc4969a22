#include <sportello/storage/webhooks.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <limits>

namespace sportello::storage {
namespace {

#define SPORTELLO_WEBHOOK_COLUMNS                                                                                                          \
    "id, name, url, types, brands, secret, old_secret, old_secret_until, enabled, disabled_why, cursor_seq, failing_since, not_before, "   \
    "agent_id, created_at, updated_at, revision"
#define SPORTELLO_DELIVERY_COLUMNS                                                                                                         \
    "d.id, d.webhook_id, d.seq, d.type, d.lane, d.state, d.attempts, d.next_try, d.created_at, d.tried_at, d.status, d.excerpt, d.failure"

const Statement insert_webhook_row{"INSERT INTO webhook (name, url, types, brands, secret, old_secret, old_secret_until, enabled, disabled_why, "
                           "cursor_seq, failing_since, not_before, agent_id, created_at, updated_at, revision) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id"};
const Statement webhook_by_id{"SELECT " SPORTELLO_WEBHOOK_COLUMNS " FROM webhook WHERE id = $1"};
const Statement after_id{"SELECT " SPORTELLO_WEBHOOK_COLUMNS " FROM webhook WHERE id > $1 ORDER BY id LIMIT $2"};
const Statement update_webhook{"UPDATE webhook SET name = $2, url = $3, types = $4, brands = $5, secret = $6, old_secret = $7, "
                           "old_secret_until = $8, updated_at = $9, revision = revision + 1 WHERE id = $1"};
const Statement update_progress{"UPDATE webhook SET cursor_seq = $2, failing_since = $3, not_before = $4, enabled = $5, disabled_why = $6 "
                                "WHERE id = $1"};
const Statement delete_one{"DELETE FROM webhook WHERE id = $1"};
const Statement delete_deliveries{"DELETE FROM webhook_delivery WHERE webhook_id = $1"};

const Statement insert_delivery{"INSERT INTO webhook_delivery (webhook_id, seq, type, lane, state, attempts, next_try, created_at, "
                                "excerpt, failure) VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5, '', '')"};
const Statement due_ones{"SELECT " SPORTELLO_DELIVERY_COLUMNS " FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.next_try <= $2 "
                         "AND d.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM webhook_delivery e WHERE e.webhook_id = $1 AND "
                         "e.lane = d.lane AND e.id < d.id AND e.state = 'waiting') ORDER BY d.next_try, d.id LIMIT $3"};
const Statement next_due{"SELECT d.next_try FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.state = 'waiting' AND NOT EXISTS "
                         "(SELECT 1 FROM webhook_delivery e WHERE e.webhook_id = $1 AND e.lane = d.lane AND e.id < d.id AND "
                         "e.state = 'waiting') ORDER BY d.next_try, d.id LIMIT 1"};
const Statement count_waiting{"SELECT count(*) FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting'"};
const Statement update_delivery{"UPDATE webhook_delivery SET state = $2, attempts = $3, next_try = $4, tried_at = $5, status = $6, "
                                "excerpt = $7, failure = $8 WHERE id = $1"};
const Statement hasten{"UPDATE webhook_delivery SET next_try = $2 WHERE webhook_id = $1 AND state = 'waiting'"};
const Statement drop_waiting{"DELETE FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting' AND seq > $2"};
const Statement log_of{"SELECT " SPORTELLO_DELIVERY_COLUMNS " FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.id < $2 "
                       "ORDER BY d.id DESC"};
const Statement forget_old{"DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE created_at < $1 AND "
                           "state <> 'waiting' ORDER BY created_at, id LIMIT $2)"};
const Statement event_by_seq{"SELECT seq, type, at, ticket_id, actor_id, cause, data FROM event WHERE seq = $1"};

Webhook webhook_at(const Row& row)
{
    return {.id = row.number(0),
            .name = row.string(1),
            .url = row.string(2),
            .types = split(row.text(3), ','),
            .brands = split(row.text(4), ','),
            .secret = row.string(5),
            .old_secret = row.string(6),
            .old_secret_until = row.maybe_instant(7),
            .enabled = row.flag(8),
            .disabled_why = row.string(9),
            .cursor = row.number(10),
            .failing_since = row.maybe_instant(11),
            .not_before = row.instant(12),
            .agent = id_at<domain::AgentId>(row, 13),
            .created_at = row.instant(14),
            .updated_at = row.instant(15),
            .revision = small_number_at(row, 16)};
}

WebhookDelivery delivery_row(const Row& row)
{
    return {.id = row.number(0),
            .webhook = row.number(1),
            .seq = row.number(2),
            .type = row.string(3),
            .lane = row.number(4),
            .state = row.string(5),
            .attempts = small_number_at(row, 6),
            .next_try = row.instant(7),
            .created_at = row.instant(8),
            .tried_at = row.maybe_instant(9),
            .status = row.null(10) ? std::nullopt : std::optional(small_number_at(row, 10)),
            .excerpt = row.string(11),
            .failure = row.string(12)};
}

} // namespace

std::int64_t insert_webhook(Transaction& tx, const Webhook& webhook)
{
    const auto id =
        tx.first(insert_webhook_row, first_number, webhook.name, webhook.url, join(webhook.types, ','), join(webhook.brands, ','), webhook.secret,
                 webhook.old_secret, webhook.old_secret_until, webhook.enabled, webhook.disabled_why, webhook.cursor, webhook.failing_since,
                 webhook.not_before, webhook.agent, webhook.created_at, webhook.updated_at, webhook.revision);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

base::Result<Webhook> find_webhook(Transaction& tx, std::int64_t id)
{
    auto found = tx.first(webhook_by_id, webhook_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no webhook " + std::to_string(id));
    return std::move(*found);
}

std::vector<Webhook> webhooks_after(Transaction& tx, std::int64_t after, std::int64_t limit)
{
    return tx.all(after_id, webhook_at, after, limit);
}

void save_webhook(Transaction& tx, const Webhook& webhook)
{
    tx.run(update_webhook, webhook.id, webhook.name, webhook.url, join(webhook.types, ','), join(webhook.brands, ','), webhook.secret,
           webhook.old_secret, webhook.old_secret_until, webhook.updated_at);
}

void save_webhook_progress(Transaction& tx, const Webhook& webhook)
{
    tx.run(update_progress, webhook.id, webhook.cursor, webhook.failing_since, webhook.not_before, webhook.enabled, webhook.disabled_why);
}

void delete_webhook(Transaction& tx, std::int64_t id)
{
    tx.run(delete_deliveries, id);
    tx.run(delete_one, id);
}

void insert_webhook_delivery(Transaction& tx, const WebhookDelivery& delivery)
{
    tx.run(insert_delivery, delivery.webhook, delivery.seq, delivery.type, delivery.lane, delivery.created_at);
}

std::vector<WebhookDelivery> due_webhook_deliveries(Transaction& tx, std::int64_t webhook, base::Instant now, std::int64_t limit)
{
    return tx.all(due_ones, delivery_row, webhook, now, limit);
}

std::optional<base::Instant> next_webhook_delivery(Transaction& tx, std::int64_t webhook)
{
    return tx.first(
        next_due, [](const Row& row) { return row.instant(0); }, webhook);
}

std::int64_t waiting_webhook_deliveries(Transaction& tx, std::int64_t webhook)
{
    return tx.first(count_waiting, first_number, webhook).value_or(0);
}

void save_webhook_delivery(Transaction& tx, const WebhookDelivery& delivery)
{
    tx.run(update_delivery, delivery.id, delivery.state, delivery.attempts, delivery.next_try, delivery.tried_at, delivery.status,
           delivery.excerpt, delivery.failure);
}

void hasten_webhook_deliveries(Transaction& tx, std::int64_t webhook, base::Instant now)
{
    tx.run(hasten, webhook, now);
}

void drop_waiting_webhook_deliveries(Transaction& tx, std::int64_t webhook, std::int64_t seq)
{
    tx.run(drop_waiting, webhook, seq);
}

std::vector<WebhookDelivery> webhook_deliveries(Transaction& tx, std::int64_t webhook, std::string_view state, std::int64_t before,
                                                std::int64_t limit)
{
    std::vector<WebhookDelivery> found;
    const Value values[] = {webhook, before > 0 ? before : std::numeric_limits<std::int64_t>::max()};
    tx.execute(log_of, values, [&](const Row& row) {
        if (state.empty() || row.text(5) == state) found.push_back(delivery_row(row));
        return std::ssize(found) < limit;
    });
    return found;
}

std::int64_t forget_webhook_deliveries(Transaction& tx, base::Instant before, std::int64_t limit)
{
    return tx.run(forget_old, before, limit);
}

std::optional<domain::Event> find_event(Transaction& tx, std::int64_t seq)
{
    const auto make = [](const Row& row) {
        return domain::Event{.seq = row.number(0),
                             .type = row.string(1),
                             .at = row.instant(2),
                             .ticket = maybe_id_at<domain::TicketId>(row, 3),
                             .actor = maybe_id_at<domain::AgentId>(row, 4),
                             .cause = row.string(5),
                             .data = row.string(6)};
    };
    return tx.first(event_by_seq, make, seq);
}

} // namespace sportello::storage
