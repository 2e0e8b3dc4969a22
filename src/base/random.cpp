#include <sportello/base/random.hpp>

#include <sodium.h>

#include <stdexcept>
#include <vector>

namespace sportello::base {

std::uint64_t Random::below(std::uint64_t bound)
{
    // Numbers under 2^64 mod bound would make small results likelier; draw again.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t drawn = 0;
    do {
        fill(std::as_writable_bytes(std::span(&drawn, 1)));
    } while (drawn < unfair);
    return drawn % bound;
}

std::string Random::token(std::size_t bytes)
{
    std::vector<std::byte> drawn(bytes);
    fill(drawn);
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_ENCODED_LEN(bytes, variant), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(drawn.data()), drawn.size(), variant);
    text.resize(text.find('\0'));
    return text;
}

SystemRandom::SystemRandom()
{
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start: no source of randomness");
}

void SystemRandom::fill(std::span<std::byte> bytes)
{
    randombytes_buf(bytes.data(), bytes.size());
}

} // namespace sportello::base
