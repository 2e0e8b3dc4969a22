#pragma once

#include <sportello/storage/transaction.hpp>

#include <cstdint>

/// The log in parts, as PostgreSQL has it (migrations/postgresql/0023_several_nodes.sql): old ones are dropped whole.
namespace sportello::storage {

struct DroppedLog {
    std::int64_t events = 0; ///< that are gone
    /// What else is as old stands in a part that goes as a whole soon; otherwise it is deleted row by row (privacy.hpp).
    bool rest_waits = false;
};

/// Drops the parts all of whose events are of before then; one that somebody reads just now goes another time. Where the log has no
/// parts nothing happens.
DroppedLog drop_old_log(Transaction& tx, base::Instant before);

/// Events up to this number will find their place: before they are brought from elsewhere.
void make_room_in_log(Transaction& tx, std::int64_t up_to);

} // namespace sportello::storage
