#pragma once

#include <sportello/domain/mean_control.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <span>
#include <string>

namespace sportello::engine {

/// Today's mean of first response under control, with the members of incidents and without them.
struct MeanToday {
    domain::MeanControl all;
    domain::MeanControl without_incidents;
};

/// Of some brands together; "today" is the local day of each. People who serve several of them count once.
/// @param promised  the mean to stay under
[[nodiscard]] MeanToday mean_today(storage::Transaction& tx, const Settings& settings, std::span<const BrandSettings* const> brands,
                                   base::Duration promised, base::Instant now);

} // namespace sportello::engine
