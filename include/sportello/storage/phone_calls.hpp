#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The calls that hand-overs promise, the desk's slots, and what the call centre is to be told.
namespace sportello::storage {

struct PhoneCall {
    std::int64_t handover = 0;
    domain::TicketId ticket;
    std::string brand;
    std::string desk;
    base::Instant slot_at{};
    std::string state; ///< "planned", an outcome's word, or "given_up"
    std::int32_t attempts = 0;
    std::string customer_told; ///< empty: the customer was written slot and code; else why not
    base::Instant updated_at{};
    // Of the hand-over itself; read only.
    std::string callback_number;
    std::string note;
    std::string reference;
    base::Instant at{};
};
void insert_call(Transaction& tx, const PhoneCall& call);
/// @return not_found
base::Result<PhoneCall> find_call(Transaction& tx, std::int64_t handover);
/// Writes slot, state, attempts and customer_told, while the call is still planned. @return whether it was.
bool save_planned_call(Transaction& tx, const PhoneCall& call);
/// Whether somebody of the phone desk may see the ticket: a call belongs to it.
bool has_call(Transaction& tx, domain::TicketId ticket, const std::vector<std::string>& desks);

struct CallFilter {
    std::vector<std::string> brands;        ///< empty: all
    std::vector<std::string> desks;         ///< empty: all
    std::optional<base::Instant> due_until; ///< only slots that begin before it
};
/// The place after a call in the order of the list.
struct CallCursor {
    std::int64_t slot_at = 0;
    std::int64_t handover = 0;
};
/// Planned calls by slot, behind `after`.
std::vector<PhoneCall> planned_calls(Transaction& tx, const CallFilter& filter, const std::optional<CallCursor>& after, std::int64_t limit);

/// Takes one place of a slot. @return whether there was one below `capacity`.
bool book_slot(Transaction& tx, std::string_view desk, base::Instant slot, std::int64_t capacity);
void release_slot(Transaction& tx, std::string_view desk, base::Instant slot);
std::int64_t booked_in(Transaction& tx, std::string_view desk, base::Instant slot);

/// Something that the call centre is to be told; sent under its id, the same at each try.
struct CallCentreDelivery {
    std::int64_t id = 0;
    std::int64_t handover = 0;
    std::string desk;
    std::string body;
    std::int32_t attempts = 0;
};
void queue_delivery(Transaction& tx, std::int64_t handover, std::string_view desk, std::string_view body, base::Instant now);
/// Those due: of each hand-over the first only, so that they arrive in order.
std::vector<CallCentreDelivery> due_deliveries(Transaction& tx, base::Instant now, std::int64_t limit);
std::optional<base::Instant> next_delivery(Transaction& tx);
/// It arrived: its body, which holds a number, is forgotten.
void delivered(Transaction& tx, std::int64_t id, base::Instant now);
/// @param next_try  nothing: given up
void delivery_failed(Transaction& tx, std::int64_t id, std::int32_t attempts, std::optional<base::Instant> next_try,
                     std::string_view failure);

} // namespace sportello::storage
