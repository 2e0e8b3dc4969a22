#include "pool.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/tickets.hpp>

#include <algorithm>

namespace sportello::engine {

Pool::Pool(storage::Transaction& tx)
{
    for (domain::Agent& agent : storage::all_agents(tx)) {
        if (agent.available && !agent.disabled && agent.role == domain::Role::agent) agents.push_back(std::move(agent));
    }
    if (agents.empty()) return;
    std::map<std::int64_t, std::int64_t> load;
    for (const storage::AgentLoad& entry : storage::open_load(tx)) load[entry.agent.value] = entry.open_tickets;
    for (const domain::Agent& agent : agents) {
        const auto open = static_cast<std::int32_t>(load[agent.id.value]);
        members.push_back({agent.id, agent.name, agent.capacity, open, agent.brands});
    }
}

std::vector<std::string> Pool::brands_with_room(const std::vector<std::string>& brands) const
{
    std::vector<std::string> found;
    for (const std::string& brand : brands) {
        const auto takes = [&](const domain::PoolMember& member) {
            const bool may = member.brands.empty() || std::find(member.brands.begin(), member.brands.end(), brand) != member.brands.end();
            return may && member.open_tickets < member.capacity;
        };
        if (std::any_of(members.begin(), members.end(), takes)) found.push_back(brand);
    }
    return found;
}

bool hands_out_now(const Settings& settings, std::string_view brand, base::Instant now)
{
    if (!settings.assignment.automatic) return false;
    const BrandSettings* known = settings.brand(brand);
    return known && (!settings.assignment.only_in_office_hours || known->calendar->is_open(now));
}

std::optional<domain::Assignment> AtOnce::assign(const domain::Ticket& ticket)
{
    if (!hands_out_now(settings_, ticket.brand, now_) || !first_of_its_brand(ticket.brand)) return std::nullopt;
    if (!pool_) distributor_.emplace(pool_.emplace(tx_).members);
    auto assignment = distributor_->assign({ticket.id, ticket.brand, std::nullopt});
    if (!assignment) nothing_waits_[ticket.brand] = false;
    return assignment;
}

bool AtOnce::first_of_its_brand(const std::string& brand)
{
    const auto known = nothing_waits_.find(brand);
    if (known != nothing_waits_.end()) return known->second;
    return nothing_waits_[brand] = storage::waiting_unassigned(tx_, {brand}, 1).empty();
}

} // namespace sportello::engine
