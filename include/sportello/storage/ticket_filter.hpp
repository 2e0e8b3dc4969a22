#pragma once

#include <sportello/storage/tickets.hpp>

namespace sportello::storage {

/// Whether the list of this filter has this row; its sort does not count. For rows that were found in another way.
[[nodiscard]] bool is_shown(const TicketFilter& filter, const TicketRow& row);

} // namespace sportello::storage
