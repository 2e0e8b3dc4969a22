#pragma once

#include "vocabulary.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sportello::bench {

/// Years of work, written straight through the repositories in large units of work: closed tickets of customers who come
/// back, each with its messages, what was told of it, and whoever of the agents had it.
struct Past {
    std::int64_t tickets = 0;
    std::int64_t messages_each = 1;
    std::int64_t open = 0;           ///< of the newest tickets, in spite of all
    std::vector<std::string> brands; ///< in turn; the channel is "BRAND-x"
};

/// @return seconds it took
double write_past(storage::Database& db, Vocabulary& vocabulary, const Past& past);
/// Puts every message into the index of the search. @return seconds it took
double index_past(storage::Database& db, const engine::Settings& settings, base::Clock& clock);
/// Brands that are always open, without channels.
[[nodiscard]] engine::Settings settings_of(const std::vector<std::string>& brands);

} // namespace sportello::bench
