#pragma once

#include <sportello/base/random.hpp>

#include <random>

namespace sportello::test {

/// Chance that repeats itself: the same seed gives the same bytes.
class SeededRandom final : public base::Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> bytes) override
    {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine_() & 0xff);
    }

private:
    std::mt19937_64 engine_;
};

} // namespace sportello::test
