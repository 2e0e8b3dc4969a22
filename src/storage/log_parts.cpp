#include <sportello/storage/log_parts.hpp>

#include "engine_of.hpp"

#include <chrono>

namespace sportello::storage {
namespace {

// What stands in a part for less is not deleted before the part goes; a log that takes longer for a part forgets row by row.
constexpr base::Duration patience_with_parts = std::chrono::hours(24 * 7);

// PostgreSQL's own, so no `Statement`.
constexpr std::string_view drop_parts = "SELECT dropped, waits FROM drop_event_parts($1, $2)";
constexpr std::string_view make_parts = "SELECT make_event_parts($1)";

} // namespace

DroppedLog drop_old_log(Transaction& tx, base::Instant before)
{
    if (!is_postgresql(tx)) return {};
    const auto make = [](const Row& row) { return DroppedLog{.events = row.number(0), .rest_waits = row.flag(1)}; };
    const auto patience = std::chrono::duration_cast<std::chrono::microseconds>(patience_with_parts).count();
    return tx.first(drop_parts, make, before, patience).value_or(DroppedLog());
}

void make_room_in_log(Transaction& tx, std::int64_t up_to)
{
    if (is_postgresql(tx)) tx.run(make_parts, up_to);
}

} // namespace sportello::storage
