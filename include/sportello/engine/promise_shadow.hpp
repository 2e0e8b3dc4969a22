#pragma once

#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <string>
#include <string_view>

namespace sportello::engine {

/// Why a brand's promises stay in shadow, in words; empty: customers are told.
[[nodiscard]] std::string why_in_shadow(storage::Transaction& tx, const Settings& settings, std::string_view brand, base::Instant now);

} // namespace sportello::engine
