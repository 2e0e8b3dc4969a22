#pragma once

#include <sportello/base/random.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::storage::postgresql {

/// How long to wait before a server that did not answer is asked again: longer each time, and never as long as another session
/// does. Nodes that lost their server together do not come back to it together.
[[nodiscard]] inline std::chrono::milliseconds before_asking_again(base::Random& random, int tries)
{
    return std::chrono::milliseconds(50 + random.below(100u << std::min(tries, 3)));
}

} // namespace sportello::storage::postgresql
