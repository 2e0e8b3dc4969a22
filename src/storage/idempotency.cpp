#include <sportello/storage/idempotency.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement by_key{"SELECT request_hash, status, body FROM idempotency_key "
                       "WHERE agent_id = $1 AND idempotency_key = $2"};
const Statement insert_kept_answer{"INSERT INTO idempotency_key (agent_id, idempotency_key, request_hash, status, body, at) "
                                   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agent_id, idempotency_key) DO NOTHING"};
const Statement upsert_one{"INSERT INTO idempotency_key (agent_id, idempotency_key, request_hash, status, body, at) "
                           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agent_id, idempotency_key) "
                           "DO UPDATE SET status = excluded.status, body = excluded.body"};
const Statement forget_bodies{"UPDATE idempotency_key SET status = -1, body = '' WHERE status > 0"};
const Statement delete_old{"DELETE FROM idempotency_key WHERE at < $1"};

} // namespace

std::optional<KeptAnswer> find_answer(Transaction& tx, domain::AgentId agent, std::string_view key)
{
    const auto make = [](const Row& row) {
        return KeptAnswer{.request_hash = row.string(0), .status = row.number(1), .body = row.string(2)};
    };
    return tx.first(by_key, make, agent, key);
}

base::Result<void> keep_answer(Transaction& tx, domain::AgentId agent, std::string_view key, const KeptAnswer& answer, base::Instant now)
{
    if (tx.run(insert_kept_answer, agent, key, answer.request_hash, answer.status, answer.body, now) == 0) {
        return base::Error(base::ErrorKind::conflict, "a request with this Idempotency-Key was answered a moment ago");
    }
    return {};
}

void keep_final_answer(Transaction& tx, domain::AgentId agent, std::string_view key, const KeptAnswer& answer, base::Instant now)
{
    tx.run(upsert_one, agent, key, answer.request_hash, answer.status, answer.body, now);
}

void forget_answers(Transaction& tx)
{
    tx.run(forget_bodies);
}

std::int64_t delete_answers_before(Transaction& tx, base::Instant before)
{
    return tx.run(delete_old, before);
}

} // namespace sportello::storage
