#pragma once

#include <chrono>

namespace sportello::simulator {

/// Habits of the Graph API that a reader has to live with, set for one Page; none at first.
struct GraphQuirks {
    std::chrono::seconds late_visible{0}; ///< every third item shows in lists only so long after it was written
    bool repeated_pages = false;          ///< each page of a list comes twice before the next one
    bool empty_pages = false;             ///< between two pages of a list stands an empty one
    int heavy_above = 0;                  ///< a list of more rows than this is too much to ask for; 0: none is
    bool time_paging = false;             ///< lists of the Page's own posts are paged by time
    bool ranked_comments = false;         ///< comments come in an order of Facebook's own, whatever was asked
    int usage_percent = 0;                ///< what the usage headers say at least of the Page's quota
    int app_usage_percent = 0;            ///< and of the app's
};

} // namespace sportello::simulator
