#include <sportello/storage/sessions.hpp>

#include "agent_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_one{"INSERT INTO session (token_hash, agent_id, csrf_token, created_at, last_seen_at, expires_at) "
                           "VALUES ($1, $2, $3, $4, $5, $6)"};
const Statement by_token{"SELECT " SPORTELLO_AGENT_COLUMNS ", s.token_hash, s.csrf_token, s.created_at, s.last_seen_at, "
                         "s.expires_at FROM session s JOIN agent a ON a.id = s.agent_id WHERE s.token_hash = $1"};
const Statement touch_one{"UPDATE session SET last_seen_at = $2 WHERE token_hash = $1"};
const Statement delete_one{"DELETE FROM session WHERE token_hash = $1"};
const Statement delete_of_agent{"DELETE FROM session WHERE agent_id = $1 AND token_hash <> $2"};
const Statement delete_expired{"DELETE FROM session WHERE expires_at <= $1"};
const Statement delete_idle{"DELETE FROM session WHERE last_seen_at < $1"};

} // namespace

void insert_session(Transaction& tx, const Session& session)
{
    tx.run(insert_one, session.token_hash, session.agent, session.csrf_token, session.created_at, session.last_seen_at, session.expires_at);
}

std::optional<SessionOfAgent> find_session(Transaction& tx, std::string_view token_hash)
{
    const auto make = [](const Row& row) {
        constexpr int first = agent_column_count;
        SessionOfAgent found{.session = {}, .agent = agent_at(row, 0)};
        found.session = {.token_hash = row.string(first),
                         .agent = found.agent.id,
                         .csrf_token = row.string(first + 1),
                         .created_at = row.instant(first + 2),
                         .last_seen_at = row.instant(first + 3),
                         .expires_at = row.instant(first + 4)};
        return found;
    };
    return tx.first(by_token, make, token_hash);
}

void touch_session(Transaction& tx, std::string_view token_hash, base::Instant now)
{
    tx.run(touch_one, token_hash, now);
}

void delete_session(Transaction& tx, std::string_view token_hash)
{
    tx.run(delete_one, token_hash);
}

std::int64_t delete_sessions_of(Transaction& tx, domain::AgentId agent, std::string_view except_token_hash)
{
    return tx.run(delete_of_agent, agent, except_token_hash);
}

std::int64_t delete_expired_sessions(Transaction& tx, base::Instant now, base::Instant idle_since)
{
    return tx.run(delete_expired, now) + tx.run(delete_idle, idle_since);
}

} // namespace sportello::storage
