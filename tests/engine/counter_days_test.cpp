// Days of a counter with nine agents, and what came of them: a quiet one of thirty tickets, real conversations, the day on
// which a fibre is cut, and a month in which nothing is broken. `./dev days` plays and prints them in full.
#include "support/counter.hpp"
#include "support/test_seed.hpp"

#include <sportello/engine/incidents.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <fstream>
#include <iostream>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> channels{"tim-facebook", "tim-x", "telecom-facebook", "telecom-x", "impresa-facebook", "impresa-x"};

std::int64_t asked_for(const char* name, std::int64_t otherwise)
{
    const char* asked = std::getenv(name);
    return asked ? std::atoll(asked) : otherwise;
}

/// Customers' messages of the scenario that the demo ships.
std::vector<std::string> shipped_texts()
{
    std::ifstream file(std::string(SPORTELLO_SOURCE_DIR) + "/config/scenario-demo.ndjson");
    std::vector<std::string> texts;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        const auto json = nlohmann::json::parse(line);
        if (!json.contains("in_reply_to")) texts.push_back(json.at("text").get<std::string>());
    }
    return texts;
}

struct Conversation {
    std::vector<std::string> texts; ///< the customer's, in order
};
/// Real public conversations, where they are beside the checkout.
std::vector<Conversation> real_conversations()
{
    std::ifstream file(std::string(SPORTELLO_SOURCE_DIR) + "/../shared/data/support-conversations.ndjson");
    std::vector<Conversation> conversations;
    std::map<std::string, std::size_t> place;
    for (std::string line; std::getline(file, line);) {
        const auto json = nlohmann::json::parse(line);
        if (!json.at("inbound").get<bool>()) continue;
        const auto [known, is_new] = place.try_emplace(json.at("conversation").get<std::string>(), conversations.size());
        if (is_new) conversations.emplace_back();
        conversations[known->second].texts.push_back(json.at("text").get<std::string>());
    }
    return conversations;
}

class CounterDays : public testing::Test {
protected:
    CounterDays() { spdlog::set_level(spdlog::level::off); }

    static std::int64_t proposals(Counter& counter) { return counter.house.count("SELECT count(*) FROM incident WHERE origin = 'radar'"); }
    /// Mean first answer in office minutes; of incidents' tickets or of the others.
    static double mean_minutes(Counter& counter, std::string_view of)
    {
        static std::map<std::string, std::string, std::less<>> kept; // statements are known by their address
        const auto [sql, is_new] = kept.try_emplace(std::string(of));
        if (is_new) {
            sql->second = "SELECT coalesce(CAST(avg(first_response_office_seconds) AS INTEGER), 0) FROM ticket WHERE " + std::string(of);
        }
        return static_cast<double>(counter.house.count(sql->second)) / 60;
    }
    static void print_answers(Counter& counter)
    {
        const auto kept = counter.house.count("SELECT count(*) FROM promise WHERE answered_at IS NOT NULL AND answered_at <= promised_at");
        const auto made = counter.house.count("SELECT count(*) FROM promise WHERE answered_at IS NOT NULL");
        std::cout << "  mean first answer " << mean_minutes(counter, "true") << " min of office time (without incidents "
                  << mean_minutes(counter, "incident_id IS NULL") << " min), " << kept << " of " << made << " promises kept, "
                  << counter.house.count("SELECT count(DISTINCT ticket_id) FROM clock_mark WHERE clock = 'response' AND breached_at IS NOT NULL")
                  << " tickets past their target\n";
    }
    /// Until everybody has an answer, or `most` has passed.
    static void work_until_done(Counter& counter, base::Duration most)
    {
        const base::Instant until = counter.now() + most;
        while (counter.now() < until && counter.waiting() > 0) {
            if (counter.open()) counter.minute();
            else counter.pass(15min);
        }
    }
    static void until_opening(Counter& counter)
    {
        while (!counter.open()) counter.pass(5min);
    }
};

