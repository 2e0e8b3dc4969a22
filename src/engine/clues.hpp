#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

namespace sportello::engine {

/// Notes what the author of a private message gives of themselves, and proposes a link to whoever gave the same.
void gather_clues(storage::Transaction& tx, const domain::Message& message, base::Instant now);

} // namespace sportello::engine
