#include <sportello/domain/reply_match.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using Kind = MatchResult::Kind;

const Instant sent_at = base::parse_rfc3339("2026-03-02T09:00:00Z").value();
const Instant deadline = sent_at + 20s;

struct TextCase {
    const char* name;
    const char* sent;
    const char* shown;
    bool equal;
};
TEST(NormaliseForMatch, MakesWhatWasSentAndWhatIsShownEqual)
{
    for (const auto& [name, sent, shown, equal] :
         {TextCase{"entities", "Linea & ADSL <ok>", "Linea &amp; ADSL &lt;ok&gt;", true},
          TextCase{"entities once", "a &amp;amp; b", "a &amp; b", false}, TextCase{"line ends", "Ciao\r\nAnna", "Ciao\nAnna", true},
          TextCase{"blanks", "Ciao   Anna ", "Ciao Anna", true}, TextCase{"NFC", "perche\u0301", "perché", true},
          TextCase{"auto mentions", "Verifichiamo", "@anna @tim_it Verifichiamo", true},
          TextCase{"style of emoji", "❤️ grazie", "❤ grazie", true}, TextCase{"scheme", "vedi tim.it", "vedi http://tim.it", true},
          TextCase{"other words", "Verifichiamo", "Verifichiamo subito", false}, TextCase{"mention inside", "Ciao @anna", "Ciao", false},
          TextCase{"number of part", "Ciao (1/2)", "Ciao (2/2)", false}}) {
        EXPECT_EQ(normalise_for_match(sent) == normalise_for_match(shown), equal) << name;
    }
}

TEST(NormaliseForMatch, IsStable)
{
    for (const auto* text : {"@anna ciao", "  a \n b ", "❤️", "https://tim.it/a?b=c", "", "@", "@anna"}) {
        const auto once = normalise_for_match(text);
        EXPECT_EQ(normalise_for_match(once), once) << text;
    }
}

PlatformItem shown(std::string id, Duration after = 3s)
{
    PlatformItem item;
    item.platform_id = std::move(id);
    item.own = true;
    item.text = "Verifichiamo subito.";
    item.parent_id = "comment-1";
    item.root_id = "post-1";
    item.at = sent_at + after;
    return item;
}

SentPart sent(std::span<const std::string> excluded = {})
{
    SentPart part;
    part.text = "Verifichiamo subito.";
    part.parents = {"comment-1", "post-1"};
    part.window_begin = sent_at - 2min;
    part.window_end = deadline + 10min;
    part.excluded = excluded;
    return part;
}

TEST(MatchSentPart, FindsTheOneThatAgreesInAllFour)
{
    const std::vector items{shown("9")};
    const auto result = match_sent_part(sent(), items);
    EXPECT_EQ(result.kind, Kind::match);
    EXPECT_EQ(result.platform_id, "9");
    EXPECT_EQ(result.at, sent_at + 3s);
}

TEST(MatchSentPart, NeedsAuthorParentAndTime)
{
    for (const auto& spoil : std::vector<std::function<void(PlatformItem&)>>{
             [](auto& item) { item.own = false; }, [](auto& item) { item.deleted = true; },
             [](auto& item) { item.parent_id = "comment-2"; }, [](auto& item) { item.parent_id = ""; },
             [](auto& item) { item.at = sent_at - 2min - 1us; }, [](auto& item) { item.at = deadline + 10min + 1us; }}) {
        std::vector items{shown("9")};
        spoil(items[0]);
        EXPECT_EQ(match_sent_part(sent(), items).kind, Kind::none);
    }
}

TEST(MatchSentPart, AcceptsAnotherParentOnThePathAndAnyItemOfAPrivateConversation)
{
    std::vector items{shown("9")};
    items[0].parent_id = "post-1";
    EXPECT_EQ(match_sent_part(sent(), items).kind, Kind::match);
    items[0].parent_id = "";
    items[0].visibility = Visibility::private_;
    EXPECT_EQ(match_sent_part(sent(), items).kind, Kind::match);
}

