#include <sportello/storage/staff.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

// A digit sorts before every weekday's word.
const Statement shifts_from{"SELECT agent_id, day, kind, hours, note FROM shift WHERE day >= $1 ORDER BY agent_id, number"};
const Statement drop_shifts{"DELETE FROM shift WHERE agent_id = $1"};
const Statement insert_shift{"INSERT INTO shift (agent_id, number, day, kind, hours, note) VALUES ($1, $2, $3, $4, $5, $6)"};

const Statement last_signs{
    "SELECT agent_id, max(at) FROM (SELECT agent_id, max(last_seen_at) AS at FROM session GROUP BY agent_id "
    "UNION ALL SELECT agent_id, max(last_used_at) AS at FROM api_token WHERE last_used_at IS NOT NULL GROUP BY agent_id) signs "
    "GROUP BY agent_id"};

const Statement shifts_of_agent{"SELECT agent_id, day, kind, hours, note FROM shift WHERE agent_id = $1 AND day >= $2 ORDER BY number"};
const Statement last_sign{"SELECT max(at) FROM (SELECT max(last_seen_at) AS at FROM session WHERE agent_id = $1 "
                          "UNION ALL SELECT max(last_used_at) AS at FROM api_token WHERE agent_id = $1) signs"};

const Statement all_attendance{"SELECT agent_id, away_since, swept_at, told_shift FROM attendance ORDER BY agent_id"};
const Statement attendance_by_agent{"SELECT agent_id, away_since, swept_at, told_shift FROM attendance WHERE agent_id = $1"};
const Statement upsert_attendance{"INSERT INTO attendance (agent_id, away_since, swept_at, told_shift) VALUES ($1, $2, $3, $4) "
                                  "ON CONFLICT (agent_id) DO UPDATE SET away_since = excluded.away_since, swept_at = excluded.swept_at, "
                                  "told_shift = excluded.told_shift"};

const Statement find_turn{"SELECT agent_id FROM assignment_turn WHERE id = 1"};
const Statement upsert_turn{"INSERT INTO assignment_turn (id, agent_id) VALUES (1, $1) "
                            "ON CONFLICT (id) DO UPDATE SET agent_id = excluded.agent_id"};

const Statement known_gaps{"SELECT gaps FROM coverage_notice WHERE week = $1"};
const Statement upsert_gaps{"INSERT INTO coverage_notice (week, told_at, gaps) VALUES ($1, $2, $3) "
                            "ON CONFLICT (week) DO UPDATE SET told_at = excluded.told_at, gaps = excluded.gaps"};

const Statement contact_of{"SELECT answered_by, phone FROM customer_contact WHERE customer_id = $1"};
const Statement upsert_answered{
    "INSERT INTO customer_contact (customer_id, answered_by, answered_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (customer_id) DO UPDATE SET answered_by = excluded.answered_by, answered_at = excluded.answered_at"};
const Statement upsert_phone{"INSERT INTO customer_contact (customer_id, phone) VALUES ($1, $2) "
                             "ON CONFLICT (customer_id) DO UPDATE SET phone = excluded.phone"};

ShiftRow shift_at(const Row& row)
{
    return {.agent = id_at<domain::AgentId>(row, 0),
            .day = row.string(1),
            .kind = row.string(2),
            .hours = row.string(3),
            .note = row.string(4)};
}

AttendanceRow attendance_at(const Row& row)
{
    return {.agent = id_at<domain::AgentId>(row, 0),
            .away_since = row.maybe_instant(1),
            .swept_at = row.maybe_instant(2),
            .told_shift = row.maybe_instant(3)};
}

} // namespace

std::vector<ShiftRow> shift_rows(Transaction& tx, std::string_view from)
{
    return tx.all(shifts_from, shift_at, from);
}

std::vector<ShiftRow> shift_rows_of(Transaction& tx, domain::AgentId agent, std::string_view from)
{
    return tx.all(shifts_of_agent, shift_at, agent, from);
}

void replace_shifts(Transaction& tx, domain::AgentId agent, const std::vector<ShiftRow>& rows)
{
    tx.run(drop_shifts, agent);
    std::int64_t number = 0;
    for (const ShiftRow& row : rows) tx.run(insert_shift, agent, ++number, row.day, row.kind, row.hours, row.note);
}

std::vector<SignOfLife> signs_of_life(Transaction& tx)
{
    return tx.all(last_signs, [](const Row& row) { return SignOfLife{id_at<domain::AgentId>(row, 0), row.instant(1)}; });
}

std::optional<base::Instant> last_sign_of_life(Transaction& tx, domain::AgentId agent)
{
    return tx
        .first(
            last_sign, [](const Row& row) { return row.maybe_instant(0); }, agent)
        .value_or(std::nullopt);
}

std::vector<AttendanceRow> attendance_rows(Transaction& tx)
{
    return tx.all(all_attendance, attendance_at);
}

AttendanceRow attendance_of(Transaction& tx, domain::AgentId agent)
{
    return tx.first(attendance_by_agent, attendance_at, agent).value_or(AttendanceRow{.agent = agent});
}

void save_attendance(Transaction& tx, const AttendanceRow& row)
{
    tx.run(upsert_attendance, row.agent, row.away_since, row.swept_at, row.told_shift);
}

std::optional<domain::AgentId> last_turn(Transaction& tx)
{
    return tx.first(find_turn, [](const Row& row) { return id_at<domain::AgentId>(row, 0); });
}

void save_turn(Transaction& tx, domain::AgentId agent)
{
    tx.run(upsert_turn, agent);
}

bool note_coverage(Transaction& tx, std::string_view monday, std::string_view gaps, base::Instant now)
{
    const auto known = tx.first(
        known_gaps, [](const Row& row) { return row.string(0); }, monday);
    if (known && *known == gaps) return true;
    tx.run(upsert_gaps, monday, now, gaps);
    return false;
}

CustomerContact find_contact(Transaction& tx, domain::CustomerId customer)
{
    const auto make = [](const Row& row) { return CustomerContact{maybe_id_at<domain::AgentId>(row, 0), row.string(1)}; };
    return tx.first(contact_of, make, customer).value_or(CustomerContact());
}

void note_answered(Transaction& tx, domain::CustomerId customer, domain::AgentId by, base::Instant now)
{
    tx.run(upsert_answered, customer, by, now);
}

void note_phone(Transaction& tx, domain::CustomerId customer, std::string_view phone)
{
    tx.run(upsert_phone, customer, phone);
}

} // namespace sportello::storage
