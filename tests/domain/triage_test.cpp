// Rules of triage as plain values; languages; what asks nobody anything.
#include <sportello/domain/language.hpp>
#include <sportello/domain/noise.hpp>
#include <sportello/domain/triage.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>

namespace {

using namespace sportello;
using namespace std::chrono_literals;
using domain::TriageRule;

base::Instant at(std::string_view text)
{
    return base::parse_rfc3339(text).value();
}

domain::Calendar triage_office()
{
    domain::CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
    return domain::Calendar::make(spec).value();
}

/// A Tuesday morning's message of somebody whom nobody knows.
struct Scene {
    domain::Calendar calendar = triage_office();
    domain::Ticket ticket;
    std::vector<std::string> labels{"guasto"};
    domain::TriageFacts facts;

    Scene()
    {
        ticket.brand = "tim";
        ticket.channel = "tim-x";
        ticket.platform = domain::Platform::twitter;
        ticket.language = "it";
        facts.ticket = &ticket;
        facts.labels = &labels;
        facts.text = "La LINEA è muta da ieri, perché?";
        facts.kind = domain::MessageKind::mention;
        facts.customer_handle = "MarioRossi";
        facts.customer_name = "Mario Rossi";
        facts.calendar = &calendar;
        facts.at = at("2026-03-03T10:00:00+01:00");
    }
};

TEST(Triage, EachConditionCanKeepARuleFromFiring)
{
    struct Case {
        const char* name;
        std::function<void(domain::TriageCondition&)> yes;
        std::function<void(domain::TriageCondition&)> no;
    };
    const auto pattern = [](const char* text) { return domain::TextPattern::compile(text).value(); };
    const auto night = [](const char* windows) {
        domain::CalendarSpec spec;
        for (auto& day : spec.weekly) day = domain::parse_windows(windows).value();
        return std::map<std::string, std::shared_ptr<const domain::Calendar>, std::less<>>{
            {"Europe/Rome", std::make_shared<const domain::Calendar>(domain::Calendar::make(spec).value())}};
    };
    const Case cases[] = {
        {"text", [&](auto& w) { w.text = pattern("linea .* muta"); }, [&](auto& w) { w.text = pattern("(?-i)linea"); }},
        {"unicode", [&](auto& w) { w.text = pattern("PERCHÉ"); }, [&](auto& w) { w.text = pattern("^muta"); }},
        {"channel",
         [](auto& w) {
             w.channels = {"a", "tim-x"};
         },
         [](auto& w) { w.channels = {"a"}; }},
        {"brand", [](auto& w) { w.brands = {"tim"}; }, [](auto& w) { w.brands = {"impresa"}; }},
        {"platform", [](auto& w) { w.platform = domain::Platform::twitter; }, [](auto& w) { w.platform = domain::Platform::facebook; }},
        {"visibility", [](auto& w) { w.visibility = domain::Visibility::public_; },
         [](auto& w) { w.visibility = domain::Visibility::private_; }},
        {"language", [](auto& w) { w.languages = {"it"}; },
         [](auto& w) {
             w.languages = {"en", ""};
         }},
        {"label",
         [](auto& w) {
             w.labels = {"x", "guasto"};
         },
         [](auto& w) { w.labels = {"x"}; }},
        {"status", [](auto& w) { w.statuses = {domain::TicketStatus::new_}; },
         [](auto& w) { w.statuses = {domain::TicketStatus::solved}; }},
        {"priority", [](auto& w) { w.priorities = {domain::Priority::normal}; }, [](auto& w) { w.priorities = {domain::Priority::high}; }},
        {"kind", [](auto& w) { w.kinds = {domain::MessageKind::mention}; }, [](auto& w) { w.kinds = {domain::MessageKind::post}; }},
        {"handle", [](auto& w) { w.customers = {"mariorossi"}; }, [](auto& w) { w.customers = {"luca"}; }},
        {"name", [](auto& w) { w.customers = {"mario rossi"}; }, [](auto& w) { w.customers = {"mario"}; }},
        {"known", [](auto& w) { w.known_customer = false; }, [](auto& w) { w.known_customer = true; }},
        {"assigned", [](auto& w) { w.assigned = false; }, [](auto& w) { w.assigned = true; }},
        {"office", [](auto& w) { w.office_open = true; }, [](auto& w) { w.office_open = false; }},
        {"hours", [&](auto& w) { w.hours = night("09:30-10:30"); }, [&](auto& w) { w.hours = night("22:00-06:00"); }},
        {"delivery", [](auto&) {}, [](auto& w) { w.deliveries = {domain::Delivery::failed}; }},
    };
    const Scene scene;
    for (const Case& c : cases) {
        TriageRule rule;
        c.yes(rule.when);
        EXPECT_TRUE(applies(rule, scene.facts)) << c.name;
        c.no(rule.when);
        EXPECT_FALSE(applies(rule, scene.facts)) << c.name;
    }
}

TEST(Triage, OfficeIsAskedForTheTimeOfTheMessage)
{
    Scene scene;
    TriageRule rule;
    rule.when.office_open = false;
    for (const auto& [time, closed] : {std::pair{"2026-03-03T08:59:59+01:00", true},
                                       {"2026-03-03T09:00:00+01:00", false},
                                       {"2026-03-03T18:00:00+01:00", true},
                                       {"2026-03-07T10:00:00+01:00", true}}) {
        scene.facts.at = at(time);
        EXPECT_EQ(applies(rule, scene.facts), closed) << time;
    }
}

TEST(Triage, ARuleDoesWhatItSaysOnceAndTellsIt)
{
    Scene scene;
    TriageRule rule;
    rule.name = "guasti";
    rule.then.labels = {"guasto", "linea"};
    rule.then.priority = domain::Priority::high;
    rule.then.team = "tecnici";
    rule.then.hold = true;
    rule.then.proposal = "scuse";
    const domain::ServiceTarget target{&scene.calendar, 1h};
    const auto did = carry_out(rule, scene.ticket, scene.labels, target, scene.facts.at);
    EXPECT_EQ(did, (std::vector<std::string>{"label linea", "priority high", "team tecnici", "put on hold", "proposes the answer scuse"}));
    EXPECT_EQ(scene.ticket.status, domain::TicketStatus::on_hold);
    EXPECT_EQ(scene.ticket.priority_why, "rule \"guasti\"");
    EXPECT_EQ(carry_out(rule, scene.ticket, scene.labels, target, scene.facts.at), (std::vector<std::string>{"proposes the answer scuse"}));
}

TEST(Triage, ClocksOfTimeRulesRunOnlyWhileTheyMean)
{
    Scene scene;
    TriageRule rule;
    rule.trigger = domain::TriageTrigger::time;
    rule.when.since = domain::TriageClock::received;
    EXPECT_FALSE(occasion_of(rule, scene.ticket));
    scene.ticket.waiting_since = scene.facts.at;
    const auto first = occasion_of(rule, scene.ticket);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->since, scene.facts.at);
    scene.ticket.waiting_since = scene.facts.at + 1s;
    EXPECT_NE(occasion_of(rule, scene.ticket)->key, first->key);
    rule.when.since = domain::TriageClock::answered;
    EXPECT_FALSE(occasion_of(rule, scene.ticket));
    scene.ticket.status = domain::TicketStatus::pending;
    scene.ticket.last_direction = domain::Direction::outbound;
    EXPECT_TRUE(occasion_of(rule, scene.ticket));
    rule.when.since = domain::TriageClock::assigned;
    EXPECT_FALSE(occasion_of(rule, scene.ticket));
    scene.ticket.assignee = domain::AgentId{4};
    EXPECT_EQ(occasion_of(rule, scene.ticket)->key, "assigned:4");
}

