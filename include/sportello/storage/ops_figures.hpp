#pragma once

#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What those who run the server look at. Each costs what is open, never what is past.
namespace sportello::storage {

/// Stored, and not yet on a ticket.
struct InboxFigures {
    std::string channel;
    std::int64_t messages = 0;
    std::optional<base::Instant> oldest; ///< when it was stored
};
std::vector<InboxFigures> inbox_figures(Transaction& tx);

/// Parts of replies whose fate is open.
struct OutboxStateFigures {
    std::string channel;
    std::string state; ///< "queued", "reserved", "sending", "unknown", "needs_decision"
    std::int64_t parts = 0;
    std::optional<base::Instant> oldest; ///< when its reply was accepted
};
std::vector<OutboxStateFigures> outbox_by_state(Transaction& tx);

struct QueueStateFigures {
    std::string brand;
    std::int64_t unassigned = 0;
    std::int64_t assigned = 0;
    std::int64_t overdue = 0; ///< past their target
};
std::vector<QueueStateFigures> queue_states(Transaction& tx, base::Instant now);

std::int64_t open_sessions(Transaction& tx, base::Instant now);

/// What other systems are to be told and were not yet.
struct DeliveryFigures {
    std::string webhook; ///< its id, or "desk:" and the call centre's desk
    std::int64_t waiting = 0;
    std::optional<base::Instant> oldest;
};
std::vector<DeliveryFigures> waiting_deliveries(Transaction& tx);

} // namespace sportello::storage
