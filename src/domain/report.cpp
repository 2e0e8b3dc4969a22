#include <sportello/domain/report.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

namespace sportello::domain {
namespace {

constexpr std::array<std::pair<TicketOutcome, std::string_view>, 7> outcomes{{{TicketOutcome::open, "open"},
                                                                              {TicketOutcome::in_thread, "in_thread"},
                                                                              {TicketOutcome::phone, "phone"},
                                                                              {TicketOutcome::incident, "incident"},
                                                                              {TicketOutcome::no_answer_possible, "no_answer_possible"},
                                                                              {TicketOutcome::noise, "noise"},
                                                                              {TicketOutcome::merged, "merged"}}};
constexpr std::array<std::pair<ReportDimension, std::string_view>, 8> dimensions{{{ReportDimension::hour, "hour"},
                                                                                  {ReportDimension::day, "day"},
                                                                                  {ReportDimension::week, "week"},
                                                                                  {ReportDimension::brand, "brand"},
                                                                                  {ReportDimension::channel, "channel"},
                                                                                  {ReportDimension::label, "label"},
                                                                                  {ReportDimension::outcome, "outcome"},
                                                                                  {ReportDimension::agent, "agent"}}};

template <class Table, class Value> std::string_view word_of(const Table& table, Value value)
{
    for (const auto& [known, word] : table) {
        if (known == value) return word;
    }
    return {};
}

template <class Value, std::size_t count>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, count>& table, std::string_view word)
{
    for (const auto& [value, known] : table) {
        if (known == word) return value;
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(TicketOutcome value)
{
    return word_of(outcomes, value);
}

std::optional<TicketOutcome> parse_ticket_outcome(std::string_view word)
{
    return value_of(outcomes, word);
}

TicketOutcome outcome_of(const Ticket& ticket, bool handed_over)
{
    if (ticket.merged_into) return TicketOutcome::merged;
    if (ticket.aside == "spam" || ticket.aside == "noise") return TicketOutcome::noise;
    if (ticket.incident) return TicketOutcome::incident;
    if (handed_over) return TicketOutcome::phone;
    if (ticket.status != TicketStatus::solved && ticket.status != TicketStatus::closed) return TicketOutcome::open;
    return ticket.first_response_at ? TicketOutcome::in_thread : TicketOutcome::no_answer_possible;
}

std::string_view to_string(ReportDimension value)
{
    return word_of(dimensions, value);
}

std::optional<ReportDimension> parse_report_dimension(std::string_view word)
{
    return value_of(dimensions, word);
}

std::string time_key(ReportDimension dimension, const Calendar& calendar, Instant at)
{
    std::chrono::sys_days date = calendar.local_date(at);
    if (dimension == ReportDimension::week) { date -= std::chrono::days(std::chrono::weekday(date).iso_encoding() - 1); }
    std::string key = to_string(std::chrono::year_month_day(date));
    if (dimension == ReportDimension::hour) {
        const auto hour = std::chrono::duration_cast<std::chrono::hours>(calendar.local_time(at)).count();
        key += hour < 10 ? "T0" : "T";
        key += std::to_string(hour);
    }
    return key;
}

DurationFigures duration_figures(std::vector<std::int64_t> seconds)
{
    DurationFigures figures;
    if (seconds.empty()) return figures;
    std::ranges::sort(seconds);
    const std::size_t count = seconds.size();
    figures.mean = static_cast<double>(std::accumulate(seconds.begin(), seconds.end(), std::int64_t{0})) / static_cast<double>(count);
    figures.median = static_cast<double>(seconds[(count - 1) / 2] + seconds[count / 2]) / 2;
    figures.p90 = static_cast<double>(seconds[(count * 9 + 9) / 10 - 1]);
    return figures;
}

} // namespace sportello::domain
