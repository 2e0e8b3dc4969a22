#include <sportello/domain/broadcast.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

TEST(FirstName, IsANameOrNothing)
{
    const std::pair<const char*, const char*> names[] = {{"Mara Rossi", "Mara"},
                                                         {"MARA ROSSI", "Mara"},
                                                         {"nicolò", "Nicolò"},
                                                         {"D'Angelo", "D'Angelo"},
                                                         {"Anna-Maria B.", "Anna-Maria"},
                                                         {"McKay", "McKay"},
                                                         {"x_æ", ""},
                                                         {"♥ Lia ♥", ""},
                                                         {"Bar Sport", ""},
                                                         {"user123", ""},
                                                         {"{name}", ""},
                                                         {"@mara", ""},
                                                         {"", ""},
                                                         {"http://evil.example", ""},
                                                         {"Bcdfg", ""},
                                                         {"Z", ""},
                                                         {"Éric", "Éric"},
                                                         {"Aaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""}};
    for (const auto& [given, expected] : names) EXPECT_EQ(first_name(given), expected) << given;
}

TEST(Broadcast, ReplacesOnceAndNeverWhatACustomerIsCalled)
{
    BroadcastFacts facts;
    facts.name = "{reference}";
    facts.ticket = TicketId{42};
    facts.brand = "TIM";
    EXPECT_EQ(compose_broadcast("Ciao {name}, qui {brand}.", facts), "Ciao {reference}, qui TIM.");
    facts.name = "";
    EXPECT_EQ(compose_broadcast("Ciao {name}, ci siamo.", facts), "Ciao, ci siamo.");
    EXPECT_EQ(compose_broadcast("ci siamo.", facts), "Buongiorno, ci siamo.");
    facts.name = "Mara";
    EXPECT_EQ(compose_broadcast("ci siamo.", facts), "Ciao Mara, ci siamo.");
    facts.language = "en";
    EXPECT_EQ(compose_broadcast("we are on it.", facts), "Hi Mara, we are on it.");
    EXPECT_EQ(compose_broadcast("{ } {1} {unfinished", facts), "Hi Mara, { } {1} {unfinished");
}

TEST(Broadcast, IsAnotherTextForEachOnX)
{
    BroadcastFacts facts;
    facts.platform = Platform::twitter;
    facts.ticket = TicketId{42};
    EXPECT_EQ(compose_broadcast("Ciao {name}.", facts), "Ciao. (rif. #42)");
    EXPECT_EQ(compose_broadcast("{reference}: ciao {name}.", facts), "#42: ciao.");
    facts.visibility = Visibility::private_;
    EXPECT_EQ(compose_broadcast("Ciao {name}.", facts), "Ciao.");
}

TEST(Broadcast, NamesAPlaceholderThatThereIsNot)
{
    EXPECT_TRUE(check_broadcast("Ciao {name} {reference} {brand} {service} {place} {"));
    const auto wrong = check_broadcast("Ciao {nome}");
    ASSERT_FALSE(wrong);
    EXPECT_NE(std::string(wrong.error().what()).find("{nome}"), std::string::npos);
}

TEST(Broadcast, TheClosestVariantCounts)
{
    const BroadcastTexts texts{"all", {{"tim", "of tim"}, {"twitter", "on X"}, {"tim/twitter", "of tim on X"}}};
    EXPECT_EQ(texts.of("tim", Platform::twitter), "of tim on X");
    EXPECT_EQ(texts.of("tim", Platform::facebook), "of tim");
    EXPECT_EQ(texts.of("impresa", Platform::twitter), "on X");
    EXPECT_EQ(texts.of("impresa", Platform::facebook), "all");
}

} // namespace
} // namespace sportello::domain