TEST(TextPattern, IsBoundedWhateverIsWritten)
{
    EXPECT_EQ(domain::TextPattern::compile("a(").error().what(), "missing ): a(");
    EXPECT_FALSE(domain::TextPattern::compile(""));
    EXPECT_FALSE(domain::TextPattern::compile(std::string(1001, 'a')));
    EXPECT_FALSE(domain::TextPattern::compile("(((((((((a{1000}){1000}){1000}){1000}){1000})))))"));
    EXPECT_FALSE(domain::TextPattern::compile("\xFF"));
    std::string text(1'000'000, 'a');
    text += std::string("\xFF\0é", 4);
    const auto begin = std::clock();
    for (const char* pattern : {"(a*)*b", "(a|aa)+$", "(.*)(.*)(.*)x", "(x+x+)+y"})
        (void)domain::TextPattern::compile(pattern).value().matches(text);
    EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC);
}

TEST(Language, IsToldWhenItCanBe)
{
    EXPECT_EQ(domain::language_of("Buongiorno, la mia linea telefonica non funziona da tre giorni e nessuno mi risponde", "it"), "it");
    EXPECT_EQ(domain::language_of("Good morning, my phone line has been dead for three days and nobody answers my calls", "it"), "en");
    EXPECT_EQ(domain::language_of("Guten Morgen, meine Leitung ist seit drei Tagen tot und niemand antwortet mir", "it"), "de");
    EXPECT_EQ(domain::language_of("@TIM_official #adsl https://example.com/help", "it"), "");
    EXPECT_EQ(domain::language_of("", "it"), "");
    EXPECT_EQ(domain::language_of("???", "it"), "");
    EXPECT_EQ(domain::language_of("@TIM linea muta grazie", "it"), "it");
    (void)domain::language_of(std::string("\xFF\xC3\0 ciao", 8), "it");
    (void)domain::language_of(std::string(1'000'000, 'a'), "");
}

