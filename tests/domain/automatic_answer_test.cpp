#include <sportello/domain/automatic_answer.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Instant written = base::parse_rfc3339("2026-03-02T10:00:00Z").value();

TEST(AutomaticAnswer, OnlyInPrivateAndInsideTheWindow)
{
    struct Case {
        Platform platform;
        Visibility visibility;
        Duration later;
        bool allowed;
    };
    for (const Case& c :
         {Case{Platform::facebook, Visibility::private_, 1h, true}, Case{Platform::facebook, Visibility::private_, 24h, false},
          Case{Platform::twitter, Visibility::private_, 24h * 30, true}, Case{Platform::facebook, Visibility::public_, 1min, false},
          Case{Platform::twitter, Visibility::public_, 1min, false}}) {
        AutomaticFacts facts;
        facts.platform = c.platform;
        facts.visibility = c.visibility;
        facts.last_private_inbound_at = written;
        EXPECT_EQ(why_no_automatic_answer(facts, written + c.later).empty(), c.allowed)
            << to_string(c.platform) << " " << to_string(c.visibility) << " " << why_no_automatic_answer(facts, written + c.later);
    }
}

TEST(AutomaticAnswer, NeverToWhatStandsApartNorWhereNobodyWrote)
{
    AutomaticFacts facts{.visibility = Visibility::private_, .last_private_inbound_at = written, .aside = {}};
    ASSERT_TRUE(why_no_automatic_answer(facts, written).empty());
    facts.aside = "spam";
    EXPECT_NE(why_no_automatic_answer(facts, written), "");
    facts.aside.clear();
    facts.closed = true;
    EXPECT_NE(why_no_automatic_answer(facts, written), "");
    facts.closed = false;
    facts.last_private_inbound_at.reset();
    EXPECT_NE(why_no_automatic_answer(facts, written), "");
}

} // namespace
} // namespace sportello::domain
