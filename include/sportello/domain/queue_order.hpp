#pragma once

#include <sportello/domain/model.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// In which order the waiting are answered, so that few targets are missed and the mean stays low.
///
/// First come, first served keeps the mean, but lets an urgent case or a closing window wait behind what has time. Here each
/// ticket has an instant at which it should be worked on, and the earliest comes first:
/// - what is due, which respects first and next responses, channels and priorities as far as they have targets of their own;
/// - half an hour before the last way to answer shuts, if that is sooner;
/// - earlier by a head start for a high priority, later for a low one; urgent comes before everything else;
/// - once the target is missed nothing is won by hurrying there: for half an hour what can still be met goes first.
/// The instant is fixed while the ticket does not change, so everything grows old in the same way and nothing starves, and
/// one stored number orders a queue of any length.
namespace sportello::domain {

/// Where a ticket stands in the queue.
struct QueuePlace {
    bool urgent = false;            ///< before all others
    std::optional<Instant> work_at; ///< the order among those; nothing: nobody waits for an answer, so it comes last
    std::string why;                ///< in words
};

/// Nothing when the ticket does not wait in the queue: not new or open, snoozed, or apart from it.
[[nodiscard]] std::optional<QueuePlace> queue_place(const Ticket& ticket);

/// The same as a number, smaller is sooner; what is equal goes by age (the ticket's id).
[[nodiscard]] std::optional<std::int64_t> queue_number(const Ticket& ticket);

} // namespace sportello::domain
