#pragma once

#include <cstdint>
#include <cstdlib>

namespace sportello::test {

/// The seed of a random test: always the same in ./dev test, another one in each round of ./dev prove (SPORTELLO_SEED).
inline std::uint64_t test_seed(std::uint64_t own)
{
    const char* moved = std::getenv("SPORTELLO_SEED");
    return own + (moved ? std::strtoull(moved, nullptr, 10) : 0);
}

} // namespace sportello::test
