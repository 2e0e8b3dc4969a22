#include "database.hpp"

#include <sportello/storage/agents.hpp>

#include <iostream>

namespace sportello::app {

base::Result<void> add_agents(storage::Database& db, const Config& config, base::Instant now)
{
    return db.write_now([&](storage::Transaction& tx) -> base::Result<void> {
        for (const AgentConfig& configured : config.agents) {
            if (storage::find_agent_by_login(tx, configured.login)) continue;
            domain::Agent agent;
            agent.login = configured.login;
            agent.name = configured.name;
            agent.role = configured.role;
            agent.available = configured.available;
            agent.capacity = configured.capacity;
            agent.brands = configured.brands;
            agent.language = configured.language;
            agent.skills = configured.skills;
            agent.languages = configured.languages;
            agent.teams = configured.teams;
            // Without a password nobody can log in as this person: it is set on the console.
            if (const auto added = storage::insert_agent(tx, agent, "", now); !added) return added.error();
        }
        return {};
    });
}

std::unique_ptr<storage::Database> open_database(const Config& config, base::Clock& clock, bool beside_server)
{
    storage::DatabaseOptions options;
    options.url = config.database_url;
    options.pooled = config.database_pooled;
    options.listen_url = config.database_listen_url;
    options.migrations = config.migrations;
    options.beside_server = beside_server;
    auto db = storage::Database::open(options, clock);
    if (!db) {
        std::cerr << "sportello: " << db.error().what() << "\n";
        return nullptr;
    }
    if (const auto added = add_agents(**db, config, clock.now()); !added) {
        std::cerr << "sportello: take over the configuration's agents: " << added.error().what() << "\n";
        return nullptr;
    }
    return std::move(*db);
}

} // namespace sportello::app
