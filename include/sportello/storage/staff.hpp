#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <vector>

/// Who is there: the rota, signs of life, and what is remembered of absences.
namespace sportello::storage {

/// One line of somebody's rota (domain/rota.hpp reads it).
struct ShiftRow {
    domain::AgentId agent;
    std::string day;
    std::string kind;
    std::string hours;
    std::string note;
};
/// By agent, each in the order given. Dates before `from` ("2026-03-02") are left out.
std::vector<ShiftRow> shift_rows(Transaction& tx, std::string_view from);
/// The same of one agent.
std::vector<ShiftRow> shift_rows_of(Transaction& tx, domain::AgentId agent, std::string_view from);
/// Replaces all lines of one agent; `rows[n].agent` does not count.
void replace_shifts(Transaction& tx, domain::AgentId agent, const std::vector<ShiftRow>& rows);

/// The last request of a session or token of an agent.
struct SignOfLife {
    domain::AgentId agent;
    base::Instant at{};
};
/// Of those who gave one.
std::vector<SignOfLife> signs_of_life(Transaction& tx);
std::optional<base::Instant> last_sign_of_life(Transaction& tx, domain::AgentId agent);

struct AttendanceRow {
    domain::AgentId agent;
    std::optional<base::Instant> away_since = {};
    std::optional<base::Instant> swept_at = {};
    std::optional<base::Instant> told_shift = {}; ///< the beginning of the shift of which the supervisor was told
    friend bool operator==(const AttendanceRow&, const AttendanceRow&) = default;
};
std::vector<AttendanceRow> attendance_rows(Transaction& tx);
AttendanceRow attendance_of(Transaction& tx, domain::AgentId agent);
void save_attendance(Transaction& tx, const AttendanceRow& row);

/// Who had the last turn when work goes round.
std::optional<domain::AgentId> last_turn(Transaction& tx);
void save_turn(Transaction& tx, domain::AgentId agent);

/// Whether the gaps of the week that begins on `monday` were told as they are in `gaps` (any text); remembers that they are.
bool note_coverage(Transaction& tx, std::string_view monday, std::string_view gaps, base::Instant now);

/// What the counter knows of a customer beyond the platforms.
struct CustomerContact {
    std::optional<domain::AgentId> answered_by; ///< last
    std::string phone;                          ///< empty: not known
};
CustomerContact find_contact(Transaction& tx, domain::CustomerId customer);
void note_answered(Transaction& tx, domain::CustomerId customer, domain::AgentId by, base::Instant now);
/// @param phone  empty: forget it
void note_phone(Transaction& tx, domain::CustomerId customer, std::string_view phone);

} // namespace sportello::storage
