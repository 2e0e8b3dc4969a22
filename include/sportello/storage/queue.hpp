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
};

/// One entry a brand that has something to tell, by brand. The cost follows what waits and what was answered since.
std::vector<QueueFigures> queue_figures(Transaction& tx, base::Instant since_day_start);

} // namespace sportello::storage
