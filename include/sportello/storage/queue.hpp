#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::storage {

/// What waits for a brand, and how today's first responses went.
struct QueueFigures {
    std::string brand;
    std::int64_t waiting = 0; ///< tickets with an unanswered inbound message
    std::optional<base::Instant> oldest_waiting_since;
    std::int64_t answered = 0;                ///< first responses at or after the start of the day
    std::int64_t answered_office_seconds = 0; ///< their sum, in office time
    std::int64_t answered_in_incidents = 0;   ///< of those, members of an incident
    std::int64_t incident_office_seconds = 0; ///< their part of the sum
};

/// One entry a brand that has something to tell, by brand. The cost follows what waits and what was answered since.
std::vector<QueueFigures> queue_figures(Transaction& tx, base::Instant since_day_start);

/// What of a brand falls due within a stretch of time.
struct FallingDue {
    std::int64_t all = 0;
    std::int64_t mine = 0; ///< of them, one agent's
};
/// Of those that wait, later than `after` and not later than `until`. The cost follows what waits.
FallingDue falling_due(Transaction& tx, std::string_view brand, domain::AgentId mine, base::Instant after, base::Instant until);

/// A ticket of a brand that waits for its first response.
struct WaitingFirst {
    base::Instant since{};
    bool incident = false; ///< member of an incident
};
/// The longest waiting first, at most `limit`.
std::vector<WaitingFirst> waiting_for_first_response(Transaction& tx, std::string_view brand, std::int64_t limit);

/// How many tickets of a brand come before this rank in the queue; counts up to `limit`.
std::int64_t ahead_in_queue(Transaction& tx, std::string_view brand, std::int64_t rank, std::int64_t limit);

} // namespace sportello::storage
