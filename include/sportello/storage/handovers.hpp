#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::storage {

/// A ticket passed to the phone.
struct Handover {
    std::int64_t id = 0;
    domain::TicketId ticket;
    domain::AgentId agent;
    std::string callback_number;
    std::string note;
    std::string reference; ///< unique; what the customer is told
    base::Instant at{};
};

/// `handover.id` does not count. @return the new id; conflict when the reference is taken (draw another).
base::Result<std::int64_t> insert_handover(Transaction& tx, const Handover& handover);
/// Oldest first.
std::vector<Handover> handovers_of(Transaction& tx, domain::TicketId ticket);

} // namespace sportello::storage
