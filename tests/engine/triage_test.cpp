// Rules at work: on messages, changes, deliveries and time; each firing once, explained, and never in circles.
#include "support/house.hpp"

#include <sportello/engine/rule_play.hpp>
#include <sportello/storage/triage.hpp>

#include <nlohmann/json.hpp>

namespace sportello::test {
namespace {

using domain::Priority;
using domain::TicketStatus;
using domain::TriageRule;
using domain::TriageTrigger;
using simulator::Kind;

TriageRule rule_of(std::string name, TriageTrigger trigger = TriageTrigger::message)
{
    TriageRule rule;
    rule.name = std::move(name);
    rule.trigger = trigger;
    return rule;
}

domain::TextPattern pattern(const char* text)
{
    return domain::TextPattern::compile(text).value();
}

HouseOptions with_rules(std::vector<TriageRule> rules, bool office_always_open = true)
{
    HouseOptions options{.office_always_open = office_always_open, .agents = 1, .poll = 50s, .recheck = 1h, .poll_closed = 10min};
    options.settings = [rules = std::move(rules)](engine::Settings& settings) { settings.rules = rules; };
    return options;
}

std::vector<nlohmann::json> fired(House& house)
{
    return house
        .read([](storage::Transaction& tx) -> base::Result<std::vector<nlohmann::json>> {
            return tx.all("SELECT data FROM event WHERE type = 'rule.fired' ORDER BY seq",
                          [](const storage::Row& row) { return nlohmann::json::parse(row.text(0)); });
        })
        .value();
}

std::vector<std::string> labels(House& house, domain::TicketId ticket)
{
    return house.read([&](storage::Transaction& tx) -> base::Result<std::vector<std::string>> { return storage::labels_of(tx, ticket); })
        .value();
}

void ask(House& house, const std::string& who, const std::string& text)
{
    house.customer_writes(House::handle, Kind::mention, who, "@TIM_Sportello " + text);
    house.run_for(1min);
}

TEST(Rules, JudgeAMessageBeforeItsTicketIsHandedOut)
{
    auto first = rule_of("guasti");
    first.when.text = pattern("linea");
    first.then.labels = {"guasto"};
    first.then.priority = Priority::high;
    first.then.proposal = "scuse-guasto";
    auto second = rule_of("dopo"); // sees what the first did
    second.when.labels = {"guasto"};
    second.then.team = "tecnici";
    second.stop = true;
    auto third = rule_of("mai");
    third.then.labels = {"troppo"};
    House house(with_rules({first, second, third}));
    house.start();
    ask(house, "mara", "la LINEA è muta");
    const auto ticket = house.tickets().front();
    EXPECT_EQ(ticket.priority, Priority::high);
    EXPECT_EQ(ticket.priority_why, "rule \"guasti\"");
    EXPECT_EQ(ticket.team, "tecnici");
    EXPECT_EQ(ticket.language, "it");
    EXPECT_EQ(labels(house, ticket.id), std::vector<std::string>{"guasto"});
    const auto events = fired(house);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].at("rule"), "guasti");
    EXPECT_EQ(events[0].at("why"), "text matches \"linea\"");
    EXPECT_EQ(events[0].at("did"), nlohmann::json::parse(R"(["label guasto", "priority high", "proposes the answer scuse-guasto"])"));
    EXPECT_EQ(house.count("SELECT count(*) FROM reply_proposal WHERE canned_reply = 'scuse-guasto'"), 1);
    ask(house, "luca", "la fattura è sbagliata");
    EXPECT_EQ(labels(house, house.tickets().back().id), std::vector<std::string>{"troppo"});
}

TEST(Rules, OnChangesFireWhenTheirConditionsComeToHoldAndAgainOnlyAfterTheyCeased)
{
    auto rule = rule_of("urgente", TriageTrigger::change);
    rule.when.priorities = {Priority::urgent};
    rule.then.labels = {"capo"};
    House house(with_rules({rule}));
    house.start();
    ask(house, "mara", "aiuto");
    const auto id = house.tickets().front().id;
    const auto set = [&](std::optional<Priority> priority, std::optional<std::vector<std::string>> wanted = std::nullopt) {
        engine::TicketChange change;
        change.priority = priority;
        change.labels = std::move(wanted);
        ASSERT_TRUE(house.run(house.engine->ticketing().change(id, change, house.as(1))));
        house.run_for(5s);
    };
    set(Priority::high);
    EXPECT_TRUE(labels(house, id).empty());
    set(Priority::urgent);
    EXPECT_EQ(labels(house, id), std::vector<std::string>{"capo"});
    set(std::nullopt, std::vector<std::string>{}); // a person takes the label away: the rule does not insist
    EXPECT_TRUE(labels(house, id).empty());
    house.crash_and_restart();
    house.run_for(1min);
    EXPECT_TRUE(labels(house, id).empty()) << "nothing fires a second time after a crash";
    set(Priority::low);
    set(Priority::urgent);
    EXPECT_EQ(labels(house, id), std::vector<std::string>{"capo"});
    EXPECT_EQ(fired(house).size(), 2U);
}

