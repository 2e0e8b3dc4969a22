#include <sportello/base/digest.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <new>
#include <span>

namespace sportello::base {
namespace {

std::string to_hex(std::span<const unsigned char> bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

const unsigned char* octets(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string encode(std::string_view bytes, int variant)
{
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), variant);
    text.pop_back(); // its NUL
    return text;
}

struct Mac {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
};

Mac hmac(const EVP_MD* digest, std::string_view key, std::string_view message)
{
    Mac mac;
    HMAC(digest, key.data(), static_cast<int>(key.size()), octets(message), message.size(), mac.bytes.data(), &mac.size);
    return mac;
}

} // namespace

std::string sha256_hex(std::string_view bytes)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), octets(bytes), bytes.size());
    return to_hex(hash);
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message)
{
    const Mac mac = hmac(EVP_sha256(), key, message);
    return to_hex(std::span(mac.bytes.data(), mac.size));
}

std::string hmac_sha256_base64(std::string_view key, std::string_view message)
{
    const Mac mac = hmac(EVP_sha256(), key, message);
    return base64({reinterpret_cast<const char*>(mac.bytes.data()), mac.size});
}

std::string hmac_sha1_hex(std::string_view key, std::string_view message)
{
    const Mac mac = hmac(EVP_sha1(), key, message);
    return to_hex(std::span(mac.bytes.data(), mac.size));
}

std::string hmac_sha1_base64(std::string_view key, std::string_view message)
{
    const Mac mac = hmac(EVP_sha1(), key, message);
    return base64({reinterpret_cast<const char*>(mac.bytes.data()), mac.size});
}

std::string base64url(std::string_view bytes)
{
    return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string base64(std::string_view bytes)
{
    return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::string sha256_base64url(std::string_view bytes)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), octets(bytes), bytes.size());
    return base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string hash_password(std::string_view password)
{
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    const int failed = crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                             crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    if (failed != 0) throw std::bad_alloc();
    hash.resize(hash.find('\0'));
    return hash;
}

bool verify_password(std::string_view hash, std::string_view password)
{
    const std::string terminated(hash);
    return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

bool equal_secret(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace sportello::base
