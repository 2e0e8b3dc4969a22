#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sportello::simulator {

/// A stretch of a longer list, and whether there is more on either side.
template <class T> struct Stretch {
    std::vector<const T*> rows;
    bool more_after = false;
    bool more_before = false;
};

/// At most `limit` of `all` behind `after`, or in front of `before`. The marks need not be in the list any more: a row
/// that was deleted between two pages still tells where the next one starts.
///
/// @param all    sorted by `precedes`
/// @param after, before  null for none; `after` wins
template <class T, class Precedes>
Stretch<T> cut_stretch(const std::vector<const T*>& all, const T* after, const T* before, std::size_t limit, Precedes precedes)
{
    auto first = all.begin();
    auto last = all.end();
    if (after) {
        first = std::upper_bound(all.begin(), all.end(), after, precedes);
    } else if (before) {
        last = std::lower_bound(all.begin(), all.end(), before, precedes);
        if (static_cast<std::size_t>(last - first) > limit) first = last - static_cast<std::ptrdiff_t>(limit);
    }
    if (static_cast<std::size_t>(last - first) > limit) last = first + static_cast<std::ptrdiff_t>(limit);
    return {{first, last}, last != all.end(), first != all.begin()};
}

} // namespace sportello::simulator
