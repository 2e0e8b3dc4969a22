#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// What log-in needs beside the agent.
struct AgentCredentials {
    domain::Agent agent;
    std::string password_hash; ///< empty: may not log in yet
};

/// Adds an agent; `agent.id` does not count. @return conflict when the login is taken.
base::Result<domain::AgentId> insert_agent(Transaction& tx, const domain::Agent& agent, std::string_view password_hash, base::Instant now);
/// Writes every field but the password; the login names whom. @return not_found.
base::Result<void> save_agent(Transaction& tx, const domain::Agent& agent);
base::Result<void> set_password(Transaction& tx, domain::AgentId id, std::string_view password_hash);
base::Result<void> set_available(Transaction& tx, domain::AgentId id, bool available);

base::Result<domain::Agent> find_agent(Transaction& tx, domain::AgentId id);
std::optional<AgentCredentials> find_agent_by_login(Transaction& tx, std::string_view login);
/// All, disabled ones too, in the order of their ids.
std::vector<domain::Agent> all_agents(Transaction& tx);

} // namespace sportello::storage
