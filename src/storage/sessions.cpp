#include <sportello/storage/sessions.hpp>

#include <sportello/storage/access.hpp>

#include "agent_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_SESSION_COLUMNS                                                                                                          \
    "s.token_hash, s.agent_id, s.csrf_token, s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.address, s.signed_in_by, "        \
    "s.awaits_code"

constexpr int session_column_count = 10;

const Statement insert_session_row{"INSERT INTO session (token_hash, agent_id, csrf_token, created_at, last_seen_at, expires_at, user_agent, "
                           "address, signed_in_by, awaits_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
const Statement by_token{"SELECT " SPORTELLO_SESSION_COLUMNS ", " SPORTELLO_AGENT_COLUMNS
                         ", x.second_factor_required, x.totp_confirmed_at FROM session s JOIN agent a ON a.id = s.agent_id "
                         "LEFT JOIN agent_access x ON x.agent_id = s.agent_id WHERE s.token_hash = $1"};
const Statement of_agent{"SELECT " SPORTELLO_SESSION_COLUMNS " FROM session s WHERE s.agent_id = $1 AND s.expires_at > $2 "
                         "AND s.last_seen_at > $3 ORDER BY s.created_at DESC, s.token_hash"};
const Statement delete_by_id{"DELETE FROM session WHERE agent_id = $1 AND substr(token_hash, 1, 16) = $2"};
const Statement complete_one{"UPDATE session SET awaits_code = 0, signed_in_by = $2, expires_at = $3 WHERE token_hash = $1"};
const Statement touch_one{"UPDATE session SET last_seen_at = $2 WHERE token_hash = $1"};
const Statement delete_one{"DELETE FROM session WHERE token_hash = $1"};
const Statement delete_of_agent{"DELETE FROM session WHERE agent_id = $1 AND token_hash <> $2"};
const Statement delete_expired{"DELETE FROM session WHERE expires_at <= $1"};
const Statement delete_idle{"DELETE FROM session WHERE last_seen_at < $1"};

Session session_at(const Row& row)
{
    return {.token_hash = row.string(0),
            .agent = id_at<domain::AgentId>(row, 1),
            .csrf_token = row.string(2),
            .created_at = row.instant(3),
            .last_seen_at = row.instant(4),
            .expires_at = row.instant(5),
            .user_agent = row.string(6),
            .address = row.string(7),
            .signed_in_by = row.string(8),
            .awaits_code = row.flag(9)};
}

} // namespace

void insert_session(Transaction& tx, const Session& session)
{
    tx.run(insert_session_row, session.token_hash, session.agent, session.csrf_token, session.created_at, session.last_seen_at, session.expires_at,
           session.user_agent, session.address, session.signed_in_by, session.awaits_code);
}

std::optional<SessionOfAgent> find_session(Transaction& tx, std::string_view token_hash)
{
    const auto make = [](const Row& row) {
        constexpr int access = session_column_count + agent_column_count;
        return SessionOfAgent{.session = session_at(row),
                              .agent = agent_at(row, session_column_count),
                              .second_factor_required = row.flag(access),
                              .second_factor_enrolled = !row.null(access + 1)};
    };
    return tx.first(by_token, make, token_hash);
}

std::vector<Session> sessions_of(Transaction& tx, domain::AgentId agent, base::Instant now, base::Instant idle_since)
{
    return tx.all(of_agent, session_at, agent, now, idle_since);
}

bool delete_session_of(Transaction& tx, domain::AgentId agent, std::string_view id)
{
    const bool ended = tx.run(delete_by_id, agent, id) > 0;
    if (ended) access_changed(tx);
    return ended;
}

void complete_session(Transaction& tx, std::string_view token_hash, std::string_view signed_in_by, base::Instant expires_at)
{
    tx.run(complete_one, token_hash, signed_in_by, expires_at);
}

void touch_session(Transaction& tx, std::string_view token_hash, base::Instant now)
{
    tx.run(touch_one, token_hash, now);
}

void delete_session(Transaction& tx, std::string_view token_hash)
{
    if (tx.run(delete_one, token_hash) > 0) access_changed(tx);
}

std::int64_t delete_sessions_of(Transaction& tx, domain::AgentId agent, std::string_view except_token_hash)
{
    const auto ended = tx.run(delete_of_agent, agent, except_token_hash);
    if (ended > 0) access_changed(tx);
    return ended;
}

std::int64_t delete_expired_sessions(Transaction& tx, base::Instant now, base::Instant idle_since)
{
    return tx.run(delete_expired, now) + tx.run(delete_idle, idle_since);
}

} // namespace sportello::storage
