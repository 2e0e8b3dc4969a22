#include <sportello/engine/leaving.hpp>

#include "staff.hpp"

#include <sportello/storage/tickets.hpp>

namespace sportello::engine {

std::size_t give_back_work(storage::Transaction& tx, domain::AgentId agent, const std::string& why, base::Instant now)
{
    const auto tickets = storage::unfinished_of(tx, agent);
    for (domain::Ticket ticket : tickets) {
        const domain::Ticket before = ticket;
        release(tx, ticket, why, now);
        if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) {
            throw storage::Failure(saved.error().kind(), saved.error().what());
        }
    }
    return tickets.size();
}

} // namespace sportello::engine
