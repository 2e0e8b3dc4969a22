#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What figures of the past are grouped by, and how they are summed up.
namespace sportello::domain {

/// What became of a ticket.
enum class TicketOutcome {
    open,               ///< nothing yet
    in_thread,          ///< solved where the customer wrote, with an answer of ours
    phone,              ///< handed over to the phone
    incident,           ///< of an outage behind many tickets
    no_answer_possible, ///< solved or closed without an answer of ours
    noise,              ///< spam, or nothing to answer
    merged              ///< it is part of another ticket
};
[[nodiscard]] std::string_view to_string(TicketOutcome value);
[[nodiscard]] std::optional<TicketOutcome> parse_ticket_outcome(std::string_view word);
/// The first that holds of: merged, noise, incident, phone; then by its end and whether it was answered.
/// @param handed_over  it was passed to the phone
[[nodiscard]] TicketOutcome outcome_of(const Ticket& ticket, bool handed_over);

/// `hour`, `day` and `week` are of the brand's time zone.
enum class ReportDimension { hour, day, week, brand, channel, label, outcome, agent };
[[nodiscard]] std::string_view to_string(ReportDimension value);
[[nodiscard]] std::optional<ReportDimension> parse_report_dimension(std::string_view word);
/// "2026-03-02T09", "2026-03-02", the Monday "2026-03-02"; the calendar's local time.
/// @param dimension  hour, day or week
[[nodiscard]] std::string time_key(ReportDimension dimension, const Calendar& calendar, Instant at);

/// Of some durations. Seconds; nothing of none.
struct DurationFigures {
    std::optional<double> mean;
    std::optional<double> median; ///< of an even number: between the two in the middle
    std::optional<double> p90;    ///< the smallest that nine of ten do not exceed
};
[[nodiscard]] DurationFigures duration_figures(std::vector<std::int64_t> seconds);

} // namespace sportello::domain
