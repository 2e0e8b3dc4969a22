#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <set>
#include <string>
#include <string_view>

namespace sportello::storage {

/// Remembers that what has this digest is no personal data in this ticket. @return false when it was known.
bool release_personal_data(Transaction& tx, domain::TicketId ticket, std::string_view digest, std::string_view kind, domain::AgentId agent,
                           base::Instant now);
/// The digests of what was released in a ticket.
std::set<std::string, std::less<>> released_personal_data(Transaction& tx, domain::TicketId ticket);

} // namespace sportello::storage
