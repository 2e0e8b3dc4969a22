#include <sportello/domain/hand_written.hpp>
#include <sportello/domain/permalinks.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Instant since = base::parse_rfc3339("2026-03-02T09:00:00Z").value();

HandWait wait_for(std::string_view target, std::vector<std::string> path = {})
{
    return {.target = target, .path = std::move(path), .root = "post", .text = "Ci pensiamo noi.", .since = since};
}

Message written(std::string parent, std::string text = "Altre parole", Duration after = 5min)
{
    Message own;
    own.parent_id = std::move(parent);
    own.text = std::move(text);
    own.at = since + after;
    return own;
}

TEST(HandWritten, EndsTheWaitOfTheMessageItAnswers)
{
    const std::vector waits{wait_for("c1"), wait_for("c2", {"c1"}), wait_for("post")};
    EXPECT_EQ(ended_wait(waits, written("c1")), 0U);
    EXPECT_EQ(ended_wait(waits, written("c2")), 1U);
    EXPECT_EQ(ended_wait(waits, written("post")), 2U) << "the post itself is answered";
    EXPECT_FALSE(ended_wait(waits, written("elsewhere")));
    EXPECT_FALSE(ended_wait(waits, written("c1", "Ci pensiamo noi.", -3min))) << "written before";
    EXPECT_EQ(ended_wait(waits, written("c1", "x", -1min)), 0U) << "clocks differ";
    EXPECT_FALSE(ended_wait({}, written("c1")));
}

TEST(HandWritten, FiledFurtherUpItEndsTheWaitAllTheSame)
{
    const std::vector nested{wait_for("c2", {"c1"})};
    EXPECT_EQ(ended_wait(nested, written("c1")), 0U) << "Facebook files an answer to an answer under the comment";
    EXPECT_FALSE(ended_wait(nested, written("post"))) << "a word to everybody";
    EXPECT_EQ(ended_wait(nested, written("post", "Ci  pensiamo noi. ")), 0U) << "the very text";
    const std::vector two{wait_for("c2", {"c1"}), wait_for("c1")};
    EXPECT_EQ(ended_wait(two, written("c1")), 1U) << "who was answered comes before who might have been";
}

TEST(HandWritten, InAPrivateConversationAnyMessageIsTheAnswer)
{
    Message own = written("", "Altro");
    own.visibility = Visibility::private_;
    const std::vector waits{wait_for("m1")};
    EXPECT_EQ(ended_wait(waits, own), 0U);
}

TEST(PlatformIdIn, FindsTheIdInWhatPeoplePaste)
{
    struct Case {
        Platform platform;
        const char* pasted;
        const char* id;
    };
    for (const auto& [platform, pasted, id] : {
             Case{Platform::twitter, "2028396182971088897", "2028396182971088897"},
             Case{Platform::twitter, " https://x.com/TIM/status/2028396182971088897?s=20 ", "2028396182971088897"},
             Case{Platform::twitter, "https://twitter.com/i/web/status/17", "17"},
             Case{Platform::twitter, "https://x.com/TIM", ""},
             Case{Platform::twitter, "17 or so", ""},
             Case{Platform::twitter, "", ""},
             Case{Platform::facebook, "900_700", "900_700"},
             Case{Platform::facebook, "m_AbC-1:2$3=", "m_AbC-1:2$3="},
             Case{Platform::facebook, "https://www.facebook.com/104/posts/900/?comment_id=700", "900_700"},
             Case{Platform::facebook, "https://www.facebook.com/104/posts/900/?comment_id=700&reply_comment_id=701", "900_701"},
             Case{Platform::facebook, "https://www.facebook.com/permalink.php?story_fbid=900&id=104&comment_id=700", "900_700"},
             Case{Platform::facebook, "https://www.facebook.com/104/posts/900/", ""},
         }) {
        EXPECT_EQ(platform_id_in(platform, pasted).value_or(""), id) << pasted;
    }
}

} // namespace
} // namespace sportello::domain
