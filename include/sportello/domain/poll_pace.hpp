#pragma once

#include <sportello/base/time.hpp>
#include <sportello/domain/call_budget.hpp>

#include <cstdint>
#include <optional>

namespace sportello::domain {

class Calendar;

/// What decides on the pause until the next look at a channel.
struct PollSituation {
    base::Duration open{};                  ///< the pause wished for in office hours
    base::Duration closed{};                ///< and outside of them
    std::int64_t lately = 0;                ///< messages that arrived in the last ten minutes
    MicroDollars poll_costs = 0;            ///< what one poll costs on average
    std::optional<MicroDollars> money_left; ///< for reading, until the UTC day ends; nothing: any amount
};

/// The pause until the next look: as wished while it is calm, down to a quarter of it when it is lively (outside office
/// hours never below the one of office hours), and stretched so far that the money lasts until the UTC day ends.
///
/// At most an hour, whatever the money says (I12).
[[nodiscard]] base::Duration poll_pause(const PollSituation& situation, const Calendar& calendar, base::Instant now);

} // namespace sportello::domain
