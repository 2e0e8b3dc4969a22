#include <sportello/base/seal.hpp>

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

namespace sportello::base {
namespace {

class Seal : public testing::Test {
protected:
    test::SeededRandom random{7};
    SealingKey key = SealingKey::fresh(random);
    SealingKey other = SealingKey::fresh(random);
    Sealer sealer{key, {}, random};
};

TEST_F(Seal, OpensWhatItSealed)
{
    for (const std::string& plain : {std::string(), std::string("token"), std::string(5000, 'x'), std::string("a\0b", 3)}) {
        const std::string sealed = sealer.seal(plain, "tim-x/x_oauth2");
        const auto opened = sealer.open(sealed, "tim-x/x_oauth2");
        ASSERT_TRUE(opened) << opened.error().what();
        EXPECT_EQ(opened->plain, plain);
        EXPECT_FALSE(opened->by_old_key);
        EXPECT_TRUE(plain.size() < 5 || sealed.find(plain.substr(0, 5)) == std::string::npos);
        EXPECT_NE(sealed, sealer.seal(plain, "tim-x/x_oauth2")) << "each seal has its own nonce";
    }
}

TEST_F(Seal, DoesNotOpenElsewhereNorWithAnotherKey)
{
    const std::string sealed = sealer.seal("secret", "tim-x/x_oauth2");
    EXPECT_FALSE(sealer.open(sealed, "wind-x/x_oauth2"));
    EXPECT_FALSE(sealer.open(sealed, ""));
    const auto refused = Sealer(other, {}, random).open(sealed, "tim-x/x_oauth2");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what().find("key that is not configured"), std::string::npos);
}

TEST_F(Seal, NoticesEveryChange)
{
    const std::string sealed = sealer.seal("secret", "place");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto opened = sealer.open(changed, "place");
        EXPECT_FALSE(opened && opened->plain != "secret") << i; // the spare bits of the last digit may differ
        EXPECT_FALSE(sealer.open(sealed.substr(0, i), "place")) << i;
    }
    EXPECT_FALSE(sealer.open("", "place"));
    EXPECT_FALSE(sealer.open(std::string(1000, '.'), "place"));
}

TEST_F(Seal, AnOldKeyOpensAndSaysSo)
{
    const std::string sealed = sealer.seal("secret", "place");
    const Sealer rotated(other, {key}, random);
    const auto opened = rotated.open(sealed, "place");
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->by_old_key);
    EXPECT_FALSE(rotated.open(rotated.seal(opened->plain, "place"), "place")->by_old_key);
    EXPECT_FALSE(sealer.open(rotated.seal("new", "place"), "place"));
}

TEST(SealingKey, IsReadInTheFormsThatToolsPrint)
{
    const std::string hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const auto key = SealingKey::parse(hex);
    ASSERT_TRUE(key);
    EXPECT_EQ(SealingKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")->id(), key->id());
    EXPECT_EQ(SealingKey::parse(key->to_text())->id(), key->id());
    for (const char* const text : {"", "short", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
                                   "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A"}) {
        const std::string bad = text;
        const auto refused = SealingKey::parse(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_TRUE(bad.empty() || refused.error().what().find(bad) == std::string::npos);
    }
}

} // namespace
} // namespace sportello::base
