#pragma once

#include <sportello/base/time.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace sportello::simulator {

/// A file that was uploaded to X and may hang at a post or message for a day.
struct XMedia {
    std::string id, key; ///< "2028399662330806273", "3_2028399662330806273"
    std::string type;    ///< "image/png"
    std::string category;
    std::string alt_text;
    std::size_t account = 0;
    std::size_t size = 0, expected = 0;
    bool finished = false; ///< FINALIZE was called, or it came in one go
    base::Instant ready_at;
    base::Instant expires_at;
};

/// Habits and state of the X side that are no part of the world, set by the control API.
struct XSettings {
    bool ignore_unknown_fields = false;        ///< as in 2026; else 400, as the older API
    std::string auto_grant;                    ///< handle: authorise pages send back at once, as if its owner had clicked
    std::optional<double> credits;             ///< dollars left; calls are refused with 402 when they are spent
    std::chrono::seconds late_visible{0};      ///< every third post shows in lists only so long after it was written
    bool repeated_pages = false;               ///< each page of a list comes twice before the next one
    bool empty_pages = false;                  ///< between two pages of a list stands an empty one
    std::set<std::string> suspended;           ///< handles of locked accounts
    std::map<std::string, XMedia> media;       ///< by id
    std::map<std::string, std::string> groups; ///< group conversations by id: their events as JSON, newest first
    double spent = 0;                          ///< dollars, counted whether or not there is a limit
};

} // namespace sportello::simulator
