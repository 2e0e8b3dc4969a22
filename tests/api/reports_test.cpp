// Reports: the numbers are those of the event log, and single persons are seen by themselves only.
#include "desk.hpp"

#include <sportello/domain/automatic_answer.hpp>
#include <sportello/domain/report.hpp>
#include <sportello/storage/reports.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using simulator::Kind;
using test::body_of;
using test::Desk;
using test::House;
using test::HouseOptions;
using test::items_of;
using test::json;
using test::Person;

constexpr const char* new_york = "America/New_York";

domain::Calendar hours_in(const std::string& zone)
{
    domain::CalendarSpec spec;
    spec.time_zone = zone;
    for (auto& day : spec.weekly) day = {{9h, 18h}};
    return domain::Calendar::make(spec).value();
}

/// Facebook is of the brand tim, in Rome; X of impresa, in New York.
HouseOptions two_zones()
{
    HouseOptions options;
    options.automatic_assignment = false;
    options.brand_for_each_channel = true;
    options.poll = 10min;
    options.recheck = 24h;
    options.settings = [](engine::Settings& settings) {
        for (auto& brand : settings.brands) {
            brand.calendar = std::make_shared<const domain::Calendar>(hours_in(brand.id == "impresa" ? new_york : "Europe/Rome"));
        }
        settings.rules.clear();
    };
    return options;
}

class Reports : public testing::Test {
protected:
    Desk desk{two_zones()};
    Person anna = desk.person(domain::Role::agent, "anna");
    Person bruno = desk.person(domain::Role::agent, "bruno");
    Person vera = desk.person(domain::Role::supervisor, "vera");
    Person boss = desk.person(domain::Role::admin, "boss");

    static std::string address(std::int64_t id) { return "/v1/tickets/" + std::to_string(id); }
    void log_in_again()
    {
        for (Person* who : {&anna, &bruno, &vera, &boss}) desk.log_in_again(*who);
    }
    json report(const std::string& target) { return items_of(desk.get("/v1/reports/" + target, vera)); }

    /// People and customers do what they do, for some days, at all hours.
    void live(int steps)
    {
        std::mt19937 engine(17);
        const auto one_of = [&](auto count) { return static_cast<std::size_t>(engine()) % static_cast<std::size_t>(count); };
        for (int step = 0; step < steps; ++step) {
            desk.house.run_for(std::chrono::minutes(5 + one_of(150)));
            if (step % 3 == 0) log_in_again();
            const Person& who = one_of(2) == 0 ? anna : bruno;
            const auto last = desk.house.count("SELECT coalesce(max(id), 0) FROM ticket");
            const auto id = last == 0 ? 0 : 1 + static_cast<std::int64_t>(one_of(last));
            switch (id == 0 ? 0 : one_of(7)) {
            case 0:
            case 1: {
                const bool facebook = one_of(2) == 0;
                desk.house.customer_writes(facebook ? House::page : House::handle, facebook ? Kind::post : Kind::mention,
                                           "p" + std::to_string(one_of(15)), "la linea non va " + std::to_string(step));
                break;
            }
            case 2:
            case 3:
                (void)desk.post(address(id) + "/replies", who, {{"text", "Vediamo " + std::to_string(step)}, {"visibility", "public"}});
                break;
            case 4:
                (void)desk.patch(address(id), who, {{"status", one_of(3) == 0 ? "open" : "solved"}});
                break;
            case 5:
                (void)desk.patch(address(id), who, {{"labels", one_of(2) == 0 ? json{"fibra"} : json{"fibra", "bolletta"}}});
                break;
            case 6:
                if (one_of(2) == 0) (void)desk.patch(address(id), who, {{"aside", "noise"}});
                else (void)desk.post(address(id) + "/handover", who, {{"callback_number", "+39 333 1234567"}, {"note", "chiamare"}});
                break;
            }
        }
        desk.house.run_for(1h);
        log_in_again();
    }

