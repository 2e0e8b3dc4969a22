#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sportello::base {

/// The only door to chance. Tests pass a seeded one (tests/support/seeded_random.hpp).
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> bytes) = 0;

    /// A number in [0, bound), bound > 0, without bias.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// `bytes` random bytes as base64url without padding: session ids, tokens, keys.
    [[nodiscard]] std::string token(std::size_t bytes = 32);
};

/// libsodium's generator: fit for keys.
class SystemRandom final : public Random {
public:
    SystemRandom();
    void fill(std::span<std::byte> bytes) override;
};

} // namespace sportello::base
