#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A person's log-in. The token itself is never stored, only its SHA-256.
struct Session {
    std::string token_hash;
    domain::AgentId agent;
    std::string csrf_token;
    base::Instant created_at{};
    base::Instant last_seen_at{};
    base::Instant expires_at{};
    std::string user_agent = {};           ///< as the browser calls itself, shortened
    std::string address = {};              ///< where it was begun
    std::string signed_in_by = "password"; ///< "password", "second_factor", "recovery_code", "oidc"
    bool awaits_code = false;              ///< the code of the second factor is still to come

    /// Names the session to people and tells nothing of its secret.
    [[nodiscard]] std::string id() const { return token_hash.substr(0, 16); }
};

void insert_session(Transaction& tx, const Session& session);
/// The session and its agent, expired or not, disabled or not: the caller judges.
struct SessionOfAgent {
    Session session;
    domain::Agent agent;
    bool second_factor_required = false; ///< by the person's own flag, whatever the configuration says
    bool second_factor_enrolled = false;
};
/// In force at `now`: neither expired nor last seen before `idle_since`. The newest first.
std::vector<Session> sessions_of(Transaction& tx, domain::AgentId agent, base::Instant now, base::Instant idle_since);
/// @param id  Session::id(). @return whether the agent had it.
bool delete_session_of(Transaction& tx, domain::AgentId agent, std::string_view id);
/// The code of the second factor has come.
void complete_session(Transaction& tx, std::string_view token_hash, std::string_view signed_in_by, base::Instant expires_at);
std::optional<SessionOfAgent> find_session(Transaction& tx, std::string_view token_hash);
void touch_session(Transaction& tx, std::string_view token_hash, base::Instant now);
void delete_session(Transaction& tx, std::string_view token_hash);
/// All sessions of the agent but the one with `except_token_hash` (may be empty). @return how many ended.
std::int64_t delete_sessions_of(Transaction& tx, domain::AgentId agent, std::string_view except_token_hash);
/// Those expired, or last seen before `idle_since`. @return how many.
std::int64_t delete_expired_sessions(Transaction& tx, base::Instant now, base::Instant idle_since);

} // namespace sportello::storage
