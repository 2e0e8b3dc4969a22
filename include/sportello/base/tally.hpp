#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sportello::base {

/// Counts something that happens, for the metrics: "polls" of "tim-x". From any thread; costs a lock and a look-up, so it
/// is for what happens by the hundred a second, not by the million. Only names of ours: never anything of customers.
void tally(std::string_view what, std::string_view of, double amount = 1);

struct Tallied {
    std::string what;
    std::string of;
    double total = 0; ///< since the process began
};
/// Everything counted so far, by what and of.
[[nodiscard]] std::vector<Tallied> tallied();

} // namespace sportello::base