    json log()
    {
        json events = json::array();
        for (std::int64_t since = 0;;) {
            const auto page = body_of(desk.get("/v1/events?since=" + std::to_string(since) + "&limit=100", boss));
            if (page.at("items").empty()) return events;
            for (const auto& event : page.at("items")) {
                events.push_back(event);
                since = event.at("seq").get<std::int64_t>();
            }
        }
    }
    base::Instant instant(const std::string& sql) { return base::from_micros(desk.house.count(sql)); }
};

using Counts = std::map<std::string, std::map<std::string, std::int64_t>>;

TEST_F(Reports, TellWhatAPlainRecomputationFromTheLogTells)
{
    desk.house.start();
    live(90);
    const domain::Calendar rome = hours_in("Europe/Rome");
    const domain::Calendar york = hours_in(new_york);
    std::map<std::int64_t, std::string> brand_of;
    std::map<std::int64_t, base::Instant> first_inbound;
    std::map<std::int64_t, std::pair<base::Instant, std::int64_t>> answer; // when, by whom
    std::set<std::int64_t> answered_replies;
    Counts by_day;
    std::map<std::string, std::int64_t> solved_by;
    for (const auto& ticket : desk.house.tickets()) brand_of[ticket.id.value] = ticket.brand;
    const auto calendar = [&](std::int64_t ticket) -> const domain::Calendar& { return brand_of[ticket] == "impresa" ? york : rome; };
    const auto day = [&](std::int64_t ticket, base::Instant at) { return domain::to_string(calendar(ticket).local_date(at)); };
    for (const auto& event : log()) {
        if (!event.contains("ticket")) continue;
        const auto ticket = event.at("ticket").get<std::int64_t>();
        const auto type = event.at("type").get<std::string>();
        const auto& data = event.at("data");
        if (type == "ticket.created" || type == "message.received") {
            const auto at = instant("SELECT at FROM message WHERE id = " + data.at("message").dump());
            ++by_day[day(ticket, at)]["received"];
            if (type == "ticket.created") ++by_day[day(ticket, at)]["opened"];
            if (data.value("reopened", false)) ++by_day[day(ticket, at)]["reopened"];
            if (!first_inbound.contains(ticket) || at < first_inbound[ticket]) first_inbound[ticket] = at;
        }
        if (type == "reply.published" && answered_replies.insert(data.at("reply").get<std::int64_t>()).second) {
            const auto reply = data.at("reply").dump();
            if (desk.house.count("SELECT count(*) FROM automatic_reply WHERE reply_id = " + reply) > 0) continue;
            const auto at = instant("SELECT published_at FROM reply WHERE id = " + reply);
            ++by_day[day(ticket, at)]["answered"];
            if (!answer.contains(ticket) || at < answer[ticket].first)
                answer[ticket] = {at, desk.house.count("SELECT agent_id FROM reply WHERE id = " + reply)};
        }
        const auto at = base::parse_rfc3339(event.at("at").get<std::string>()).value();
        if (type == "ticket.handed_over") ++by_day[day(ticket, at)]["handed_over"];
        if (type != "ticket.changed" || !data.contains("status")) continue;
        const bool solved = data.at("status") == "solved" && data.at("was") != "solved";
        if (solved) ++by_day[day(ticket, at)]["solved"];
        if (solved) ++solved_by[event.at("actor").dump()]; // nobody else solves here
        if (data.at("was") == "solved" && data.at("status") != "solved") ++by_day[day(ticket, at)]["reopened"];
    }

    Counts told;
    const std::string names[] = {"received", "answered", "opened", "solved", "reopened", "handed_over"};
    for (const auto& item : report("volume?group_by=day")) {
        for (const auto& name : names) {
            if (item.at(name) != 0) told[item.at("group").at("day").get<std::string>()][name] = item.at(name).get<std::int64_t>();
        }
    }
    EXPECT_EQ(told, by_day);
    EXPECT_GT(by_day.size(), 4u);
    std::int64_t solved = 0;
    for (const auto& [key, figures] : by_day) solved += figures.contains("solved") ? figures.at("solved") : 0;
    EXPECT_GT(solved, 3);
    // Every other grouping sums up to the same.
    for (const char* group : {"", "hour", "week", "brand", "channel", "outcome", "day,brand", "brand,outcome,week"}) {
        std::map<std::string, std::int64_t> sums;
        for (const auto& item : report(std::string("volume") + (*group ? "?group_by=" : "") + group)) {
            for (const auto& name : names) sums[name] += item.at(name).get<std::int64_t>();
        }
        EXPECT_EQ(sums["solved"], solved) << group;
        EXPECT_EQ(sums["opened"], static_cast<std::int64_t>(brand_of.size())) << group;
    }

    std::map<std::string, std::vector<std::int64_t>> office;
    std::map<std::string, std::vector<std::int64_t>> clock;
    for (const auto& [ticket, first] : answer) {
        const auto seconds = [](base::Duration duration) { return std::chrono::floor<std::chrono::seconds>(duration).count(); };
        for (const std::string& key : {std::string("all"), day(ticket, first.first)}) {
            office[key].push_back(seconds(calendar(ticket).between(first_inbound[ticket], first.first)));
            clock[key].push_back(seconds(first.first - first_inbound[ticket]));
        }
    }
    ASSERT_GE(office["all"].size(), 8u);
    const auto expect_durations = [&](const json& item, const std::string& key) {
        EXPECT_EQ(item.at("answered"), office[key].size()) << key;
        for (auto* one : {&office, &clock}) {
            auto& seconds = (*one)[key];
            std::ranges::sort(seconds);
            const std::string name = one == &office ? "office_" : "clock_";
            double sum = 0;
            for (const auto value : seconds) sum += static_cast<double>(value);
            EXPECT_NEAR(item.at(name + "mean_seconds").get<double>(), sum / static_cast<double>(seconds.size()), 1e-6) << key;
            const auto half = seconds.size() / 2;
            const double median =
                seconds.size() % 2 == 1 ? static_cast<double>(seconds[half]) : static_cast<double>(seconds[half - 1] + seconds[half]) / 2;
            EXPECT_EQ(item.at(name + "median_seconds").get<double>(), median) << key;
            const auto nine_of_ten = static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(seconds.size()))) - 1;
            EXPECT_EQ(item.at(name + "p90_seconds").get<double>(), static_cast<double>(seconds[nine_of_ten])) << key;
        }
    };
    expect_durations(report("first-response").at(0), "all");
    for (const auto& item : report("first-response?group_by=day")) expect_durations(item, item.at("group").at("day").get<std::string>());
    std::int64_t in_time = 0;
    for (const auto seconds : office["all"]) in_time += seconds <= 3600;
    const auto targets = report("targets").at(0);
    EXPECT_EQ(targets.at("in_time"), in_time);
    EXPECT_EQ(targets.at("late"), static_cast<std::int64_t>(office["all"].size()) - in_time);

    ASSERT_EQ(desk.put("/v1/reports/per-person", boss, {{"enabled", true}}).status, 200);
    for (const auto& item : report("agents")) {
        const auto id = item.at("group").at("agent").get<std::string>();
        EXPECT_EQ(item.at("solved"), solved_by[id]) << id;
        const auto firsts = std::ranges::count_if(answer, [&](const auto& one) { return std::to_string(one.second.second) == id; });
        EXPECT_EQ(item.at("first_responses"), firsts) << id;
    }
    // And a log that is read anew tells the same.
    const auto before = desk.get("/v1/reports/volume?group_by=hour,channel&to=2027-01-01&from=2026-01-01", vera).body;
    auto forget = [](storage::Transaction& tx) -> base::Result<void> {
        for (const char* sql :
             {"DELETE FROM report_fact", "DELETE FROM report_ticket", "DELETE FROM reader_place WHERE reader = 'reports'"}) {
            tx.run(sql);
        }
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(forget));
    EXPECT_EQ(desk.get("/v1/reports/volume?group_by=hour,channel&to=2027-01-01&from=2026-01-01", vera).body, before);
}

