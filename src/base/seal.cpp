#include <sportello/base/seal.hpp>

#include <sportello/base/digest.hpp>

#include <sodium.h>

#include <algorithm>
#include <span>

namespace sportello::base {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view version = "v1.";
static_assert(SealingKey::bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool decode_exactly(std::string_view text, int variant, std::span<unsigned char> into)
{
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(into.data(), into.size(), text.data(), text.size(), nullptr, &length, &end, variant) != 0) return false;
    return length == into.size() && end == text.data() + text.size();
}

Error does_not_open(std::string_view why)
{
    return Error(ErrorKind::invalid_input, std::string(why));
}

} // namespace

SealingKey::SealingKey(const std::array<unsigned char, bytes>& octets)
    : octets_(octets),
      id_(sha256_hex("sportello key " + std::string(reinterpret_cast<const char*>(octets.data()), octets.size())).substr(0, 12))
{
}

Result<SealingKey> SealingKey::parse(std::string_view text)
{
    std::array<unsigned char, bytes> octets{};
    std::size_t length = 0;
    const char* end = nullptr;
    const bool hex = text.size() == 2 * bytes &&
                     sodium_hex2bin(octets.data(), octets.size(), text.data(), text.size(), nullptr, &length, &end) == 0 && length == bytes;
    if (hex) return SealingKey(octets);
    for (const int variant : {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
        if (decode_exactly(text, variant, octets)) return SealingKey(octets);
    }
    return Error(ErrorKind::invalid_input, "expected a key of 32 bytes in base64 or in 64 hexadecimal digits, "
                                           "as `openssl rand -base64 32` prints it");
}

SealingKey SealingKey::fresh(Random& random)
{
    std::array<unsigned char, bytes> octets{};
    random.fill(std::as_writable_bytes(std::span(octets)));
    return SealingKey(octets);
}

std::string SealingKey::to_text() const
{
    return base64url({reinterpret_cast<const char*>(octets_.data()), octets_.size()});
}

Sealer::Sealer(SealingKey key, std::vector<SealingKey> old_keys, Random& random)
    : key_(std::move(key)), old_keys_(std::move(old_keys)), random_(random)
{
}

std::string Sealer::seal(std::string_view plain, std::string_view place) const
{
    std::string box(nonce_bytes + plain.size() + tag_bytes, '\0');
    auto* const nonce = reinterpret_cast<unsigned char*>(box.data());
    random_.fill(std::as_writable_bytes(std::span(box.data(), nonce_bytes)));
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, bytes_of(plain), plain.size(), bytes_of(place), place.size(),
                                               nullptr, nonce, key_.octets().data());
    return std::string(version) + key_.id() + "." + base64url(box);
}

Result<Opened> Sealer::open(std::string_view sealed, std::string_view place) const
{
    if (!sealed.starts_with(version)) return does_not_open("it is not sealed in a form that this version knows");
    sealed.remove_prefix(version.size());
    const std::size_t dot = sealed.find('.');
    if (dot == std::string_view::npos) return does_not_open("it was cut short");
    const std::string_view id = sealed.substr(0, dot);
    const std::string_view text = sealed.substr(dot + 1);

    const SealingKey* key = key_.id() == id ? &key_ : nullptr;
    for (const SealingKey& old : old_keys_) {
        if (key == nullptr && old.id() == id) key = &old;
    }
    if (key == nullptr) return does_not_open("it was sealed with a key that is not configured (key " + std::string(id) + ")");

    std::string box(text.size(), '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    const bool decoded = sodium_base642bin(reinterpret_cast<unsigned char*>(box.data()), box.size(), text.data(), text.size(), nullptr,
                                           &length, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    if (!decoded || end != text.data() + text.size() || length < nonce_bytes + tag_bytes) return does_not_open("it was changed");
    Opened opened;
    opened.plain.resize(length - nonce_bytes - tag_bytes);
    opened.by_old_key = key != &key_;
    const auto* const nonce = reinterpret_cast<const unsigned char*>(box.data());
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(opened.plain.data()), nullptr, nullptr,
                                                                  nonce + nonce_bytes, length - nonce_bytes, bytes_of(place), place.size(),
                                                                  nonce, key->octets().data());
    if (failed != 0) return does_not_open("it was changed, or belongs to another place");
    return opened;
}

} // namespace sportello::base
