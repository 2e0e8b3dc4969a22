#pragma once

#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>

namespace sportello::storage {

/// How far the schema is by now: while nodes are upgraded one by one, the first of the new ones has taken it further.
struct SchemaState {
    std::int64_t version = 0;    ///< the newest step that was made
    std::int64_t works_from = 0; ///< programs that know the schema up to here can work with it
};
/// @return nothing where one program has the database to itself.
std::optional<SchemaState> schema_state(Transaction& tx);

} // namespace sportello::storage
