#include <sportello/storage/agents.hpp>

#include <sportello/storage/access.hpp>

#include "agent_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using domain::Agent;
using domain::AgentId;

const Statement insert_agent_row{
    "INSERT INTO agent (login, name, role, password_hash, available, disabled, capacity, brands, language, created_at, skills, "
    "languages, teams, needs_approval) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (login) DO NOTHING "
    "RETURNING id"};
const Statement update_agent{
    "UPDATE agent SET name = $2, role = $3, available = $4, disabled = $5, capacity = $6, "
    "brands = $7, language = $8, skills = $9, languages = $10, teams = $11, needs_approval = $12 WHERE login = $1 AND id > 0"};
const Statement update_password{"UPDATE agent SET password_hash = $2 WHERE id = $1 AND id > 0"};
const Statement update_available{"UPDATE agent SET available = $2 WHERE id = $1 AND id > 0"};
const Statement agent_by_id{"SELECT " SPORTELLO_AGENT_COLUMNS " FROM agent a WHERE a.id = $1"};
const Statement by_login{"SELECT " SPORTELLO_AGENT_COLUMNS ", a.password_hash FROM agent a WHERE a.login = $1 AND a.id > 0"};
const Statement all_ones{"SELECT " SPORTELLO_AGENT_COLUMNS " FROM agent a WHERE a.id > 0 ORDER BY a.id"};

Result<void> expect_changed(std::int64_t rows, const std::string& whom)
{
    if (rows == 0) return Error(ErrorKind::not_found, "no agent " + whom);
    return {};
}

Agent whole_row(const Row& row)
{
    return agent_at(row, 0);
}

} // namespace

Result<AgentId> insert_agent(Transaction& tx, const Agent& agent, std::string_view password_hash, base::Instant now)
{
    const auto id = tx.first(insert_agent_row, first_number, agent.login, agent.name, to_string(agent.role), password_hash, agent.available,
                             agent.disabled, agent.capacity, join(agent.brands, ','), agent.language, now, join(agent.skills, ','),
                             join(agent.languages, ','), join(agent.teams, ','), agent.needs_approval);
    if (!id) return Error(ErrorKind::conflict, "there is an agent with the login " + agent.login + " already");
    return AgentId{*id};
}

Result<void> save_agent(Transaction& tx, const Agent& agent)
{
    access_changed(tx);
    return expect_changed(tx.run(update_agent, agent.login, agent.name, to_string(agent.role), agent.available, agent.disabled,
                                 agent.capacity, join(agent.brands, ','), agent.language, join(agent.skills, ','),
                                 join(agent.languages, ','), join(agent.teams, ','), agent.needs_approval),
                          agent.login);
}

Result<void> set_password(Transaction& tx, AgentId id, std::string_view password_hash)
{
    access_changed(tx);
    return expect_changed(tx.run(update_password, id, password_hash), std::to_string(id.value));
}

Result<void> set_available(Transaction& tx, AgentId id, bool available)
{
    return expect_changed(tx.run(update_available, id, available), std::to_string(id.value));
}

Result<Agent> find_agent(Transaction& tx, AgentId id)
{
    auto found = tx.first(agent_by_id, whole_row, id);
    if (!found) return Error(ErrorKind::not_found, "no agent " + std::to_string(id.value));
    return std::move(*found);
}

std::optional<AgentCredentials> find_agent_by_login(Transaction& tx, std::string_view login)
{
    const auto make = [](const Row& row) {
        return AgentCredentials{.agent = agent_at(row, 0), .password_hash = row.string(agent_column_count)};
    };
    return tx.first(by_login, make, login);
}

std::vector<Agent> all_agents(Transaction& tx)
{
    return tx.all(all_ones, whole_row);
}

} // namespace sportello::storage
