#include <sportello/storage/phone_calls.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

#define SPORTELLO_CALL_COLUMNS                                                                                                             \
    "c.handover_id, c.ticket_id, c.brand, c.desk, c.slot_at, c.state, c.attempts, c.customer_told, c.updated_at, "                         \
    "h.callback_number, h.note, h.reference, h.at"
#define SPORTELLO_CALL_TABLES " FROM phone_call c JOIN handover h ON h.id = c.handover_id "

const Statement insert_phone_call{
    "INSERT INTO phone_call (handover_id, ticket_id, brand, desk, slot_at, state, attempts, customer_told, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
const Statement by_handover{"SELECT " SPORTELLO_CALL_COLUMNS SPORTELLO_CALL_TABLES "WHERE c.handover_id = $1"};
const Statement update_planned{"UPDATE phone_call SET slot_at = $2, state = $3, attempts = $4, customer_told = $5, updated_at = $6 "
                               "WHERE handover_id = $1 AND state = 'planned'"};
const Statement desks_of_ticket{"SELECT desk FROM phone_call WHERE ticket_id = $1"};
const Statement planned_after{"SELECT " SPORTELLO_CALL_COLUMNS SPORTELLO_CALL_TABLES
                              "WHERE c.state = 'planned' AND c.slot_at < $1 AND (c.slot_at, c.handover_id) > ($2, $3) "
                              "ORDER BY c.slot_at, c.handover_id"};

// One statement: two that book at once cannot both take the last place.
const Statement take_place{"INSERT INTO phone_slot (desk, slot_at, booked) VALUES ($1, $2, 1) ON CONFLICT (desk, slot_at) "
                           "DO UPDATE SET booked = phone_slot.booked + 1 WHERE phone_slot.booked < $3"};
const Statement give_place{"UPDATE phone_slot SET booked = booked - 1 WHERE desk = $1 AND slot_at = $2 AND booked > 0"};
const Statement booked_places{"SELECT booked FROM phone_slot WHERE desk = $1 AND slot_at = $2"};

const Statement insert_delivery{"INSERT INTO call_centre_delivery (handover_id, desk, body, created_at, next_try, attempts, failure) "
                                "VALUES ($1, $2, $3, $4, $4, 0, '')"};
const Statement deliveries_due{
    "SELECT d.id, d.handover_id, d.desk, d.body, d.attempts FROM call_centre_delivery d WHERE d.next_try IS NOT NULL AND d.next_try <= $1 "
    "AND NOT EXISTS (SELECT 1 FROM call_centre_delivery e WHERE e.handover_id = d.handover_id AND e.id < d.id AND e.next_try IS NOT NULL) "
    "ORDER BY d.next_try, d.id LIMIT $2"};
const Statement first_delivery{"SELECT next_try FROM call_centre_delivery WHERE next_try IS NOT NULL ORDER BY next_try, id LIMIT 1"};
const Statement note_delivered{"UPDATE call_centre_delivery SET next_try = NULL, delivered_at = $2, attempts = attempts + 1, body = '', "
                               "failure = '' WHERE id = $1"};
const Statement note_failed{"UPDATE call_centre_delivery SET next_try = $3, attempts = $2, failure = $4 WHERE id = $1"};

constexpr base::Instant far_away = base::from_micros(253'402'300'799'000'000); // the year 9999

PhoneCall call_at(const Row& row)
{
    return {.handover = row.number(0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .brand = row.string(2),
            .desk = row.string(3),
            .slot_at = row.instant(4),
            .state = row.string(5),
            .attempts = small_number_at(row, 6),
            .customer_told = row.string(7),
            .updated_at = row.instant(8),
            .callback_number = row.string(9),
            .note = row.string(10),
            .reference = row.string(11),
            .at = row.instant(12)};
}

bool is_one_of(const std::vector<std::string>& words, std::string_view word)
{
    return words.empty() || std::ranges::find(words, word) != words.end();
}

} // namespace

void insert_call(Transaction& tx, const PhoneCall& call)
{
    tx.run(insert_phone_call, call.handover, call.ticket, call.brand, call.desk, call.slot_at, call.state, call.attempts, call.customer_told,
           call.updated_at);
}

base::Result<PhoneCall> find_call(Transaction& tx, std::int64_t handover)
{
    auto found = tx.first(by_handover, call_at, handover);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no call for hand-over " + std::to_string(handover));
    return std::move(*found);
}

bool save_planned_call(Transaction& tx, const PhoneCall& call)
{
    return tx.run(update_planned, call.handover, call.slot_at, call.state, call.attempts, call.customer_told, call.updated_at) > 0;
}

bool has_call(Transaction& tx, domain::TicketId ticket, const std::vector<std::string>& desks)
{
    const auto at_desk = tx.all(
        desks_of_ticket, [&](const Row& row) { return is_one_of(desks, row.text(0)); }, ticket);
    return std::ranges::find(at_desk, true) != at_desk.end();
}

std::vector<PhoneCall> planned_calls(Transaction& tx, const CallFilter& filter, const std::optional<CallCursor>& after, std::int64_t limit)
{
    // What is planned is few, so brands and desks are chosen here.
    std::vector<PhoneCall> calls;
    const CallCursor from = after.value_or(CallCursor{});
    const Value values[] = {base::to_micros(filter.due_until.value_or(far_away)), from.slot_at, from.handover};
    tx.execute(planned_after, values, [&](const Row& row) {
        if (is_one_of(filter.brands, row.text(2)) && is_one_of(filter.desks, row.text(3))) calls.push_back(call_at(row));
        return std::ssize(calls) < limit;
    });
    return calls;
}

bool book_slot(Transaction& tx, std::string_view desk, base::Instant slot, std::int64_t capacity)
{
    return capacity > 0 && tx.run(take_place, desk, slot, capacity) > 0;
}

void release_slot(Transaction& tx, std::string_view desk, base::Instant slot)
{
    tx.run(give_place, desk, slot);
}

std::int64_t booked_in(Transaction& tx, std::string_view desk, base::Instant slot)
{
    return tx.first(booked_places, first_number, desk, slot).value_or(0);
}

void queue_delivery(Transaction& tx, std::int64_t handover, std::string_view desk, std::string_view body, base::Instant now)
{
    tx.run(insert_delivery, handover, desk, body, now);
}

std::vector<CallCentreDelivery> due_deliveries(Transaction& tx, base::Instant now, std::int64_t limit)
{
    const auto make = [](const Row& row) {
        return CallCentreDelivery{.id = row.number(0),
                                  .handover = row.number(1),
                                  .desk = row.string(2),
                                  .body = row.string(3),
                                  .attempts = small_number_at(row, 4)};
    };
    return tx.all(deliveries_due, make, now, limit);
}

std::optional<base::Instant> next_delivery(Transaction& tx)
{
    return tx.first(first_delivery, [](const Row& row) { return row.instant(0); });
}

void delivered(Transaction& tx, std::int64_t id, base::Instant now)
{
    tx.run(note_delivered, id, now);
}

void delivery_failed(Transaction& tx, std::int64_t id, std::int32_t attempts, std::optional<base::Instant> next_try,
                     std::string_view failure)
{
    tx.run(note_failed, id, attempts, next_try, failure);
}

} // namespace sportello::storage
