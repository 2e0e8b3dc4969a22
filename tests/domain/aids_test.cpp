#include "support/test_seed.hpp"

#include <sportello/domain/approval.hpp>
#include <sportello/domain/clues.hpp>
#include <sportello/domain/mentions.hpp>
#include <sportello/domain/placeholders.hpp>
#include <sportello/domain/rating.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>
#include <vector>

namespace sportello::domain {
namespace {

Expansion expanded(std::string_view text, const std::map<std::string, std::string, std::less<>>& values)
{
    return expand(text, [&](std::string_view name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    });
}

TEST(Placeholders, AreReplacedByTheirValues)
{
    const auto made = expanded("Gentile {{customer.name}}, ticket {{ ticket.id }}. {{signature}}",
                               {{"customer.name", "Anna"}, {"ticket.id", "7"}, {"signature", "TIM"}});
    EXPECT_EQ(made.text, "Gentile Anna, ticket 7. TIM");
    EXPECT_TRUE(made.missing.empty());
}

TEST(Placeholders, AValueIsNeverExpandedAgain)
{
    const auto made =
        expanded("{{customer.name}} {{agent.name}}", {{"customer.name", "{{signature}} {{"}, {"agent.name", "}}"}, {"signature", "X"}});
    EXPECT_EQ(made.text, "{{signature}} {{ }}");
}

TEST(Placeholders, WhatIsUnknownStaysAndWhatIsMissingIsTold)
{
    const auto made = expanded("{{customer.iban}}{{customer.handle}}{{customer.handle}}{{}}{{", {});
    EXPECT_EQ(made.text, "{{customer.iban}}{{}}{{");
    EXPECT_EQ(made.missing, std::vector<std::string>{"customer.handle"});
    EXPECT_EQ(wrong_placeholder("a {{customer.iban}} b"),
              "there is no placeholder {{customer.iban}}; there are {{agent.name}}, {{brand.name}}, "
              "{{customer.handle}}, {{customer.name}}, {{signature}}, {{ticket.id}}, {{ticket.subject}}");
    EXPECT_EQ(wrong_placeholder("a {{customer.name}} {{ b"), std::nullopt);
}

TEST(Placeholders, WhateverCustomersAreCalledTheResultHoldsItOnceAndAsItIs)
{
    std::mt19937_64 random(test::test_seed(31));
    const std::string alphabet = "{}ab. ";
    for (int round = 0; round < 2000; ++round) {
        std::string name;
        for (auto length = random() % 12; length > 0; --length) name += alphabet[random() % alphabet.size()];
        ASSERT_EQ(expanded("<{{customer.name}}>", {{"customer.name", name}}).text, "<" + name + ">");
    }
}

struct ClueCase {
    const char* text;
    std::vector<Clue> clues;
    friend void PrintTo(const ClueCase& c, std::ostream* out) { *out << c.text; }
};
Clue phone(std::string value)
{
    return {Clue::Kind::phone, std::move(value)};
}
Clue contract(std::string value)
{
    return {Clue::Kind::contract, std::move(value)};
}
class Clues : public testing::TestWithParam<ClueCase> {};
TEST_P(Clues, AreFoundAndNormalized)
{
    EXPECT_EQ(clues_in(GetParam().text), GetParam().clues);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Clues,
    testing::Values(ClueCase{"il mio numero è 333 1234567", {phone("3331234567")}}, ClueCase{"+39 333.123.4567!", {phone("3331234567")}},
                    ClueCase{"0039-333-1234567", {phone("3331234567")}}, ClueCase{"393331234567", {phone("3331234567")}},
                    ClueCase{"06/12345678 oppure (333) 1234567", {phone("0612345678"), phone("3331234567")}},
                    ClueCase{"333 1234567 e ancora 3331234567", {phone("3331234567")}}, ClueCase{"+44 333 1234567", {}},
                    ClueCase{"sono 3 giorni, 187 non risponde, dal 2026", {}}, ClueCase{"pratica 12345", {}},
                    ClueCase{"il 12/03/2026 alle 10.30", {}}, ClueCase{"A3331234567 e 3331234567B", {}},
                    ClueCase{"Codice cliente n. 0881234567890", {contract("0881234567890")}},
                    ClueCase{"contratto: ab123456", {contract("AB123456")}},
                    ClueCase{"numero di contratto 3331234567", {contract("3331234567")}},
                    ClueCase{"il contratto che ho firmato nel 2019", {}}, ClueCase{"contratto 1234", {}}, ClueCase{"", {}}));

TEST(Clues, AreAtMostTenOfAnyText)
{
    std::string text;
    for (int i = 0; i < 40; ++i) text += "33312345" + std::to_string(10 + i) + ", ";
    EXPECT_EQ(clues_in(text).size(), 10U);
    EXPECT_EQ(shown_clue("3331234567"), "…4567");
    EXPECT_EQ(shown_clue("12"), "…12");
}

struct RatingCase {
    const char* text;
    std::optional<int> score;
    friend void PrintTo(const RatingCase& c, std::ostream* out) { *out << c.text; }
};
class Ratings : public testing::TestWithParam<RatingCase> {};
TEST_P(Ratings, AreReadOnlyWhereNothingElseIsSaid)
{
    EXPECT_EQ(rating_in(GetParam().text), GetParam().score);
}
INSTANTIATE_TEST_SUITE_P(Table, Ratings,
                         testing::Values(RatingCase{"5", 5}, RatingCase{" 1 ", 1}, RatingCase{"4!", 4}, RatingCase{"Voto 4", 4},
                                         RatingCase{"4/5", 4}, RatingCase{"3 su 5", 3}, RatingCase{"4 of 5", 4},
                                         RatingCase{"5 stelle, grazie", 5}, RatingCase{"⭐⭐⭐", 3}, RatingCase{"⭐⭐⭐⭐⭐⭐", std::nullopt},
                                         RatingCase{"0", std::nullopt}, RatingCase{"6", std::nullopt}, RatingCase{"-5", std::nullopt},
                                         RatingCase{"10", std::nullopt}, RatingCase{"5 giorni senza linea", std::nullopt},
                                         RatingCase{"ancora guasto", std::nullopt}, RatingCase{"3/10", std::nullopt},
                                         RatingCase{"", std::nullopt}, RatingCase{"2 3", std::nullopt}));

TEST(Mentions, AreTheLoginsAfterAnAtSign)
{
    const std::pair<std::string_view, std::vector<std::string>> cases[] = {
        {"@anna guarda", {"anna"}},
        {"chiedi a @Anna, @sara.r e @anna.", {"anna", "sara.r"}},
        {"scrivi a mara@example.com", {}},
        {"mara.@example.com", {}},
        {"(@bruno-2)", {"bruno-2"}},
        {"è@anna", {}},
        {"@ @@ @.", {}},
        {"@x@example.com!", {"x@example.com"}},
        {"", {}},
    };
    for (const auto& [text, logins] : cases) EXPECT_EQ(mentions_in(text), logins) << text;
    std::string many;
    for (int i = 0; i < 50; ++i) many += "@a" + std::to_string(i) + " ";
    EXPECT_EQ(mentions_in(many).size(), 20U);
}

TEST(Approval, IsNeededByPersonAndByLabelAndNeverGivenToOneself)
{
    ApprovalPolicy policy{.labels = {"legale"}, .broadcasts = false};
    Agent anna;
    anna.id = AgentId{1};
    anna.name = "Anna";
    Agent nino;
    nino.id = AgentId{2};
    nino.needs_approval = true;
    const std::vector<std::string> labels{"guasto", "legale"};
    EXPECT_EQ(why_approval(policy, anna, {}), "");
    EXPECT_NE(why_approval(policy, anna, labels), "");
    EXPECT_NE(why_approval({}, nino, {}), "");
    EXPECT_EQ(why_broadcast_approval(policy, anna), "");
    EXPECT_NE(why_broadcast_approval(policy, nino), "");
    policy.broadcasts = true;
    EXPECT_NE(why_broadcast_approval(policy, anna), "");
    EXPECT_FALSE(may_decide(anna, anna.id));
    EXPECT_TRUE(may_decide(anna, nino.id));
    EXPECT_FALSE(may_decide(nino, anna.id));
}

} // namespace
} // namespace sportello::domain