TEST_F(Reports, SinglePersonsAreSeenByThemselvesUntilAnAdminSaysOtherwise)
{
    for (const char* target : {"agents", "agents?agent=1", "volume?group_by=agent", "first-response?group_by=day,agent", "targets?agent=1",
                               "ratings?group_by=agent", "incidents?group_by=agent&format=csv", "promises?group_by=agent"}) {
        const auto refused = desk.get("/v1/reports/" + std::string(target), vera);
        EXPECT_EQ(refused.status, 403) << target;
        EXPECT_NE(body_of(refused).at("detail").get<std::string>().find("admin"), std::string::npos);
    }
    EXPECT_EQ(desk.get("/v1/reports/volume", anna).status, 403) << "of all together: for supervisors";
    EXPECT_EQ(desk.get("/v1/reports/agents?agent=" + std::to_string(bruno.id), anna).status, 403);
    for (const char* target : {"agents", "volume", "first-response", "targets", "ratings", "incidents"}) {
        EXPECT_EQ(desk.get("/v1/reports/" + std::string(target) + "?agent=me", anna).status, 200) << target;
    }
    EXPECT_EQ(desk.put("/v1/reports/per-person", vera, {{"enabled", true}}).status, 403);
    EXPECT_EQ(body_of(desk.get("/v1/reports/per-person", vera)).at("enabled"), false);
    for (int i = 0; i < 2; ++i) ASSERT_EQ(desk.put("/v1/reports/per-person", boss, {{"enabled", true}}).status, 200);
    EXPECT_EQ(desk.get("/v1/reports/agents", vera).status, 200);
    EXPECT_EQ(desk.get("/v1/reports/agents?agent=" + std::to_string(bruno.id), anna).status, 403) << "still not each other's";
    std::int64_t turns = 0;
    for (const auto& event : log()) turns += event.at("type") == "reports.persons_switched" && event.value("actor", 0) == boss.id;
    EXPECT_EQ(turns, 1) << "written into the log once";
    ASSERT_EQ(desk.put("/v1/reports/per-person", boss, {{"enabled", false}}).status, 200);
    EXPECT_EQ(desk.get("/v1/reports/agents", vera).status, 403);
}