TEST_F(CounterDays, ThirtyTickets)
{
    Counter counter({.seed = test_seed(3), .poll = 20s});
    const auto texts = shipped_texts();
    ASSERT_GE(texts.size(), 30U);
    until_opening(counter);
    for (std::size_t i = 0; i < 30; ++i) {
        counter.customer(channels[i % channels.size()], "cliente" + std::to_string(i), texts[i]);
        for (int minute = 0; minute < 16; ++minute) counter.minute();
    }
    work_until_done(counter, 24h);

    const auto tickets = counter.house.count("SELECT count(*) FROM ticket");
    std::cout << "A day of thirty tickets, nine agents: " << tickets << " tickets, " << counter.replies.size() << " replies\n";
    print_answers(counter);
    EXPECT_EQ(tickets, 30);
    EXPECT_EQ(counter.waiting(), 0);
    EXPECT_EQ(counter.house.count("SELECT count(*) FROM ticket WHERE first_response_at IS NULL AND aside = ''"), 0);
    EXPECT_LT(mean_minutes(counter, "true"), 60) << "the hour on average that the office promised";
    EXPECT_EQ(proposals(counter), 0) << "the scenario's complaints come from as many places";
}

TEST_F(CounterDays, RealConversations)
{
    auto conversations = real_conversations();
    if (conversations.empty()) GTEST_SKIP() << "../shared/data/support-conversations.ndjson is not there";
    conversations.resize(std::min<std::size_t>(conversations.size(), static_cast<std::size_t>(asked_for("SPORTELLO_CONVERSATIONS", 120))));
    Counter counter({.seed = test_seed(4)});
    until_opening(counter);
    std::int64_t days = 0;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        if (!counter.open()) {
            ++days;
            until_opening(counter);
        }
        const std::string channel = channels[i % channels.size()], who = "customer" + std::to_string(i);
        std::string last;
        for (const std::string& text : conversations[i].texts) last = counter.customer(channel, who, text, last);
        for (int minute = 0; minute < 9; ++minute) counter.minute();
    }
    work_until_done(counter, 72h);

    const auto tickets = counter.house.count("SELECT count(*) FROM ticket");
    const auto aside = counter.house.count("SELECT count(*) FROM ticket WHERE aside IN ('noise', 'spam')");
    std::cout << conversations.size() << " real conversations over " << days + 1 << " days: " << counter.messages << " messages, " << tickets
              << " tickets, " << aside << " set aside as noise, " << proposals(counter) << " incidents proposed\n";
    print_answers(counter);
    EXPECT_EQ(tickets, static_cast<std::int64_t>(conversations.size())) << "one conversation, one ticket";
    EXPECT_LE(aside * 20, tickets) << "more than one in twenty taken for noise";
    EXPECT_EQ(counter.waiting(), 0);
    EXPECT_LE(proposals(counter), 1);
}

