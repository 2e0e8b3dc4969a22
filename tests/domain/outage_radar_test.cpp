#include "support/outage_texts.hpp"
#include "support/test_seed.hpp"

#include <sportello/domain/incident.hpp>
#include <sportello/domain/outage_usual.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Gazetteer& italy()
{
    return *Gazetteer::italy();
}

struct Town {
    Instant now = base::parse_rfc3339("2026-03-02T10:00:00Z").value();
    std::vector<OutageSignal> recent;
    std::int64_t people = 0;

    std::optional<OutageProposal> says(std::vector<std::string> services, std::vector<std::string> places, base::Duration after = 10s)
    {
        now += after;
        recent.push_back({now, ++people, "tim", std::move(services), std::move(places)});
        return look_for_outage(recent, recent.back(), least_usual, {}, italy());
    }
};

TEST(Radar, AFewPeopleOfOneTownAreEnough)
{
    Town town;
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(town.says({"internet"}, {"BO/Bologna"})) << "after " << i + 1;
    const auto found = town.says({"internet"}, {"BO/Bologna"});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pattern, (OutagePattern{"internet", {"BO/Bologna"}}));
    EXPECT_EQ(found->members.size(), 6U);
    EXPECT_EQ(found->why, "6 people in 10 minutes write of internet in Bologna; usual at this hour are 0.0");
}

TEST(Radar, OnePersonWhoWritesOftenIsOnePerson)
{
    Town town;
    for (int i = 0; i < 50; ++i) {
        town.people = 7;
        EXPECT_FALSE(town.says({"internet"}, {"BO/Bologna"}));
    }
}

TEST(Radar, SlowOrdinaryTroubleIsNoOutage)
{
    Town town;
    const char* towns[] = {"RM/Roma", "MI/Milano", "NA/Napoli", "TO/Torino", "PA/Palermo"};
    for (int i = 0; i < 200; ++i) {
        std::vector<std::string> place;
        if (i % 2) place.emplace_back(towns[i % 5]);
        EXPECT_FALSE(town.says({i % 3 ? "internet" : "mobile"}, place, 20min)) << i;
    }
}

TEST(Radar, IsDrawnAsWideAsPeopleDrawIt)
{
    Town province;
    std::optional<OutageProposal> found;
    for (const char* place : {"BO/Bologna", "BO/Imola", "BO/Budrio", "BO/Medicina", "BO/Bologna", "BO/Imola", "BO/Budrio"}) {
        if (!found) found = province.says({"internet"}, {place});
    }
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pattern.places, std::vector<std::string>{"BO"});
    Town country;
    found.reset();
    for (const char* place : {"BO/Bologna", "MI/Milano", "RM/Roma", "NA/Napoli", "TO/Torino", "PA/Palermo", "GE/Genova", "BA/Bari"}) {
        if (!found) found = country.says({"mobile"}, {place});
    }
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pattern, (OutagePattern{"mobile", {}}));
}

TEST(Radar, WhatIsUsualIsNoOutage)
{
    EXPECT_EQ(usual_rate({}, 0.5), 0.5);
    const std::vector<double> weeks{2, 3, 40, 1};
    EXPECT_EQ(usual_rate(weeks, 0.5), 2) << "the week of an outage does not count";
    Town town;
    const auto busy = [](std::string_view, std::string_view) { return 60.0; };
    for (int i = 0; i < 12; ++i) {
        town.says({"internet"}, {}, 50s);
        EXPECT_FALSE(look_for_outage(town.recent, town.recent.back(), busy, {}, italy()));
    }
}

TEST(Radar, ThePoissonTailIsRight)
{
    EXPECT_DOUBLE_EQ(poisson_tail(0, 3), 1);
    EXPECT_NEAR(poisson_tail(1, 0.5), 1 - std::exp(-0.5), 1e-12);
    EXPECT_NEAR(poisson_tail(2, 2), 1 - 3 * std::exp(-2.0), 1e-12);
    EXPECT_GT(poisson_tail(30, 1), 0) << "small chances keep their digits";
    EXPECT_LT(poisson_tail(30, 1), 1e-30);
    for (int n = 1; n < 100; ++n) EXPECT_LE(poisson_tail(n + 1, 20), poisson_tail(n, 20));
}

