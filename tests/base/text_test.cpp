#include <sportello/base/text.hpp>

#include <gtest/gtest.h>

#include <random>

namespace sportello::base {
namespace {

TEST(CleanUtf8, ReplacesWhatIsNoText)
{
    EXPECT_EQ(clean_utf8("ciao"), "ciao");
    EXPECT_EQ(clean_utf8("perché 😭"), "perché 😭");
    EXPECT_EQ(clean_utf8(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD"
                                                       "b");
    EXPECT_EQ(clean_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
    EXPECT_EQ(clean_utf8("\xC3"), "\xEF\xBF\xBD");
    EXPECT_EQ(clean_utf8("\xED\xA0\x80").find("\xED\xA0"), std::string::npos) << "a lone surrogate is no text";
}

TEST(CleanUtf8, IsAFixedPointOfAnyBytes)
{
    std::mt19937 random(7);
    for (int i = 0; i < 2'000; ++i) {
        std::string bytes(random() % 40, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const std::string once = clean_utf8(bytes);
        ASSERT_EQ(clean_utf8(once), once);
        ASSERT_EQ(once.find('\0'), std::string::npos);
    }
}

TEST(Shorten, CutsBetweenWhatPeopleSeeAsCharacters)
{
    EXPECT_EQ(shorten("abc", 3), "abc");
    EXPECT_EQ(shorten("abcd", 3), "ab…");
    EXPECT_EQ(shorten("a👨‍👩‍👧‍👦b", 5), "a…") << "a family is never cut in half";
    EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Html, EscapesAndUnescapesOnce)
{
    EXPECT_EQ(unescape_html("a &lt;b&gt; &amp;amp; &unknown; &"), "a <b> &amp; &unknown; &");
    EXPECT_EQ(escape_html("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
    EXPECT_EQ(unescape_html(escape_html("<a href='x'>&lt;</a>")), "<a href='x'>&lt;</a>");
}

TEST(Fold, ForgetsCaseAndAccents)
{
    EXPECT_EQ(fold("Perché NÒ Straße"), "perche no strasse");
}

TEST(Nfc, Composes)
{
    EXPECT_EQ(to_nfc("e\xCC\x81"), "é");
    EXPECT_EQ(count_code_points("é😭"), 2U);
}

} // namespace
} // namespace sportello::base
