#pragma once

#include <sportello/domain/ticket_rules.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the clocks of a ticket tell by time alone: a warning before a target is missed, and that it was missed, each once.
namespace sportello::domain {

enum class TicketClock {
    response,   ///< the waiting message's: first or next response
    resolution, ///< of the whole ticket
    route       ///< the last way to answer the waiting message shuts, in wall time
};
inline constexpr std::array ticket_clocks{TicketClock::response, TicketClock::resolution, TicketClock::route};

[[nodiscard]] std::string_view to_string(TicketClock value); ///< "response", "resolution", "route"
[[nodiscard]] std::optional<TicketClock> parse_ticket_clock(std::string_view word);

/// What a clock has told already.
struct ClockMark {
    TicketClock clock = TicketClock::response;
    Instant since{}; ///< since when the message waited of which it was told; of the resolution: the first message
    std::optional<Instant> warned_at;
    std::optional<Instant> breached_at;
};

/// Something to be told now.
struct ClockAlarm {
    TicketClock clock = TicketClock::response;
    bool breached = false; ///< else it is a warning
    Instant due_at{};
    std::string why; ///< in words: "1 h of office time after 10:00Z"
};

struct AlarmPlan {
    std::vector<ClockAlarm> alarms;     ///< at most one a clock; a missed target is not warned of any more
    std::vector<ClockMark> marks;       ///< those that changed
    std::optional<Instant> breached_at; ///< for Ticket::breached_at
    std::optional<Instant> next;        ///< when to look again; nothing: these clocks have told all they have to
};

/// @param marks  the newest of each clock. A mark is the present message's when that has waited since then or longer: a
/// clock that is set again (a late import, another priority, reopening) neither tells twice nor forgets.
[[nodiscard]] AlarmPlan alarms_of(const Ticket& ticket, const ServiceTarget& target, const std::vector<ClockMark>& marks, Instant now);

/// So long before the last way to answer shuts it is warned of.
inline constexpr Duration route_warning = std::chrono::hours(2);

} // namespace sportello::domain
