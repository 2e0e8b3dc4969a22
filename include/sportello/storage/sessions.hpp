#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::storage {

/// A person's log-in. The token itself is never stored, only its SHA-256.
struct Session {
    std::string token_hash;
    domain::AgentId agent;
    std::string csrf_token;
    base::Instant created_at{};
    base::Instant last_seen_at{};
    base::Instant expires_at{};
};

void insert_session(Transaction& tx, const Session& session);
/// The session and its agent, expired or not, disabled or not: the caller judges.
struct SessionOfAgent {
    Session session;
    domain::Agent agent;
};
std::optional<SessionOfAgent> find_session(Transaction& tx, std::string_view token_hash);
void touch_session(Transaction& tx, std::string_view token_hash, base::Instant now);
void delete_session(Transaction& tx, std::string_view token_hash);
/// All sessions of the agent but the one with `except_token_hash` (may be empty). @return how many ended.
std::int64_t delete_sessions_of(Transaction& tx, domain::AgentId agent, std::string_view except_token_hash);
/// Those expired, or last seen before `idle_since`. @return how many.
std::int64_t delete_expired_sessions(Transaction& tx, base::Instant now, base::Instant idle_since);

} // namespace sportello::storage