TEST(MatchSentPart, IgnoresWhatWasThereBeforeOrIsBoundElsewhere)
{
    const std::vector<std::string> known{"9", "7"};
    auto edited = shown("10");
    edited.earlier_ids = {"7"};
    const std::vector items{shown("9"), edited};
    EXPECT_EQ(match_sent_part(sent(known), items).kind, Kind::none);
}

TEST(MatchSentPart, TellsANearMissFromAMatch)
{
    auto other = shown("8", 1s);
    other.text = "Verifichiamo.";
    EXPECT_EQ(match_sent_part(sent(), std::vector{other}).kind, Kind::near_miss);
    const auto result = match_sent_part(sent(), std::vector{other, shown("9")});
    EXPECT_EQ(result.kind, Kind::match);
    EXPECT_EQ(result.platform_id, "9");
}

TEST(MatchSentPart, OfTwoTakesTheOlderAndARepeatedItemOnce)
{
    const auto two = match_sent_part(sent(), std::vector{shown("9", 8s), shown("8", 2s)});
    EXPECT_EQ(two.kind, Kind::two_matches);
    EXPECT_EQ(two.platform_id, "8");
    EXPECT_EQ(match_sent_part(sent(), std::vector{shown("9"), shown("9")}).kind, Kind::match);
}

TEST(ReadBack, ComesSoonThenSeldomThenNeverAgain)
{
    const std::vector<Duration> expected{2s, 5s, 15s, 60s, 5min, 15min, 60min, 2h, 3h};
    auto now = deadline;
    for (std::size_t reads = 0; reads < expected.size(); ++reads) {
        const auto next = next_read_back(deadline, static_cast<std::int32_t>(reads), now);
        ASSERT_TRUE(next);
        EXPECT_EQ(*next - deadline, expected[reads]);
        now = *next;
    }
    EXPECT_EQ(next_read_back(deadline, 29, deadline + 23h), deadline + 24h);
    EXPECT_EQ(next_read_back(deadline, 30, deadline + 24h), std::nullopt);
}

TEST(ReadBack, CatchesUpAfterAnOutageWithoutHaste)
{
    EXPECT_EQ(next_read_back(deadline, 1, deadline + 3h), deadline + 3h + 1min);
    EXPECT_EQ(next_read_back(deadline, 8, deadline + 150min), deadline + 3h);
    EXPECT_EQ(next_read_back(deadline, 0, deadline + 30h), deadline + 30h + 1min) << "never read: that must still be done";
    EXPECT_EQ(next_read_back(deadline, 3, deadline + 30h), std::nullopt);
}

TEST(ReadBack, ConcludesAbsenceOnlyFromEnoughEvidence)
{
    EXPECT_TRUE(is_absent(deadline, deadline + 15min, 3, true));
    EXPECT_FALSE(is_absent(deadline, deadline + 15min - 1us, 3, true));
    EXPECT_FALSE(is_absent(deadline, deadline + 15min, 2, true));
    EXPECT_FALSE(is_absent(deadline, deadline + 15min, 3, false));
}

Delivery whole(std::initializer_list<Delivery> states)
{
    std::vector<ReplyPart> parts;
    for (const auto state : states) parts.emplace_back().state = state;
    return state_of_reply(parts);
}

TEST(StateOfReply, FollowsFromItsParts)
{
    using enum Delivery;
    EXPECT_EQ(whole({published, published}), published);
    EXPECT_EQ(whole({published, queued}), sending);
    EXPECT_EQ(whole({published, reserved}), sending);
    EXPECT_EQ(whole({sending, queued}), sending);
    EXPECT_EQ(whole({reserved, queued}), reserved);
    EXPECT_EQ(whole({queued, queued}), queued);
    EXPECT_EQ(whole({cancelled, cancelled}), cancelled);
    EXPECT_EQ(whole({published, failed, cancelled}), failed);
    EXPECT_EQ(whole({published, unknown, failed}), unknown);
    EXPECT_EQ(whole({unknown, needs_decision, failed}), needs_decision);
}

} // namespace
} // namespace sportello::domain
