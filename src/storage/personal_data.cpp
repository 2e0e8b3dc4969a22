#include <sportello/storage/personal_data.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_release{"INSERT INTO personal_data_release (ticket_id, digest, kind, agent_id, at) VALUES ($1, $2, $3, $4, $5) "
                               "ON CONFLICT (ticket_id, digest) DO NOTHING"};
const Statement releases{"SELECT digest FROM personal_data_release WHERE ticket_id = $1"};

} // namespace

bool release_personal_data(Transaction& tx, domain::TicketId ticket, std::string_view digest, std::string_view kind, domain::AgentId agent,
                           base::Instant now)
{
    return tx.run(insert_release, ticket, digest, kind, agent, now) > 0;
}

std::set<std::string, std::less<>> released_personal_data(Transaction& tx, domain::TicketId ticket)
{
    std::set<std::string, std::less<>> digests;
    tx.for_each(
        releases, [&](const Row& row) { digests.insert(row.string(0)); }, ticket);
    return digests;
}

} // namespace sportello::storage
