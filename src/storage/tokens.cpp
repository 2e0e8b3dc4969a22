#include <sportello/storage/tokens.hpp>

#include <sportello/storage/access.hpp>

#include "agent_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_TOKEN_COLUMNS "t.id, t.token_hash, t.agent_id, t.name, t.created_at, t.expires_at, t.last_used_at, t.scopes"

constexpr int token_column_count = 8;

const Statement insert_token_row{"INSERT INTO api_token (token_hash, agent_id, name, created_at, expires_at, scopes) "
                           "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"};
const Statement by_hash{"SELECT " SPORTELLO_TOKEN_COLUMNS ", " SPORTELLO_AGENT_COLUMNS " FROM api_token t "
                        "JOIN agent a ON a.id = t.agent_id WHERE t.token_hash = $1"};
const Statement of_agent{"SELECT " SPORTELLO_TOKEN_COLUMNS " FROM api_token t WHERE t.agent_id = $1 ORDER BY t.id"};
const Statement touch_one{"UPDATE api_token SET last_used_at = $2 WHERE id = $1"};
const Statement delete_one{"DELETE FROM api_token WHERE id = $2 AND agent_id = $1"};
const Statement delete_of_agent{"DELETE FROM api_token WHERE agent_id = $1"};

ApiToken token_at(const Row& row)
{
    return {.id = row.number(0),
            .token_hash = row.string(1),
            .agent = id_at<domain::AgentId>(row, 2),
            .name = row.string(3),
            .created_at = row.instant(4),
            .expires_at = row.maybe_instant(5),
            .last_used_at = row.maybe_instant(6),
            .scopes = split(row.text(7), ',')};
}

} // namespace

std::int64_t insert_token(Transaction& tx, const ApiToken& token)
{
    const auto id = tx.first(insert_token_row, first_number, token.token_hash, token.agent, token.name, token.created_at, token.expires_at,
                             join(token.scopes, ','));
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<TokenOfAgent> find_token(Transaction& tx, std::string_view token_hash)
{
    const auto make = [](const Row& row) { return TokenOfAgent{.token = token_at(row), .agent = agent_at(row, token_column_count)}; };
    return tx.first(by_hash, make, token_hash);
}

std::vector<ApiToken> tokens_of(Transaction& tx, domain::AgentId agent)
{
    return tx.all(of_agent, token_at, agent);
}

void touch_token(Transaction& tx, std::int64_t id, base::Instant now)
{
    tx.run(touch_one, id, now);
}

bool delete_token(Transaction& tx, domain::AgentId agent, std::int64_t id)
{
    const bool revoked = tx.run(delete_one, agent, id) > 0;
    if (revoked) access_changed(tx);
    return revoked;
}

std::int64_t delete_tokens_of(Transaction& tx, domain::AgentId agent)
{
    const auto revoked = tx.run(delete_of_agent, agent);
    if (revoked > 0) access_changed(tx);
    return revoked;
}

} // namespace sportello::storage
