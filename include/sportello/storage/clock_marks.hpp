#pragma once

#include <sportello/domain/ticket_alarms.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// What the clocks of tickets have told, and which are next.
namespace sportello::storage {

/// The newest mark of each clock of a ticket that has one.
std::vector<domain::ClockMark> clock_marks_of(Transaction& tx, domain::TicketId ticket);
void save_clock_mark(Transaction& tx, domain::TicketId ticket, const domain::ClockMark& mark);

/// Tickets whose alarm has come, the earliest first.
std::vector<domain::TicketId> alarms_due(Transaction& tx, base::Instant now, std::int64_t limit);
std::optional<base::Instant> next_alarm(Transaction& tx);

/// Tickets of a brand that wait and whose last way to be answered shuts after `from` and before `to`, the first to shut
/// first, behind `after` (that instant and ticket).
struct RoutesEnd {
    domain::TicketId ticket;
    base::Instant at{};
};
std::vector<RoutesEnd> routes_ending(Transaction& tx, std::string_view brand, base::Instant from, base::Instant to,
                                     std::optional<RoutesEnd> after, std::int64_t limit);

/// Notes that people were told what shuts at this closing. @return whether that is news.
bool note_closing_told(Transaction& tx, std::string_view brand, base::Instant closes_at);

} // namespace sportello::storage
