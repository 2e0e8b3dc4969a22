#include "placeholder_values.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/people.hpp>

namespace sportello::engine {

domain::Expansion expand_for(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket, domain::AgentId author,
                             std::string_view text)
{
    const BrandSettings* brand = settings.brand(ticket.brand);
    const auto customer = storage::find_identity(tx, ticket.identity);
    const auto agent = storage::find_agent(tx, author);
    const auto value_of = [&](std::string_view name) -> std::string {
        if (name == "agent.name") return agent ? agent->name : std::string();
        if (name == "brand.name") return brand ? brand->name : std::string();
        if (name == "customer.handle") return customer ? customer->handle : std::string();
        if (name == "customer.name") return customer ? customer->name : std::string();
        if (name == "signature") return brand ? brand->signature : std::string();
        if (name == "ticket.id") return std::to_string(ticket.id.value);
        if (name == "ticket.subject") return ticket.subject;
        return {};
    };
    return domain::expand(text, value_of);
}

} // namespace sportello::engine
