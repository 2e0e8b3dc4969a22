#pragma once

#include <sportello/storage/transaction.hpp>

namespace sportello::storage {

/// Whose session the unit runs on. For the few things that SQL which both engines understand cannot say.
[[nodiscard]] bool is_postgresql(const Transaction& tx);

} // namespace sportello::storage
