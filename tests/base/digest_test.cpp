#include <sportello/base/digest.hpp>
#include <sportello/base/random.hpp>

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace sportello::base {
namespace {

TEST(Digest, AgreesWithPublishedVectors)
{
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hmac_sha256_hex("example-app-secret", "EXAMPLE_PAGE_TOKEN"),
              "4e3725925a25ae54c50e5434b8b5bdf7f54919c8c55d209098380b96983cd007");
    EXPECT_EQ(hmac_sha256_base64("key", "The quick brown fox jumps over the lazy dog"), "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=");
    EXPECT_EQ(base64("a:b~"), "YTpifg==");
    EXPECT_EQ(base64url("\xfb\xff"), "-_8");
    // RFC 7636, appendix B.
    EXPECT_EQ(sha256_base64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    EXPECT_EQ(hmac_sha1_base64("key", "The quick brown fox jumps over the lazy dog"), "3nybhbi3iqa8ino29wqQcBydtNk=");
}

TEST(Password, IsVerifiedByItsHashAlone)
{
    const std::string hash = hash_password("segreto");
    EXPECT_TRUE(hash.starts_with("$argon2id$"));
    EXPECT_NE(hash, hash_password("segreto")) << "each hash has its own salt";
    EXPECT_TRUE(verify_password(hash, "segreto"));
    EXPECT_FALSE(verify_password(hash, "Segreto"));
    EXPECT_FALSE(verify_password("nonsense", "segreto"));
}

TEST(Random, DrawsWithoutBiasInsideItsBound)
{
    test::SeededRandom random(7);
    std::array<int, 3> seen{};
    for (int i = 0; i < 30'000; ++i) ++seen.at(random.below(3));
    for (const int count : seen) EXPECT_NEAR(count, 10'000, 400);
}

TEST(Random, TokensAreLongDistinctAndSafeInUrls)
{
    SystemRandom random;
    std::set<std::string> tokens;
    for (int i = 0; i < 100; ++i) tokens.insert(random.token());
    EXPECT_EQ(tokens.size(), 100U);
    EXPECT_EQ(tokens.begin()->size(), 43U);
    EXPECT_EQ(tokens.begin()->find_first_of("+/="), std::string::npos);
}

} // namespace
} // namespace sportello::base
