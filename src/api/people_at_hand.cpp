#include "people_at_hand.hpp"

#include "json_writer.hpp"

#include <sportello/engine/audit.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::api {

using base::Error;
using base::ErrorKind;

base::Result<domain::Agent> person_at_hand(storage::Transaction& tx, domain::AgentId id, const Caller& caller)
{
    const Error unknown(ErrorKind::not_found, "There is no agent " + std::to_string(id.value) + ".");
    auto agent = storage::find_agent(tx, id);
    if (!agent || agent->id.value <= 0) return unknown;
    // Who serves a brand beyond the caller's is not theirs to manage; who shares none with them is not there at all.
    const auto actor = caller.actor();
    const bool shares = agent->brands.empty() || std::any_of(agent->brands.begin(), agent->brands.end(),
                                                             [&](const std::string& brand) { return actor.may_see(brand); });
    if (!shares) return unknown;
    if (agent->role > caller.agent.role) {
        return Error(ErrorKind::forbidden, "Nobody can give, change or take away a role above their own.");
    }
    if (!answers_for(caller.agent, agent->brands)) {
        return Error(ErrorKind::forbidden, "This person also serves brands that you do not answer for.");
    }
    return agent;
}

bool answers_for(const domain::Agent& caller, const std::vector<std::string>& brands)
{
    if (caller.brands.empty()) return true;
    if (brands.empty()) return false;
    return std::all_of(brands.begin(), brands.end(), [&](const std::string& brand) {
        return std::find(caller.brands.begin(), caller.brands.end(), brand) != caller.brands.end();
    });
}

void tell_of_person(storage::Transaction& tx, std::string_view type, const Call& call, const domain::Agent& by, domain::AgentId agent,
                    base::Instant now, const nlohmann::json& before, const nlohmann::json& after)
{
    domain::Event event;
    event.type = type;
    event.at = now;
    event.actor = by.id;
    event.cause = idempotency_key(call);
    JsonWriter json(event.data);
    json.open_object().member("agent", agent.value).close_object();
    storage::append_event(tx, event);
    engine::Command order;
    order.actor.id = by.id;
    order.from = call.request.remote_address;
    engine::audit(tx, order, {.action = event.type, .object = "agent", .object_id = std::to_string(agent.value)}, before, after, now);
}

void tell_of_person(storage::Transaction& tx, std::string_view type, const Call& call, const domain::Agent& by, domain::AgentId agent,
                    base::Instant now)
{
    tell_of_person(tx, type, call, by, agent, now, nullptr, nullptr);
}

} // namespace sportello::api
