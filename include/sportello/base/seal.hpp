#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::base {

/// A key of 32 bytes that seals secrets at rest.
class SealingKey {
public:
    static constexpr std::size_t bytes = 32;

    /// Reads 32 bytes as base64 (either alphabet, padding or not) or as 64 hexadecimal digits.
    /// @return invalid_input for anything else; the error does not repeat the text.
    [[nodiscard]] static Result<SealingKey> parse(std::string_view text);
    [[nodiscard]] static SealingKey fresh(Random& random);

    /// As parse() reads it: what a key file holds.
    [[nodiscard]] std::string to_text() const;
    /// Tells keys apart and nothing about them.
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::array<unsigned char, bytes>& octets() const { return octets_; }

private:
    explicit SealingKey(const std::array<unsigned char, bytes>& octets);

    std::array<unsigned char, bytes> octets_{};
    std::string id_;
};

/// A sealed text, opened.
struct Opened {
    std::string plain;
    bool by_old_key = false; ///< to be sealed anew
};

/// Seals short texts (XChaCha20-Poly1305, libsodium) so that they can be stored where others may read. What a text
/// belongs to is bound into the seal: moved to another place, it does not open.
class Sealer {
public:
    /// @param old_keys  still open what they sealed; nothing new is sealed with them
    Sealer(SealingKey key, std::vector<SealingKey> old_keys, Random& random);

    /// @param place  what the text belongs to, not secret. @return printable ASCII: "v1.KEY-ID.BASE64URL"
    [[nodiscard]] std::string seal(std::string_view plain, std::string_view place) const;
    /// @return invalid_input when it was sealed with a key that is not there, for another place, or was changed.
    [[nodiscard]] Result<Opened> open(std::string_view sealed, std::string_view place) const;

private:
    SealingKey key_;
    std::vector<SealingKey> old_keys_;
    Random& random_;
};

} // namespace sportello::base
