#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A program's key to the API. The token itself is never stored, only its SHA-256.
struct ApiToken {
    std::int64_t id = 0;
    std::string token_hash;
    domain::AgentId agent;
    std::string name;
    base::Instant created_at{};
    std::optional<base::Instant> expires_at;
    std::optional<base::Instant> last_used_at;
    std::vector<std::string> scopes = {}; ///< empty: all that the agent may do
};

/// `token.id` does not count. @return the new id.
std::int64_t insert_token(Transaction& tx, const ApiToken& token);
/// The token and its agent, expired or not, disabled or not: the caller judges.
struct TokenOfAgent {
    ApiToken token;
    domain::Agent agent;
};
std::optional<TokenOfAgent> find_token(Transaction& tx, std::string_view token_hash);
std::vector<ApiToken> tokens_of(Transaction& tx, domain::AgentId agent);
void touch_token(Transaction& tx, std::int64_t id, base::Instant now);
/// @return whether the agent had such a token.
bool delete_token(Transaction& tx, domain::AgentId agent, std::int64_t id);
std::int64_t delete_tokens_of(Transaction& tx, domain::AgentId agent);

} // namespace sportello::storage
