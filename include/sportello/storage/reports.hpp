#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/report.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Facts for reports, as the event log told them, and the counter's own switches.
namespace sportello::storage {

/// What reports know of a ticket, as it is now.
struct ReportTicket {
    domain::TicketId ticket;
    std::string brand;
    std::string channel;
    base::Instant opened_at{};
    domain::TicketOutcome outcome = domain::TicketOutcome::open;
    std::vector<std::string> labels; ///< sorted
    std::optional<domain::IncidentId> incident;
    std::optional<base::Instant> answered_at;   ///< the first response
    std::optional<domain::AgentId> answered_by; ///< nothing: written on the platform by nobody knows whom
    std::optional<std::int64_t> office_seconds;
    std::optional<std::int64_t> clock_seconds;
    std::optional<bool> in_target; ///< by the target of its day
};
/// Puts the row in the place of an earlier one.
void put_report_ticket(Transaction& tx, const ReportTicket& ticket);
std::optional<ReportTicket> find_report_ticket(Transaction& tx, domain::TicketId ticket);

enum class FactKind { received, answered, opened, solved, reopened, handed_over, breached_response, breached_resolution };
[[nodiscard]] std::string_view to_string(FactKind value);

struct Fact {
    FactKind kind = FactKind::received;
    std::int64_t reference = 0; ///< a fact of one kind and reference counts once
    base::Instant at{};
    domain::TicketId ticket;
    std::optional<domain::AgentId> agent;
};
void put_fact(Transaction& tx, const Fact& fact);

// Each walks the stretch of time from `from` up to before `until`, along an index. The ticket is empty but for its id when
// nothing is known of it.
void for_each_fact(Transaction& tx, base::Instant from, base::Instant until,
                   const std::function<void(const Fact&, const ReportTicket&)>& each);
void for_each_first_response(Transaction& tx, base::Instant from, base::Instant until,
                             const std::function<void(const ReportTicket&)>& each);

/// A promise and what became of it.
struct PromiseFact {
    base::Instant made_at{};
    std::string brand;
    bool kept = false;
    bool broken = false; ///< neither: open or void
    bool open = false;
    bool told = false;
};
void for_each_promise(Transaction& tx, base::Instant from, base::Instant until, base::Instant now,
                      const std::function<void(const PromiseFact&, const ReportTicket&)>& each);

/// A question how satisfied somebody is.
struct RatingFact {
    base::Instant asked_at{};
    std::string brand;
    std::string channel;
    domain::AgentId agent;
    std::optional<std::int32_t> score;
};
void for_each_rating(Transaction& tx, base::Instant from, base::Instant until,
                     const std::function<void(const RatingFact&, const ReportTicket&)>& each);

/// The reply by a person that stands on the platform since `published_at`; its author.
std::optional<domain::AgentId> author_of_response(Transaction& tx, domain::TicketId ticket, base::Instant published_at);
bool was_handed_over(Transaction& tx, domain::TicketId ticket);

/// Who solves a ticket says why: as the configuration has it, put down when the server starts.
inline constexpr std::string_view require_reason = "tickets.require_reason";
/// A switch of the counter; `fallback` when nobody ever turned it.
bool is_switched_on(Transaction& tx, std::string_view name, bool fallback);
void switch_on(Transaction& tx, std::string_view name, bool on, domain::AgentId agent, base::Instant now);

} // namespace sportello::storage
