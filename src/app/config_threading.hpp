#pragma once

#include "toml_reader.hpp"

#include <sportello/engine/settings.hpp>

#include <map>
#include <string>

namespace sportello::app {

/// The tables [threading.NAME], with "default" among them.
[[nodiscard]] std::map<std::string, domain::ThreadingPolicy, std::less<>> read_threading(TableReader& root);
/// The tables [ratings.NAME].
[[nodiscard]] std::map<std::string, engine::RatingSettings, std::less<>> read_ratings(TableReader& root);

/// Which of them a brand names: `threading`, "default" unless it says otherwise, and `ratings`, none unless it does.
void read_policies(TableReader& brand, const std::map<std::string, domain::ThreadingPolicy, std::less<>>& threading,
                   const std::map<std::string, engine::RatingSettings, std::less<>>& ratings, engine::BrandSettings& settings);

} // namespace sportello::app