TEST(Rules, ThatUndoEachOtherEnd)
{
    auto up = rule_of("su", TriageTrigger::change);
    up.when.priorities = {Priority::low};
    up.then.priority = Priority::high;
    auto down = rule_of("giù", TriageTrigger::change);
    down.when.priorities = {Priority::high};
    down.then.priority = Priority::low;
    House house(with_rules({up, down}));
    house.start();
    ask(house, "mara", "aiuto");
    engine::TicketChange change;
    change.priority = Priority::low;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(house.tickets().front().id, change, house.as(1))));
    house.run_for(10min);
    const auto events = fired(house);
    EXPECT_GE(events.size(), 2U);
    EXPECT_LE(events.size(), 4U) << "rules run in circles";
}

TEST(Rules, OfTimeCountOfficeTimeAndFireOnceOnEachOccasion)
{
    auto rule = rule_of("aspetta", TriageTrigger::time);
    rule.when.after = 30min;
    rule.when.since = domain::TriageClock::received;
    rule.then.priority = Priority::urgent;
    House house(with_rules({rule}, false)); // 9 to 18, Monday to Friday
    house.clock.set(base::parse_rfc3339("2026-03-03T17:50:00+01:00").value());
    house.start();
    ask(house, "mara", "la linea è muta");
    house.run_for(14h); // until 7:51 of the next day: ten minutes of the office's time
    EXPECT_TRUE(fired(house).empty());
    house.crash_and_restart();
    house.run_for(85min); // 9:16
    EXPECT_TRUE(fired(house).empty());
    house.run_for(10min); // 9:26
    ASSERT_EQ(fired(house).size(), 1U);
    EXPECT_EQ(fired(house)[0].at("why"), "30 office minutes since received");
    EXPECT_EQ(house.tickets().front().priority, Priority::urgent);
    house.run_for(2h);
    EXPECT_EQ(fired(house).size(), 1U);
}

TEST(Rules, OfTimeStopWaitingWhenTheAnswerIsThere)
{
    auto rule = rule_of("aspetta", TriageTrigger::time);
    rule.when.after = 30min;
    rule.then.labels = {"tardi"};
    auto quiet = rule_of("silenzio", TriageTrigger::time);
    quiet.when.after = 3h;
    quiet.when.since = domain::TriageClock::answered;
    quiet.then.labels = {"tace"};
    House house(with_rules({rule, quiet}));
    house.start();
    ask(house, "mara", "la linea è muta");
    engine::ReplyDraft draft;
    draft.text = "Ci pensiamo noi.";
    ASSERT_TRUE(house.run(house.engine->outbox().accept(house.tickets().front().id, draft, house.as(1))));
    house.run_for(2h);
    EXPECT_TRUE(fired(house).empty());
    house.run_for(70min);
    EXPECT_EQ(labels(house, house.tickets().front().id), std::vector<std::string>{"tace"});
    EXPECT_EQ(house.count("SELECT count(*) FROM rule_due"), 0);
}

TEST(Rules, AreToldOfADelivery)
{
    auto rule = rule_of("fallita", TriageTrigger::delivery);
    rule.when.deliveries = {domain::Delivery::published};
    rule.then.labels = {"risposto"};
    House house(with_rules({rule}));
    house.start();
    ask(house, "mara", "la linea è muta");
    engine::ReplyDraft draft;
    draft.text = "Ci pensiamo noi.";
    ASSERT_TRUE(house.run(house.engine->outbox().accept(house.tickets().front().id, draft, house.as(1))));
    house.run_for(1min);
    EXPECT_EQ(labels(house, house.tickets().front().id), std::vector<std::string>{"risposto"});
    EXPECT_EQ(fired(house).size(), 1U);
}