TEST_F(CounterDays, AFibreIsCut)
{
    const auto cut = asked_for("SPORTELLO_OUTAGE_MESSAGES", 600);
    Counter counter({.seed = test_seed(5), .poll = 10s});
    until_opening(counter);
    const auto ordinary = shipped_texts();
    std::size_t next = 0;
    const auto somebody_asks = [&] {
        counter.customer(channels[next % channels.size()], "ordinario" + std::to_string(next), ordinary[next % ordinary.size()]);
        ++next;
    };
    for (int minute = 0; minute < 60; ++minute) {
        if (minute % 12 == 0) somebody_asks();
        counter.minute();
    }

    const std::vector<std::string> complaints{"niente internet a Foligno da dieci minuti", "la fibra non va, siamo a Foligno",
                                              "a Foligno è tutto giù, linea e internet", "internet assente, Foligno centro",
                                              "non funziona la fibra qui a Foligno, è un guasto?"};
    const base::Instant began = counter.now();
    std::int64_t written = 0, seen_after = 0;
    std::optional<base::Instant> proposed;
    domain::IncidentId incident;
    bool confirmed = false, told = false;
    const auto look = [&] {
        if (proposed || proposals(counter) == 0) return;
        proposed = counter.now();
        seen_after = written;
        incident = domain::IncidentId{counter.house.count("SELECT id FROM incident ORDER BY id LIMIT 1")};
    };
    engine::Command supervisor = counter.house.as(1);
    supervisor.actor.role = domain::Role::supervisor;
    for (int step = 0; step < 60; ++step) { // of ten seconds each
        for (std::int64_t i = 0; i < cut / 60; ++i) {
            const std::string& channel = channels[counter.dice.below(channels.size())];
            counter.customer(channel, "guasto" + std::to_string(written), complaints[static_cast<std::size_t>(written) % complaints.size()]);
            ++written;
        }
        counter.pass(10s);
        look();
    }
    for (int minute = 0; minute < 6 * 60; ++minute) {
        look();
        if (proposed && !confirmed && counter.now() > *proposed + 2min) {
            confirmed = static_cast<bool>(counter.house.run(counter.house.engine->incidents().confirm(incident, supervisor)));
        }
        if (confirmed && !told && counter.now() > *proposed + 5min) {
            domain::BroadcastTexts texts;
            texts.text = "Gentile {name}, a {place} c'è un guasto alla fibra: i tecnici sono al lavoro.";
            const auto sent = counter.house.run(counter.house.engine->incidents().broadcast(incident, texts, supervisor));
            EXPECT_TRUE(sent) << sent.error().what();
            told = static_cast<bool>(sent);
        }
        if (minute % 12 == 0 && minute < 5 * 60) somebody_asks();
        counter.minute();
    }
    work_until_done(counter, 24h * 3);

    ASSERT_TRUE(proposed);
    const auto members = counter.house.count("SELECT count(*) FROM incident_ticket WHERE left_at IS NULL");
    const auto strangers = counter.house.count("SELECT count(*) FROM incident_ticket i JOIN ticket t ON t.id = i.ticket_id JOIN identity p "
                                               "ON p.id = t.identity_id WHERE p.name NOT LIKE 'guasto%' AND i.left_at IS NULL");
    const auto twice = counter.house.count("SELECT count(*) FROM (SELECT 1 FROM reply WHERE text LIKE '%guasto alla fibra%' AND state = 'published' "
                                           "GROUP BY ticket_id HAVING count(*) > 1) AS told");
    const auto told_members = counter.house.count("SELECT count(DISTINCT ticket_id) FROM reply WHERE text LIKE '%guasto alla fibra%' AND state = "
                                                  "'published'");
    const auto foreign = counter.house.count("SELECT count(*) FROM reply r JOIN ticket t ON t.id = r.ticket_id WHERE r.channel <> t.channel");
    std::cout << written << " messages about a cut fibre in ten minutes: proposed "
              << std::chrono::duration_cast<std::chrono::seconds>(*proposed - began).count() << " s after the first, when at most " << seen_after
              << " had been written; " << members << " members, " << strangers << " of them strangers, " << told_members << " told by one text\n";
    print_answers(counter);
    EXPECT_TRUE(confirmed);
    EXPECT_TRUE(told);
    EXPECT_LE(seen_after, std::max<std::int64_t>(written / 20, 60)) << "seen too late";
    EXPECT_GE(members * 10, written * 9) << "nine of ten belong to it";
    EXPECT_LE(strangers * 50, members);
    EXPECT_GE(told_members * 10, members * 9);
    EXPECT_EQ(twice, 0) << "told twice";
    EXPECT_EQ(foreign, 0) << "by another brand's account";
    EXPECT_LT(mean_minutes(counter, "incident_id IS NULL"), 60) << "whoever asks something else is still answered within the hour";
}

TEST_F(CounterDays, NothingIsBroken)
{
    const auto days = asked_for("SPORTELLO_QUIET_DAYS", 5);
    Counter counter({.seed = test_seed(6), .poll = 2min});
    auto texts = shipped_texts();
    for (const Conversation& conversation : real_conversations()) texts.push_back(conversation.texts.front());
    const base::Instant until = counter.now() + days * 24h;
    while (counter.now() < until) {
        if (counter.dice.below(counter.open() ? 8 : 3) == 0) {
            counter.customer(channels[counter.dice.below(channels.size())], "cliente" + std::to_string(counter.messages),
                             texts[counter.dice.below(texts.size())]);
        }
        if (counter.open()) counter.minute();
        else counter.pass(15min);
    }
    std::cout << days << " days on which nothing is broken: " << counter.messages << " messages, " << proposals(counter)
              << " incidents proposed\n";
    print_answers(counter);
    EXPECT_LE(proposals(counter), days / 30 + 1) << "false alarms";
}

} // namespace
} // namespace sportello::test
