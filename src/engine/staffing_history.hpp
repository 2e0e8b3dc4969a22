#pragma once

#include <sportello/engine/staffing.hpp>
#include <sportello/storage/transaction.hpp>

namespace sportello::engine {

/// What staffing is worked out from.
struct KnownOffice {
    StaffingHistory history;
    domain::StaffingDemand demand; ///< empty where the history is too short
    int agents = 0;                ///< who may log in as an agent
};

/// @param calendar  of the brands together: whose local half hours count
[[nodiscard]] KnownOffice known_office(storage::Transaction& tx, const std::vector<std::string>& brands, const domain::Calendar& calendar,
                                       base::Instant from, base::Instant until);

} // namespace sportello::engine