TEST(Incident, TakesWhatIsAboutIt)
{
    Incident incident;
    incident.pattern = {"internet", {"BO"}};
    incident.state = IncidentState::confirmed;
    incident.brands = {"tim"};
    incident.widens = false;
    const Instant now = base::parse_rfc3339("2026-03-02T10:00:00Z").value();
    const auto joins = [&](std::string_view text, std::string_view brand = "tim", bool under_post = false) {
        return joins_incident(incident, OutageReader::usual()->read(text), brand, under_post, italy(), now);
    };
    EXPECT_TRUE(joins("Internet non va a Imola").joins);
    EXPECT_EQ(joins("Internet non va a Imola").why, "says \"non va\" of internet in Imola; names internet and names Imola");
    EXPECT_FALSE(joins("Internet non va a Milano").joins);
    EXPECT_FALSE(joins("Il decoder è bloccato a Imola").joins) << "another service";
    EXPECT_FALSE(joins("Internet non va a Imola", "impresa").joins) << "another brand";
    EXPECT_FALSE(joins("Internet non va").joins) << "nobody has written yet";
    EXPECT_TRUE(joins("anche qui!", "tim", true).joins);
    EXPECT_FALSE(joins("e la mia bolletta?", "tim", true).joins);
    incident.members = 40;
    incident.last_member_at = now - 5min;
    EXPECT_TRUE(joins("Internet non va").joins);
    incident.last_member_at = now - 3h;
    EXPECT_FALSE(joins("Internet non va").joins);
    incident.state = IncidentState::closed;
    EXPECT_FALSE(joins("Internet non va a Imola").joins);
}

TEST(Incident, KeepsAsideOnlyWhatATextToAllAnswers)
{
    Incident incident;
    incident.state = IncidentState::confirmed;
    const auto aside = [&](std::string_view text, bool opens) {
        return waits_aside(incident, OutageReader::usual()->read(text), opens).aside;
    };
    EXPECT_TRUE(aside("Internet non va a Imola", true));
    EXPECT_FALSE(aside("Internet non va e la bolletta è sbagliata", true));
    EXPECT_TRUE(aside("quando torna?", false));
    EXPECT_FALSE(aside("mi serve il numero del vostro negozio", false));
    incident.state = IncidentState::proposed;
    EXPECT_FALSE(aside("Internet non va a Imola", true));
}

/// Thirty quiet days of some 120 messages each, at the hours at which people write; nothing is known of the weeks before.
TEST(Radar, StaysQuietOnThirtyQuietDays)
{
    int alarms = 0;
    test::OutageTexts texts(test::test_seed(1));
    Instant now = base::parse_rfc3339("2026-03-02T00:00:00Z").value();
    const Instant end = now + 24h * 30;
    std::vector<OutageSignal> recent;
    std::exponential_distribution<double> gap(1.0);
    std::int64_t person = 0;
    while (now < end) {
        const auto hour = std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch()).count() % 24;
        const double a_day = hour >= 7 && hour < 21 ? 180 : 36;
        now += std::chrono::microseconds(static_cast<std::int64_t>(gap(texts.random()) * 86.4e9 / a_day));
        const OutageReading reading = OutageReader::usual()->read(texts.ordinary());
        if (!reading.outage || !reading.other_matter.empty()) continue;
        std::erase_if(recent, [&](const OutageSignal& old) { return old.at < now - 1h; });
        recent.push_back({now, ++person, "tim", reading.services, reading.places});
        alarms += look_for_outage(recent, recent.back(), least_usual, {}, italy()).has_value();
    }
    EXPECT_EQ(alarms, 0);
}

TEST(Radar, FindsMostOfWhatIsGenerated)
{
    test::OutageTexts texts(1);
    int found = 0;
    int placed = 0;
    int else_found = 0;
    int asked_else = 0;
    constexpr int reports = 2000;
    for (int i = 0; i < reports; ++i) {
        const auto report = texts.report("Bologna");
        const OutageReading reading = OutageReader::usual()->read(report.text);
        found += reading.outage;
        placed += report.placed && reading.places == std::vector<std::string>{"BO/Bologna"};
        placed += !report.placed && reading.places.empty();
        asked_else += report.asks_else;
        else_found += report.asks_else && !reading.other_matter.empty();
    }
    EXPECT_GT(found, reports * 95 / 100);
    EXPECT_GT(placed, reports * 98 / 100);
    EXPECT_GT(else_found, asked_else * 95 / 100);
}

} // namespace
} // namespace sportello::domain