TEST(Rules, OfALaterConfigurationLookAtOpenTicketsAndNotAtOldEvents)
{
    House house(with_rules({}));
    house.start();
    ask(house, "mara", "la linea è muta");
    auto rule = rule_of("aspetta", TriageTrigger::time);
    rule.when.after = 30min;
    rule.then.labels = {"tardi"};
    auto change = rule_of("cambio", TriageTrigger::change);
    change.then.labels = {"visto"};
    house.options = with_rules({rule, change});
    house.crash_and_restart();
    house.run_for(20min);
    EXPECT_TRUE(fired(house).empty());
    house.run_for(15min);
    EXPECT_EQ(labels(house, house.tickets().front().id), (std::vector<std::string>{"tardi", "visto"})) << "the firing is a change";
}

TEST(Noise, WaitsApartUntilSomebodyAsksOrAPersonBringsItBack)
{
    House house(with_rules({}));
    house.start();
    const auto root = house.customer_writes(House::page, Kind::post, "Sara", "😂😂😂");
    house.run_for(1min);
    const auto aside = house.tickets().front();
    EXPECT_EQ(aside.aside, "noise");
    EXPECT_FALSE(aside.assignee);
    EXPECT_FALSE(storage::queue_rank(aside));
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'ticket.set_aside'"), 1);
    house.customer_writes(House::page, Kind::comment, "Sara", "ma quando torna la linea?", root);
    house.run_for(1min);
    EXPECT_EQ(house.tickets().front().aside, "");
    EXPECT_EQ(house.count("SELECT count(*) FROM event WHERE type = 'ticket.brought_back'"), 1);
    house.run_for(11min);
    EXPECT_TRUE(house.tickets().front().assignee) << "it waits like any other now";

    house.customer_writes(House::page, Kind::post, "Luca", "👍");
    house.run_for(1min);
    const auto second = house.tickets().back();
    EXPECT_EQ(second.aside, "noise");
    engine::TicketChange change;
    change.aside = "";
    ASSERT_TRUE(house.run(house.engine->ticketing().change(second.id, change, house.as(1))));
    EXPECT_TRUE(storage::queue_rank(house.ticket(second.id)));
    change.aside = "rubbish";
    EXPECT_FALSE(house.run(house.engine->ticketing().change(second.id, change, house.as(1))));
}

TEST(RulePlay, ShowsWhatRulesWouldHaveDoneAndWritesNothing)
{
    House house(with_rules({}));
    house.start();
    ask(house, "mara", "la linea è muta, chiamate il 333 1234567");
    ask(house, "luca", "la linea è muta anche qui");
    ask(house, "anna", "la fattura è sbagliata");
    house.run_for(2h);
    engine::Settings settings = house.engine->settings();
    auto rule = rule_of("guasti");
    rule.when.text = pattern("muta");
    rule.then.labels = {"guasto"};
    auto late = rule_of("tardi", TriageTrigger::time);
    late.when.after = 1h;
    late.then.priority = Priority::urgent;
    settings.rules = {rule, late};
    const auto before = house.count("SELECT count(*) FROM event");
    const auto now = house.clock.now();
    const auto play = house
                          .read([&](storage::Transaction& tx) -> base::Result<engine::RulePlay> {
                              return engine::play_rules(tx, settings, now - 24h, now);
                          })
                          .value();
    EXPECT_EQ(play.messages, 3);
    EXPECT_EQ(play.tickets, 3);
    ASSERT_EQ(play.rules.size(), 2U);
    EXPECT_EQ(play.rules[0].fired, 2);
    EXPECT_EQ(play.rules[0].tickets, 2);
    EXPECT_EQ(play.rules[0].samples.at(0).text, "@TIM_Sportello la linea è muta, chiamate il •••••");
    EXPECT_EQ(play.rules[1].fired, 3);
    EXPECT_EQ(house.count("SELECT count(*) FROM event"), before);
    EXPECT_EQ(house.count("SELECT count(*) FROM rule_firing"), 0);
    const auto nothing =
        house.read([&](storage::Transaction& tx) -> base::Result<engine::RulePlay> { return engine::play_rules(tx, settings, now, now); })
            .value();
    EXPECT_EQ(nothing.messages, 0);
}

} // namespace
} // namespace sportello::test
