#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>

namespace sportello::storage {

/// Appends to the log; `event.seq` does not count. The number is public at the commit and grows in its order.
void append_event(Transaction& tx, const domain::Event& event);

/// Calls `each` for up to `limit` events after `seq`, in order.
void events_since(Transaction& tx, std::int64_t seq, std::int64_t limit, const std::function<void(const domain::Event&)>& each);
/// The number of the last event; 0 when there is none.
std::int64_t last_seq(Transaction& tx);

} // namespace sportello::storage