TEST_F(Reports, AreFilteredAndGivenAsCsv)
{
    desk.house.customer_writes(House::handle, Kind::mention, "mara", "fibra assente");
    EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto id = desk.house.count("SELECT max(id) FROM ticket");
    ASSERT_EQ(desk.patch(address(id), anna, {{"labels", {"=cmd|calc", "fibra"}}}).status, 200);
    EXPECT_EQ(report("volume?label=fibra").at(0).at("received"), 1);
    EXPECT_EQ(report("volume?label=rame").at(0).at("received"), 0);
    EXPECT_EQ(report("volume?brand=tim").at(0).at("received"), 0);
    EXPECT_EQ(report("volume?brand=impresa&channel=tim-x&outcome=open").at(0).at("received"), 1);
    EXPECT_EQ(report("volume?from=2020-01-01&to=2020-02-01").at(0).at("received"), 0);
    EXPECT_EQ(report("volume?group_by=label").size(), 2u);
    const auto csv = desk.get("/v1/reports/volume?group_by=label,channel&format=csv", vera);
    EXPECT_EQ(csv.status, 200);
    EXPECT_EQ(csv.body, "label,channel,received,answered,opened,solved,reopened,handed_over\r\n"
                        "'=cmd|calc,tim-x,1,0,1,0,0,0\r\nfibra,tim-x,1,0,1,0,0,0\r\n");
    for (const char* bad : {"volume?group_by=moon", "volume?group_by=day,day", "volume?from=2020-01-01", "volume?from=2026-02-30",
                            "volume?from=2026-03-02&to=2026-03-01", "volume?agent=she", "volume?format=xml", "volume?brand=none",
                            "volume?group_by=day,week,hour,brand", "volume?outcome=won"}) {
        EXPECT_EQ(desk.get("/v1/reports/" + std::string(bad), vera).status, 400) << bad;
    }
    const auto carla = desk.person(domain::Role::supervisor, "carla", {"tim"});
    EXPECT_EQ(items_of(desk.get("/v1/reports/volume", carla)).at(0).at("received"), 0) << "another brand's";
    EXPECT_EQ(desk.get("/v1/reports/volume?brand=impresa", carla).status, 400);
}

