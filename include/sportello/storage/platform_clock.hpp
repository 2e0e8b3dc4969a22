#pragma once

#include <sportello/storage/transaction.hpp>

#include <string_view>

namespace sportello::storage {

/// How far the platform's clock is ahead of ours (negative: behind), as its last answer showed; zero when nothing is known.
base::Duration clock_ahead(Transaction& tx, std::string_view channel);
void note_clock_ahead(Transaction& tx, std::string_view channel, base::Duration ahead);

} // namespace sportello::storage
