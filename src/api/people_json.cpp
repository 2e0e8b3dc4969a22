#include "people_json.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/tickets.hpp>

#include <map>

namespace sportello::api {
void write_me(JsonWriter& json, const Caller& caller)
{
    const auto& agent = caller.agent;
    json.open_object()
        .member("id", agent.id.value)
        .member("login", agent.login)
        .member("name", agent.name)
        .member("role", domain::to_string(agent.role))
        .member("available", agent.available)
        .member("capacity", agent.capacity)
        .member("needs_approval", agent.needs_approval);
    json.texts("brands", agent.brands);
    const auto* factor = caller.awaits_code ? "code_needed" : caller.must_enrol ? "to_enrol" : caller.second_factor ? "on" : "off";
    if (caller.by_cookie) json.member("second_factor", factor);
    if (!caller.scopes.empty()) json.texts("scopes", caller.scopes);
    json.text_or_null("csrf_token", caller.csrf_token).close_object();
}

void write_agent(JsonWriter& json, const domain::Agent& agent, std::int64_t open_tickets)
{
    json.open_object()
        .member("id", agent.id.value)
        .member("login", agent.login)
        .member("name", agent.name)
        .member("role", domain::to_string(agent.role))
        .member("available", agent.available)
        .member("disabled", agent.disabled)
        .member("needs_approval", agent.needs_approval)
        .member("capacity", agent.capacity);
    json.texts("brands", agent.brands);
    json.texts("skills", agent.skills);
    json.texts("languages", agent.languages);
    json.texts("teams", agent.teams);
    json.member("open_tickets", open_tickets).close_object();
}

void write_agents(JsonWriter& json, storage::Transaction& tx)
{
    std::map<std::int64_t, std::int64_t> load;
    for (const auto& [agent, open_tickets] : storage::open_load(tx)) load[agent.value] = open_tickets;
    json.open_array();
    for (const auto& agent : storage::all_agents(tx)) write_agent(json, agent, load[agent.id.value]);
    json.close_array();
}

} // namespace sportello::api