TEST_F(Reports, OfTodayAreToBeHadFromTheDaysFirstHour)
{
    desk.house.clock.set(base::parse_rfc3339("2026-03-02T23:30:00Z").value()); // half past midnight in Rome
    const auto nora = desk.person(domain::Role::supervisor, "nora");           // who logs in at this hour
    const auto received = [&](const std::string& query) {
        return items_of(desk.get("/v1/reports/volume?brand=tim&" + query, nora)).at(0).at("received").get<int>();
    };
    EXPECT_EQ(received("from=2026-03-03"), 0);
    desk.house.customer_writes(House::page, Kind::post, "mara", "fibra assente");
    EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
    EXPECT_EQ(received("from=2026-03-03"), 1);
    EXPECT_EQ(received("from=2026-03-02&to=2026-03-03"), 0) << "not yesterday's";
    for (const char* bad : {"from=2026-03-04", "from=2026-03-02T23:30:01Z", "from=2026-03-03&to=2026-03-02"}) {
        EXPECT_EQ(desk.get("/v1/reports/volume?" + std::string(bad), nora).status, 400) << bad;
    }
}

TEST_F(Reports, OutcomesFollowTheTicket)
{
    const auto outcome_of = [&](std::int64_t id) {
        (void)report("volume");
        const auto found = desk.house.read([&](storage::Transaction& tx) -> base::Result<std::string> {
            return tx
                .first(
                    "SELECT outcome FROM report_ticket WHERE ticket_id = $1", [](const storage::Row& row) { return row.string(0); }, id)
                .value_or("");
        });
        return found.value();
    };
    const auto id = desk.ticket_from_x("mara", "la linea non va");
    EXPECT_EQ(outcome_of(id), "open");
    ASSERT_EQ(desk.patch(address(id), anna, {{"status", "solved"}}).status, 200);
    EXPECT_EQ(outcome_of(id), "no_answer_possible");
    ASSERT_EQ(desk.patch(address(id), anna, {{"status", "open"}}).status, 200);
    ASSERT_EQ(desk.patch(address(id), anna, {{"aside", "noise"}}).status, 200);
    EXPECT_EQ(outcome_of(id), "noise");
}

TEST(ReportsWithReasons, WhoSolvesSaysWhyWhenTheConfigurationAsks)
{
    Desk desk;
    auto turn = [](storage::Transaction& tx) -> base::Result<void> {
        storage::switch_on(tx, storage::require_reason, true, domain::counter_itself, base::Instant());
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(turn));
    const auto anna = desk.person(domain::Role::agent, "anna");
    const auto id = "/v1/tickets/" + std::to_string(desk.ticket_from_x("mara", "la linea non va"));
    const auto refused = desk.patch(id, anna, {{"status", "solved"}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(body_of(refused).at("errors").at(0).at("pointer"), "/status_reason");
    EXPECT_EQ(desk.patch(id, anna, {{"status", "pending"}}).status, 200);
    EXPECT_EQ(desk.patch(id, anna, {{"status", "solved"}, {"status_reason", "modem riavviato"}}).status, 200);
}

} // namespace
} // namespace sportello