domain::Message public_message(std::string text)
{
    domain::Message message;
    message.platform = domain::Platform::twitter;
    message.text = std::move(text);
    return message;
}

TEST(Noise, IsOnlyWhatAsksNobodyAnything)
{
    const auto aside = [](const char* text) { return std::string(judge_noise(public_message(text), false).aside); };
    for (const char* text : {"RT @TIM_official: nuove offerte per tutti", "@TIM_official @luca", "@TIM_official #promo", "@TIM_official 😂😂",
                             "😂", "👍🏽", ".@TIM_official @anna #festival 🎉", "!!!"}) {
        EXPECT_EQ(aside(text), "noise") << text;
    }
    for (const char* text : {"Guadagna con bitcoin https://scam.example", "@a @b @c @d @e https://scam.example"})
        EXPECT_EQ(aside(text), "spam") << text;
    for (const char* text : {"@TIM_official ?", "@TIM_official ???", "@TIM_official aiuto", "@TIM_official #guasto #Napoli",
                             "@TIM_official #AiutatemI", "@TIM_official 187", "@TIM_official https://pic.example/1", "@TIM_official grazie",
                             "linea bitcoin guasta https://example.com", "", "RT ma la linea non va", "@TIM_official ¿", "ok"}) {
        EXPECT_EQ(aside(text), "") << text;
    }
    EXPECT_EQ(judge_noise(public_message("@TIM_official"), true).aside, "");
    auto own = public_message("👍");
    own.visibility = domain::Visibility::private_;
    EXPECT_EQ(judge_noise(own, false).aside, "");
    for (const std::string& hostile :
         {std::string("\xFF\xFE@"), std::string(1'000'000, '@'), std::string("\0#", 2), std::string(3000, '#')}) {
        (void)judge_noise(public_message(hostile), false);
    }
}

TEST(Noise, SetsHardlyAnyRealQuestionAside)
{
    const auto file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/data/support-conversations.ndjson";
    std::ifstream lines(file);
    if (!lines) GTEST_SKIP() << "needs " << file << ", which is not there";
    std::size_t inbound = 0;
    std::size_t roots = 0;
    std::size_t roots_aside = 0;
    std::size_t aside = 0;
    std::size_t english = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto item = nlohmann::json::parse(line);
        if (!item.at("inbound").get<bool>()) continue;
        const auto text = item.at("text").get<std::string>();
        const auto verdict = judge_noise(public_message(text), false);
        const bool root = item.at("in_reply_to").is_null();
        ++inbound;
        roots += root;
        aside += !verdict.aside.empty();
        roots_aside += root && !verdict.aside.empty();
        english += domain::language_of(text, "en") == "en";
        if (!verdict.aside.empty()) std::cout << verdict.aside << ": " << text << "\n";
    }
    std::cout << inbound << " of customers, " << aside << " set aside; of " << roots << " that open a conversation " << roots_aside
              << "; in English " << english << "\n";
    ASSERT_GT(roots, 100u);
    EXPECT_LE(roots_aside * 200, roots); // each of them began a conversation that somebody answered
    EXPECT_GT(english * 100, inbound * 80);
}

} // namespace
